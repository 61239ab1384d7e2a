{{ config(materialized='table') }}

{{ linked_claims('rate') }}
