{{ config(enabled=is_configured('revenue_register')) }}

with current_rows as (

    {{ current_rows('revenue_register', 'entries', ['entry_id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('entry_id') }} as entry_id,
    {{ as_instant('recorded_at') }} as recorded_at,
    trim({{ as_text('agreement_number') }}) as agreement_number,
    trim({{ as_text('obligation') }}) as obligation_key,
    lower({{ as_text('kind') }}) as kind,
    {{ as_date('happened_on') }} as happened_on,
    upper(trim({{ as_text('currency') }})) as currency,
    {{ as_amount('amount') }} as amount,
    {{ as_hours('quantity') }} as quantity,
    {{ as_boolean('uninstalled') }} as is_uninstalled,
    {{ as_boolean('wasted') }} as is_wasted,
    {{ as_boolean('limits_progress') }} as limits_progress,
    {{ as_amount('exit_penalty') }} as exit_penalty_amount,
    {{ as_share('share') }} as share,
    lower({{ as_text('method') }}) as method,
    lower({{ as_text('ssp_method') }}) as ssp_method,
    {{ as_amount('ssp_low') }} as ssp_low_amount,
    {{ as_amount('ssp_high') }} as ssp_high_amount,
    {{ as_text('bundle') }} as bundle,
    {{ as_amount('bundle_price') }} as bundle_price_amount,
    trim({{ as_text('document') }}) as document_number,
    {{ as_boolean('cancellable') }} as is_cancellable,
    {{ as_text('cost_name') }} as cost_name,
    lower({{ as_text('purpose') }}) as purpose,
    {{ as_date('benefit_from') }} as benefit_from,
    {{ as_date('benefit_until') }} as benefit_until,
    {{ as_boolean('incremental') }} as is_incremental,
    {{ as_boolean('chargeable') }} as is_chargeable,
    {{ as_boolean('relates_to_contract') }} as relates_to_contract,
    {{ as_boolean('creates_resources') }} as creates_resources,
    {{ as_boolean('recoverable') }} as is_recoverable,
    {{ as_boolean('own_standard') }} as has_own_standard,
    {{ as_text('remark') }} as remark
from current_rows
