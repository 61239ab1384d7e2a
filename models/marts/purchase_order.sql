{{ canonical('purchase_order') }}
