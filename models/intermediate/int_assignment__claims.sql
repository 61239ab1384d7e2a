{{ config(materialized='table') }}

{{ linked_claims('assignment') }}
