{{ config(materialized='table') }}

{{ linked_claims('journal_line') }}
