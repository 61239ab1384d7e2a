{{ config(materialized='table') }}

{{ linked_claims('customer') }}
