{{ config(materialized='view', schema='intermediate', enabled=is_configured('revenue_register')) }}

-- What revenue accounting hands in and no export states: cost incurred, estimates, what of a fixed fee was accepted (a share
-- is one of the fee that was signed by then), stand-alone selling prices, by what a line is earned, whether an invoice can be cancelled,
-- costs of a contract and what of them is not recoverable. An entry counts in the month of its day, and where that was closed when the
-- entry was made in the month whose cut-off was still ahead. One that cannot be used says why: it names an agreement nobody knows (that
-- name then stands for the agreement), a line or an invoice that the agreement does not have, is in another currency than the agreement,
-- says what milestones of the PSA say, or was set aside as it stands now. Cost and estimates of a line nobody knows wait for its
-- signature.
with known_lines as (

    select agreement_id, obligation_key from {{ ref('evidence_terms') }} where obligation_key is not null
    union
    select agreement_id, agreement_line_key from {{ ref('int_agreement__version_lines') }}
    union
    select agreement_id, agreement_line_key from {{ ref('int_agreement_line__terms') }}
    union
    select agreement_id, obligation_key from {{ ref('evidence_variable') }}

),

invoices as (

    select distinct agreement_id, {{ json_value('attributes', '$.document') }} as document_number
    from {{ ref('evidence_documents') }}
    where kind = 'invoiced'

),

accepted as (

    select obligation_key, count(*) as milestones from {{ ref('evidence_deliveries') }} where kind = 'accepted' group by obligation_key

),

by_acceptance as (

    select distinct obligation_key from ({{ stated_methods() }}) as stated where method in ('milestone', 'fixed_fee')

),

entries as (

    select
        entries.*,
        agreement.agreement_id,
        aside.key is not null as is_aside,
        agreement.agreement_id is null as is_unknown,
        coalesce(entries.kind not in ('contract_cost', 'impaired') and entries.currency <> agreement.currency, false) as is_foreign,
        entries.kind not in ('cost', 'estimate', 'right_to_consideration') and entries.obligation_key is not null
        and known_lines.obligation_key is null as is_unknown_line,
        coalesce(entries.kind = 'accepted' and terms.billing_type not in ('fixed_fee', 'milestone') and by_acceptance.obligation_key is null, false) as is_no_fixed_fee,
        entries.kind = 'accepted' and accepted.milestones is not null as is_accepted_already,
        entries.kind = 'right_to_consideration' and invoices.document_number is null as is_unknown_invoice,
        {{ period_reached('entries.happened_on', 'entries.recorded_at') }} as period
    from {{ ref('stg_revenue_register__entries') }} as entries
    left join {{ ref('int_agreement__keys') }} as keys on keys.agreement_number = entries.agreement_number
    left join {{ ref('agreement') }} as agreement on agreement.agreement_id = keys.agreement_id
    left join known_lines
        on known_lines.agreement_id = agreement.agreement_id and known_lines.obligation_key = entries.obligation_key
    left join {{ ref('int_agreement_line__terms') }} as terms on terms.agreement_line_key = known_lines.obligation_key
    left join accepted on accepted.obligation_key = known_lines.obligation_key
    left join by_acceptance on by_acceptance.obligation_key = known_lines.obligation_key
    left join invoices on invoices.agreement_id = agreement.agreement_id and invoices.document_number = entries.document_number
    left join {{ ref('int_calendar__cut_offs') }} as cut_offs on cut_offs.day = cast(entries.recorded_at as date)
    left join {{ last_set_aside('entries') }} as aside
        on aside.connection = entries.connection and aside.key = entries.entry_id and aside.row_id > entries.row_id

),

fees as (

    -- The fixed fee of a line as it was signed by the month of an acceptance; one that is signed later has what it is signed with.
    select
        entries.connection,
        entries.entry_id,
        cast(coalesce(
            sum(case when signed.period <= entries.period then signed.amount end), min_by(signed.amount, signed.version_no)
        ) as decimal(18, 4)) as fee_amount
    from entries
    inner join {{ ref('evidence_terms') }} as signed
        on signed.kind = 'signed' and signed.agreement_id = entries.agreement_id and signed.obligation_key = entries.obligation_key
    where entries.kind = 'accepted'
    group by entries.connection, entries.entry_id

)

