{{ config(materialized='table') }}

{{ linked_claims('project') }}
