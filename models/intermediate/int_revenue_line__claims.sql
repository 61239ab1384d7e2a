{{ config(materialized='table') }}

{{ linked_claims('revenue_line') }}
