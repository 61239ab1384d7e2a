{{ canonical('invoice_line') }}
