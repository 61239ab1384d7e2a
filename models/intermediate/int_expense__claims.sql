{{ config(materialized='table') }}

{{ linked_claims('expense') }}
