{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- One row per version the order has lines of, and the version its header names.
with versions as (

    select
        line.connection,
        line.transaction_id,
        line.sow_version as version_no,
        max(line.agreement_number) as agreement_number,
        -sum(line.foreign_amount) as delta_amount,
        max(line.currency) as currency,
        max(line.updated_at) as updated_at
    from {{ ref('netsuite__lines') }} as line
    where
        line.transaction_type = 'SalesOrd' and not line.is_main_line and not line.is_tax_line
        and line.sow_version is not null and not line.is_voided
    group by line.connection, line.transaction_id, line.sow_version

),

claim as (

    select
        header.row_id,
        header.connection,
        header.transaction_id || '/' || cast(coalesce(versions.version_no, header.sow_version) as string) as source_id,
        coalesce(versions.updated_at, header.updated_at) as updated_at,
        coalesce(header.sow_number, versions.agreement_number) as agreement_number,
        header.transaction_id as agreement_ref,
        coalesce(versions.version_no, header.sow_version) as version_no,
        case when coalesce(versions.version_no, header.sow_version) = 1 then 'original' when versions.delta_amount < 0 then 'reduction' else 'amendment' end as kind,
        versions.delta_amount,
        coalesce(versions.currency, header.currency) as currency
    from {{ ref('netsuite__documents') }} as header
    left join versions
        on versions.connection = header.connection and versions.transaction_id = header.transaction_id
    where
        header.transaction_type = 'SalesOrd' and not header.is_voided
        and coalesce(versions.version_no, header.sow_version) is not null

)

{{ claims(
    'agreement_version', 'netsuite', 'ERP', 'transaction',
    missing=['is_signed', 'signed_on', 'activated_at', 'movement_label', 'movement_cause']
) }}
