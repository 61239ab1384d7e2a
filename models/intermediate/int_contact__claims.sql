{{ config(materialized='table') }}

{{ linked_claims('contact') }}
