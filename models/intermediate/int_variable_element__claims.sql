{{ config(materialized='table') }}

{{ linked_claims('variable_element') }}
