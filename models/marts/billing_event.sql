{{ config(materialized='view') }}

{{ canonical('billing_event') }}
