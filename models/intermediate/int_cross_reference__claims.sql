{{ config(materialized='table') }}

{{ all_claims('cross_reference') }}
