{{ config(materialized='view') }}

{{ canonical('journal_line') }}
