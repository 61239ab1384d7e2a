{{ config(materialized='table') }}

{{ all_claims('exchange_rate') }}