select
    coalesce(entries.agreement_id, entries.agreement_number) as agreement_id,
    kind,
    happened_on,
    period,
    cast(null as integer) as version_no,
    obligation_key,
    case when not is_foreign then currency end as currency,
    case
        when is_foreign then null
        when share <> 0 then cast(share * fees.fee_amount as decimal(18, 4))
        else amount
    end as amount,
    quantity,
    cast(null as string) as unit,
    {{ json_of([
        ('uninstalled', 'is_uninstalled'),
        ('wasted', 'is_wasted'),
        ('limits_progress', 'limits_progress'),
        ('exit_penalty', 'exit_penalty_amount'),
        ('share', 'share'),
        ('method', 'method'),
        ('ssp_method', 'ssp_method'),
        ('ssp_low', 'ssp_low_amount'),
        ('ssp_high', 'ssp_high_amount'),
        ('bundle', 'bundle'),
        ('bundle_price', 'bundle_price_amount'),
        ('document', 'document_number'),
        ('cancellable', 'is_cancellable'),
        ('name', 'cost_name'),
        ('purpose', 'purpose'),
        ('benefit_from', 'benefit_from'),
        ('benefit_until', 'benefit_until'),
        ('incremental', 'is_incremental'),
        ('chargeable', 'is_chargeable'),
        ('relates_to_contract', 'relates_to_contract'),
        ('creates_resources', 'creates_resources'),
        ('recoverable', 'is_recoverable'),
        ('own_standard', 'has_own_standard'),
        ('problem', "case when is_aside then 'entry_set_aside' when is_unknown then 'unknown_agreement' when is_foreign then 'currency_differs' "
            ~ "when is_unknown_line then 'unknown_obligation' when is_no_fixed_fee then 'no_fixed_fee' "
            ~ "when is_accepted_already then 'stated_by_exports' when is_unknown_invoice then 'unknown_invoice' end"),
        ('message', "case when is_aside then concat('Entry ', entries.entry_id, ' was set aside as it stands now, and counts no longer as it was') "
            ~ "when is_unknown then concat('Entry ', entries.entry_id, ' (', kind, ') is about ', agreement_number, ', an agreement that no system knows') "
            ~ "when is_foreign then concat('Entry ', entries.entry_id, ' (', kind, ') is in ', currency, ', its agreement in another currency') "
            ~ "when is_unknown_line then concat('Entry ', entries.entry_id, ' (', kind, ') is about ', obligation_key, ', which is no line of ', agreement_number) "
            ~ "when is_no_fixed_fee then concat('Entry ', entries.entry_id, ' says what of ', obligation_key, ' was accepted, and that line has no fixed fee') "
            ~ "when is_accepted_already then concat('Entry ', entries.entry_id, ' says what of ', obligation_key, ' was accepted, and so do milestones of the PSA') "
            ~ "when is_unknown_invoice then concat('Entry ', entries.entry_id, ' is about invoice ', document_number, ', which ', agreement_number, ' does not have') end"),
        ('then', "case when is_aside then 'Correct the entry as the quarantine says, or take it out.' "
            ~ "when is_unknown then 'Correct the agreement number in the register; it counts from the next run on.' "
            ~ "when is_foreign then 'State it in the currency of the agreement, at a rate that is written down.' "
            ~ "when is_unknown_line then 'Correct the obligation in the register: it is the key of the agreement line.' "
            ~ "when is_no_fixed_fee then 'Take the entry out, or correct its obligation.' "
            ~ "when is_accepted_already then 'Take the entry out, or it would count twice; correct the milestones in their system.' "
            ~ "when is_unknown_invoice then 'Correct the number of the invoice or of the agreement in the register.' end"),
    ]) }} as attributes,
    entries.connection,
    'entries' as object,
    entries.entry_id as source_id,
    row_id,
    1 as records
from entries
left join fees on fees.connection = entries.connection and fees.entry_id = entries.entry_id
