{{ config(materialized='table') }}

{{ linked_claims('invoice') }}
