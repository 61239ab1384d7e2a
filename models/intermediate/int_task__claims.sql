{{ config(materialized='table') }}

{{ linked_claims('task') }}
