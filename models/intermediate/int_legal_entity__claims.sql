{{ config(materialized='table') }}

{{ linked_claims('legal_entity') }}
