{{ config(materialized='table') }}

{{ linked_claims('obligation') }}
