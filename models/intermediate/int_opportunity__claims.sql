{{ config(materialized='table') }}

{{ linked_claims('opportunity') }}
