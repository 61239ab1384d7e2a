{{ config(materialized='table') }}

{{ linked_claims('agreement') }}
