{{ config(materialized='table') }}

{{ linked_claims('milestone') }}
