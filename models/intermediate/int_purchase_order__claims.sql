{{ config(materialized='table') }}

{{ linked_claims('purchase_order') }}
