{{ config(materialized='table') }}

{{ linked_claims('payment') }}
