{{ config(materialized='table') }}

{{ all_claims('accounting_period') }}
