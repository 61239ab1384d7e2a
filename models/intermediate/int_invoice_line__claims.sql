{{ config(materialized='table') }}

{{ linked_claims('invoice_line') }}
