{{ config(materialized='table') }}

{{ linked_claims('person') }}
