{{ config(tags=['computed']) }}

-- Rendered from contracts/metrics by `tieout render`; do not edit.
-- What every metric is made of, by month and whose it is: one scan of each relation.
with agreement_lines as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(annual_recurring_fees) as annual_recurring_fees,
        count(annual_recurring_fees) as annual_recurring_fees_records,
        sum(caps) as caps,
        count(caps) as caps_records,
        sum(fixed_fees) as fixed_fees,
        count(fixed_fees) as fixed_fees_records,
        sum(milestone_fees) as milestone_fees,
        count(milestone_fees) as milestone_fees_records,
        sum(planned_fixed_fee_hours) as planned_fixed_fee_hours,
        count(planned_fixed_fee_hours) as planned_fixed_fee_hours_records,
        sum(recurring_fees) as recurring_fees,
        count(recurring_fees) as recurring_fees_records,
        sum(time_estimates) as time_estimates,
        count(time_estimates) as time_estimates_records
    from (
        select
            cast(null as string) as book,
            line.currency as currency,
            {{ period_of('cast(agreement.signed_at as date)') }} as period,
            cast(null as string) as legal_entity_id,
            cast(null as string) as customer_id,
            line.agreement_id as agreement_id,
            cast(null as string) as project_id,
            case when line.billing_type = 'managed_service' then {{ share_of('line.value_amount', '365', 'line.days') }} end as annual_recurring_fees,
            case when line.cap_amount is not null then line.cap_amount end as caps,
            case when line.billing_type = 'fixed_fee' then line.value_amount end as fixed_fees,
            case when line.billing_type = 'milestone' then line.value_amount end as milestone_fees,
            case when line.billing_type = 'fixed_fee' then line.planned_hours end as planned_fixed_fee_hours,
            case when line.billing_type = 'managed_service' then line.value_amount end as recurring_fees,
            case when line.billing_type = 'tm' then line.value_amount end as time_estimates
        from (select line.*, {{ days_from('line.start_on', 'line.end_on') }} + 1 as days from {{ ref('agreement_line') }} as line) as line inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = line.agreement_id
        where agreement.signed_at is not null
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

agreement_positions as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(backlog_agreed) as backlog_agreed,
        count(backlog_agreed) as backlog_agreed_records,
        sum(backlog_stated) as backlog_stated,
        count(backlog_stated) as backlog_stated_records
    from (
        select
            position.book as book,
            position.currency as currency,
            {{ period_of('cast(agreement.signed_at as date)') }} as period,
            cast(null as string) as legal_entity_id,
            cast(null as string) as customer_id,
            position.agreement_id as agreement_id,
            cast(null as string) as project_id,
            case when position.sold_amount = coalesce(position.planned_amount, position.sold_amount) and position.sold_amount = coalesce(position.ordered_amount, position.sold_amount) and position.sold_amount = coalesce(position.allocated_amount, position.sold_amount) then position.backlog_amount end as backlog_agreed,
            position.backlog_amount as backlog_stated
        from {{ ref('agreement_position') }} as position inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = position.agreement_id
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

agreements_in_erp as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(contracted_erp) as contracted_erp,
        count(contracted_erp) as contracted_erp_records
    from (
        select
            cast(null as string) as book,
            held.currency as currency,
            held.period as period,
            cast(null as string) as legal_entity_id,
            cast(null as string) as customer_id,
            held.agreement_id as agreement_id,
            cast(null as string) as project_id,
            held.value_amount as contracted_erp
        from {{ ref('agreement_values') }} as held
        where held.role = 'ERP'
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

agreements_in_psa as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(contracted_psa) as contracted_psa,
        count(contracted_psa) as contracted_psa_records
    from (
        select
            cast(null as string) as book,
            held.currency as currency,
            held.period as period,
            cast(null as string) as legal_entity_id,
            cast(null as string) as customer_id,
            held.agreement_id as agreement_id,
            cast(null as string) as project_id,
            held.value_amount as contracted_psa
        from {{ ref('agreement_values') }} as held
        where held.role = 'PSA'
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

available_time as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(scheduled_hours) as scheduled_hours,
        count(scheduled_hours) as scheduled_hours_records
    from (
        select
            cast(null as string) as book,
            cast(null as string) as currency,
            there.period as period,
            there.legal_entity_id as legal_entity_id,
            cast(null as string) as customer_id,
            cast(null as string) as agreement_id,
            cast(null as string) as project_id,
            there.scheduled_hours as scheduled_hours
        from {{ ref('available_time') }} as there
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

charges as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(billed_amount_days) as billed_amount_days,
        count(billed_amount_days) as billed_amount_days_records,
        sum(billed_with_date) as billed_with_date,
        count(billed_with_date) as billed_with_date_records,
        sum(charged) as charged,
        count(charged) as charged_records,
        sum(charged_draft) as charged_draft,
        count(charged_draft) as charged_draft_records,
        sum(charged_invoiced) as charged_invoiced,
        count(charged_invoiced) as charged_invoiced_records,
        sum(charged_waived) as charged_waived,
        count(charged_waived) as charged_waived_records
    from (
        select
            cast(null as string) as book,
            charge.currency as currency,
            {{ period_of('charge.event_on') }} as period,
            cast(null as string) as legal_entity_id,
            cast(null as string) as customer_id,
            charge.agreement_id as agreement_id,
            charge.project_id as project_id,
            case when charge.state = 'invoiced' and invoice.is_posted then cast(charge.event_amount as decimal(28, 4)) * {{ days_from('charge.event_on', 'invoice.issued_on') }} end as billed_amount_days,
            case when charge.state = 'invoiced' and invoice.is_posted then charge.event_amount end as billed_with_date,
            charge.event_amount as charged,
            case when charge.state = 'invoiced' and not invoice.is_posted then charge.event_amount end as charged_draft,
            case when charge.state = 'invoiced' and coalesce(invoice.is_posted, true) then charge.event_amount end as charged_invoiced,
            case when charge.state = 'waived' then charge.event_amount end as charged_waived
        from {{ ref('billing_event') }} as charge left join {{ ref('invoice') }} as invoice on invoice.connection = charge.connection and invoice.source_id = charge.invoice_ref
        where charge.kind = 'time'
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

closed_periods as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(closed_periods) as closed_periods,
        count(closed_periods) as closed_periods_records,
        sum(closing_days) as closing_days,
        count(closing_days) as closing_days_records
    from (
        select
            cast(null as string) as book,
            cast(null as string) as currency,
            closed.period as period,
            cast(null as string) as legal_entity_id,
            cast(null as string) as customer_id,
            cast(null as string) as agreement_id,
            cast(null as string) as project_id,
            1 as closed_periods,
            {{ days_from('closed.end_on', 'closed.closed_on') }} as closing_days
        from {{ ref('accounting_period') }} as closed
        where closed.is_closed and closed.closed_on is not null
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

days_off as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(holiday_hours) as holiday_hours,
        count(holiday_hours) as holiday_hours_records,
        sum(time_off_hours) as time_off_hours,
        count(time_off_hours) as time_off_hours_records
    from (
        select
            cast(null as string) as book,
            cast(null as string) as currency,
            day.period as period,
            day.legal_entity_id as legal_entity_id,
            cast(null as string) as customer_id,
            cast(null as string) as agreement_id,
            cast(null as string) as project_id,
            case when day.is_holiday then day.hours end as holiday_hours,
            case when not day.is_holiday then day.hours end as time_off_hours
        from {{ ref('days_off') }} as day
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

deferred_releases as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(deferred_released_within_year) as deferred_released_within_year,
        count(deferred_released_within_year) as deferred_released_within_year_records
    from (
        select
            release.book as book,
            release.currency as currency,
            release.period as period,
            release.legal_entity_id as legal_entity_id,
            release.customer_id as customer_id,
            release.agreement_id as agreement_id,
            cast(null as string) as project_id,
            case when release.is_within_year then release.amount end as deferred_released_within_year
        from (select release.*, release.agreement_id || ' ' || release.period || ' ' || release.release_period as source_id, cast(null as string) as connection, '{{ ref('deferred_releases') }}' as object, cast(null as bigint) as row_id from {{ ref('deferred_releases') }} as release) as release
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

disclosed_obligations as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(disclosed) as disclosed,
        count(disclosed) as disclosed_records
    from (
        select
            disclosed.book as book,
            disclosed.currency as currency,
            disclosed.period as period,
            disclosed.legal_entity_id as legal_entity_id,
            disclosed.customer_id as customer_id,
            disclosed.agreement_id as agreement_id,
            cast(null as string) as project_id,
            disclosed.amount as disclosed
        from {{ ref('rpo_disclosed') }} as disclosed
        where disclosed.is_disclosed
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

estimated_lines as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(cost_to_complete) as cost_to_complete,
        count(cost_to_complete) as cost_to_complete_records,
        sum(cost_to_date) as cost_to_date,
        count(cost_to_date) as cost_to_date_records,
        sum(estimated_price) as estimated_price,
        count(estimated_price) as estimated_price_records
    from (
        select
            cast(null as string) as book,
            estimate.currency as currency,
            estimate.observed_in as period,
            estimate.legal_entity_id as legal_entity_id,
            estimate.customer_id as customer_id,
            estimate.agreement_id as agreement_id,
            estimate.project_id as project_id,
            estimate.cost_to_complete_amount as cost_to_complete,
            estimate.cost_to_date_amount as cost_to_date,
            estimate.price_amount as estimated_price
        from {{ ref('line_estimates') }} as estimate
        where estimate.completion_cost_amount is not null
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

expenses as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(expenses) as expenses,
        count(expenses) as expenses_records
    from (
        select
            cast(null as string) as book,
            expense.currency as currency,
            {{ period_of('expense.spent_on') }} as period,
            project.legal_entity_id as legal_entity_id,
            project.customer_id as customer_id,
            project.agreement_id as agreement_id,
            expense.project_id as project_id,
            expense.expense_amount as expenses
        from {{ ref('expense') }} as expense inner join {{ ref('project') }} as project on project.project_id = expense.project_id
        where expense.state <> 'rejected' and project.agreement_id is not null
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

invoice_lines as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(billed) as billed,
        count(billed) as billed_records,
        sum(billed_for_work) as billed_for_work,
        count(billed_for_work) as billed_for_work_records,
        sum(concessions) as concessions,
        count(concessions) as concessions_records,
        sum(credited) as credited,
        count(credited) as credited_records,
        sum(invoiced) as invoiced,
        count(invoiced) as invoiced_records
    from (
        select
            cast(null as string) as book,
            line.currency as currency,
            line.period as period,
            line.legal_entity_id as legal_entity_id,
            cast(null as string) as customer_id,
            line.agreement_id as agreement_id,
            line.project_id as project_id,
            line.net_amount as billed,
            case when terms.billing_type in ('tm', 'fixed_fee') then line.net_amount end as billed_for_work,
            case when line.kind = 'credit' and upper(line.credit_reason) = 'CONCESSION' then -line.net_amount end as concessions,
            case when line.kind = 'credit' then -line.net_amount end as credited,
            case when line.kind = 'invoice' then line.net_amount end as invoiced
        from {{ ref('invoice_line') }} as line left join {{ ref('agreement_line') }} as terms on terms.agreement_line_key = line.agreement_line_key
        where line.is_posted
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

invoices as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(invoiced_gross) as invoiced_gross,
        count(invoiced_gross) as invoiced_gross_records
    from (
        select
            cast(null as string) as book,
            invoice.currency as currency,
            invoice.period as period,
            invoice.legal_entity_id as legal_entity_id,
            invoice.customer_id as customer_id,
            invoice.agreement_id as agreement_id,
            invoice.project_id as project_id,
            invoice.gross_amount as invoiced_gross
        from {{ ref('invoice') }} as invoice
        where invoice.is_posted
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

invoices_for_time as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(invoices_for_time) as invoices_for_time,
        count(invoices_for_time) as invoices_for_time_records,
        sum(invoicing_days) as invoicing_days,
        count(invoicing_days) as invoicing_days_records
    from (
        select
            cast(null as string) as book,
            cast(null as string) as currency,
            invoice.period as period,
            invoice.legal_entity_id as legal_entity_id,
            invoice.customer_id as customer_id,
            invoice.agreement_id as agreement_id,
            invoice.project_id as project_id,
            1 as invoices_for_time,
            {{ days_from('last_day(billed.last_work_on)', 'invoice.issued_on') }} as invoicing_days
        from (select connection, invoice_ref, max(event_on) as last_work_on from {{ ref('billing_event') }} where kind = 'time' and invoice_ref is not null group by connection, invoice_ref) as billed inner join {{ ref('invoice') }} as invoice on invoice.connection = billed.connection and invoice.source_id = billed.invoice_ref
        where invoice.is_posted
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

ledger_lines as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(cash_ledger) as cash_ledger,
        count(cash_ledger) as cash_ledger_records,
        sum(contract_asset_ledger) as contract_asset_ledger,
        count(contract_asset_ledger) as contract_asset_ledger_records,
        sum(contract_liability_ledger) as contract_liability_ledger,
        count(contract_liability_ledger) as contract_liability_ledger_records,
        sum(due_from_ledger) as due_from_ledger,
        count(due_from_ledger) as due_from_ledger_records,
        sum(due_to_ledger) as due_to_ledger,
        count(due_to_ledger) as due_to_ledger_records,
        sum(manual_revenue_amount) as manual_revenue_amount,
        count(manual_revenue_amount) as manual_revenue_amount_records,
        sum(manual_revenue_postings) as manual_revenue_postings,
        count(manual_revenue_postings) as manual_revenue_postings_records,
        sum(receivable_ledger) as receivable_ledger,
        count(receivable_ledger) as receivable_ledger_records,
        sum(recognised_ledger) as recognised_ledger,
        count(recognised_ledger) as recognised_ledger_records,
        sum(refund_liability_ledger) as refund_liability_ledger,
        count(refund_liability_ledger) as refund_liability_ledger_records,
        sum(unbilled_receivable_ledger) as unbilled_receivable_ledger,
        count(unbilled_receivable_ledger) as unbilled_receivable_ledger_records
    from (
        select
            line.book as book,
            line.currency as currency,
            line.period as period,
            line.legal_entity_id as legal_entity_id,
            cast(null as string) as customer_id,
            line.agreement_id as agreement_id,
            cast(null as string) as project_id,
            case when line.account_role = 'cash' then line.document_amount end as cash_ledger,
            case when line.account_role = 'CA' then line.document_amount end as contract_asset_ledger,
            case when line.account_role = 'CL' then -line.document_amount end as contract_liability_ledger,
            case when line.account_role = 'due_from' then line.document_amount end as due_from_ledger,
            case when line.account_role = 'due_to' then -line.document_amount end as due_to_ledger,
            case when line.account_role = 'revenue' and not line.is_revenue_journal and line.document_type = 'Journal' then -line.document_amount end as manual_revenue_amount,
            case when line.account_role = 'revenue' and not line.is_revenue_journal and line.document_type = 'Journal' then 1 end as manual_revenue_postings,
            case when line.account_role = 'AR' then line.document_amount end as receivable_ledger,
            case when line.account_role = 'revenue' then -line.document_amount end as recognised_ledger,
            case when line.account_role = 'RL' then -line.document_amount end as refund_liability_ledger,
            case when line.account_role = 'UR' then line.document_amount end as unbilled_receivable_ledger
        from {{ ref('journal_line') }} as line
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

milestone_revenue as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(milestones_with_revenue) as milestones_with_revenue,
        count(milestones_with_revenue) as milestones_with_revenue_records,
        sum(revenue_posting_days) as revenue_posting_days,
        count(revenue_posting_days) as revenue_posting_days_records
    from (
        select
            cast(null as string) as book,
            cast(null as string) as currency,
            {{ period_of('earned.posted_on') }} as period,
            cast(null as string) as legal_entity_id,
            cast(null as string) as customer_id,
            earned.agreement_id as agreement_id,
            earned.project_id as project_id,
            1 as milestones_with_revenue,
            {{ days_from('earned.accepted_on', 'earned.posted_on') }} as revenue_posting_days
        from (select milestone.agreement_line_key, milestone.accepted_on, milestone.project_id, milestone.row_id, milestone.connection, milestone.object, milestone.source_id, line.agreement_id, min(journal.posted_on) as posted_on from {{ ref('milestone') }} as milestone inner join {{ ref('revenue_line') }} as line on line.agreement_line_key = milestone.agreement_line_key and line.status = 'posted' and line.method = 'milestone' and line.revenue_amount > 0 inner join (select connection, document_ref, min(posted_on) as posted_on from {{ ref('journal_line') }} where is_revenue_journal group by connection, document_ref) as journal on journal.connection = line.connection and journal.document_ref = line.journal_ref and journal.posted_on >= milestone.accepted_on where milestone.accepted_on is not null group by milestone.agreement_line_key, milestone.accepted_on, milestone.project_id, milestone.row_id, milestone.connection, milestone.object, milestone.source_id, line.agreement_id) as earned
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

milestones_accepted as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(milestones_accepted) as milestones_accepted,
        count(milestones_accepted) as milestones_accepted_records
    from (
        select
            cast(null as string) as book,
            milestone.currency as currency,
            {{ period_of('milestone.accepted_on') }} as period,
            cast(null as string) as legal_entity_id,
            cast(null as string) as customer_id,
            project.agreement_id as agreement_id,
            milestone.project_id as project_id,
            milestone.milestone_amount as milestones_accepted
        from {{ ref('milestone') }} as milestone inner join {{ ref('project') }} as project on project.project_id = milestone.project_id inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = project.agreement_id
        where milestone.billing_type = 'upon_completion' and milestone.accepted_on is not null
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

milestones_agreed as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(milestones) as milestones,
        count(milestones) as milestones_records
    from (
        select
            cast(null as string) as book,
            milestone.currency as currency,
            {{ period_of('cast(agreement.signed_at as date)') }} as period,
            cast(null as string) as legal_entity_id,
            cast(null as string) as customer_id,
            project.agreement_id as agreement_id,
            milestone.project_id as project_id,
            milestone.milestone_amount as milestones
        from {{ ref('milestone') }} as milestone inner join {{ ref('project') }} as project on project.project_id = milestone.project_id inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = project.agreement_id
        where milestone.billing_type = 'upon_completion'
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

obligations as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(contracted_revrec) as contracted_revrec,
        count(contracted_revrec) as contracted_revrec_records
    from (
        select
            obligation.book as book,
            obligation.currency as currency,
            {{ period_of('cast(agreement.signed_at as date)') }} as period,
            cast(null as string) as legal_entity_id,
            cast(null as string) as customer_id,
            obligation.agreement_id as agreement_id,
            cast(null as string) as project_id,
            obligation.allocation_amount as contracted_revrec
        from {{ ref('obligation') }} as obligation inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = obligation.agreement_id
        where not coalesce(obligation.is_return, false)
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

payments as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(cash_applied) as cash_applied,
        count(cash_applied) as cash_applied_records
    from (
        select
            cast(null as string) as book,
            payment.currency as currency,
            {{ period_of('payment.paid_on') }} as period,
            invoice.legal_entity_id as legal_entity_id,
            invoice.customer_id as customer_id,
            invoice.agreement_id as agreement_id,
            invoice.project_id as project_id,
            payment.paid_amount as cash_applied
        from {{ ref('payment') }} as payment inner join {{ ref('invoice') }} as invoice on invoice.connection = payment.connection and invoice.source_id = payment.invoice_ref
        where payment.kind = 'cash'
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

projects_set_up as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, row_id,
        sum(projects_set_up) as projects_set_up,
        count(projects_set_up) as projects_set_up_records,
        sum(set_up_days) as set_up_days,
        count(set_up_days) as set_up_days_records
    from (
        select
            cast(null as string) as book,
            cast(null as string) as currency,
            {{ period_of('project.ready_on') }} as period,
            cast(null as string) as legal_entity_id,
            cast(null as string) as customer_id,
            project.agreement_id as agreement_id,
            project.project_id as project_id,
            project.row_id as row_id,
            1 as projects_set_up,
            {{ days_from('project.won_on', 'project.ready_on') }} as set_up_days
        from {{ ref('project_setup') }} as project
        where project.ready_on is not null and project.won_on is not null
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, row_id

),

recomputed_months as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(released_from_opening) as released_from_opening,
        count(released_from_opening) as released_from_opening_records
    from (
        select
            month.book as book,
            month.currency as currency,
            month.period as period,
            month.legal_entity_id as legal_entity_id,
            month.customer_id as customer_id,
            month.agreement_id as agreement_id,
            cast(null as string) as project_id,
            case when month.opening_liability > 0 and month.earned > 0 then least(month.opening_liability, month.earned) end as released_from_opening
        from (select month.*, month.agreement_id || ' ' || month.period as source_id, cast(null as string) as connection, '{{ source('revenue', 'positions') }}' as object, cast(null as bigint) as row_id from (select *, lag(contract_liability) over (partition by agreement_id, book order by period) as opening_liability, recognised - lag(recognised) over (partition by agreement_id, book order by period) as earned from {{ source('revenue', 'positions') }}) as month) as month
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

recomputed_positions as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(recomputed_backlog) as recomputed_backlog,
        count(recomputed_backlog) as recomputed_backlog_records,
        sum(recomputed_contract_asset) as recomputed_contract_asset,
        count(recomputed_contract_asset) as recomputed_contract_asset_records,
        sum(recomputed_contract_liability) as recomputed_contract_liability,
        count(recomputed_contract_liability) as recomputed_contract_liability_records,
        sum(recomputed_contract_value) as recomputed_contract_value,
        count(recomputed_contract_value) as recomputed_contract_value_records,
        sum(recomputed_funded_backlog) as recomputed_funded_backlog,
        count(recomputed_funded_backlog) as recomputed_funded_backlog_records,
        sum(recomputed_receivable) as recomputed_receivable,
        count(recomputed_receivable) as recomputed_receivable_records,
        sum(recomputed_refund_liability) as recomputed_refund_liability,
        count(recomputed_refund_liability) as recomputed_refund_liability_records,
        sum(recomputed_rpo) as recomputed_rpo,
        count(recomputed_rpo) as recomputed_rpo_records,
        sum(recomputed_rpo_next_12) as recomputed_rpo_next_12,
        count(recomputed_rpo_next_12) as recomputed_rpo_next_12_records,
        sum(recomputed_scheduled_backlog) as recomputed_scheduled_backlog,
        count(recomputed_scheduled_backlog) as recomputed_scheduled_backlog_records,
        sum(recomputed_unbilled_receivable) as recomputed_unbilled_receivable,
        count(recomputed_unbilled_receivable) as recomputed_unbilled_receivable_records
    from (
        select
            position.book as book,
            position.currency as currency,
            position.period as period,
            position.legal_entity_id as legal_entity_id,
            position.customer_id as customer_id,
            position.agreement_id as agreement_id,
            cast(null as string) as project_id,
            case when position.backlog <> 0 then position.backlog end as recomputed_backlog,
            case when position.contract_asset <> 0 then position.contract_asset end as recomputed_contract_asset,
            case when position.contract_liability <> 0 then position.contract_liability end as recomputed_contract_liability,
            case when position.contract_value <> 0 then position.contract_value end as recomputed_contract_value,
            case when position.funded_backlog <> 0 then position.funded_backlog end as recomputed_funded_backlog,
            case when position.receivable <> 0 then position.receivable end as recomputed_receivable,
            case when position.refund_liability <> 0 then position.refund_liability end as recomputed_refund_liability,
            case when position.rpo <> 0 then position.rpo end as recomputed_rpo,
            case when position.rpo_next_12 <> 0 then position.rpo_next_12 end as recomputed_rpo_next_12,
            case when position.scheduled_backlog <> 0 then position.scheduled_backlog end as recomputed_scheduled_backlog,
            case when position.unbilled_receivable <> 0 then position.unbilled_receivable end as recomputed_unbilled_receivable
        from (select position.*, position.agreement_id || ' ' || position.period as source_id, cast(null as string) as connection, '{{ source('revenue', 'positions') }}' as object, cast(null as bigint) as row_id from {{ source('revenue', 'positions') }} as position) as position
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

recomputed_revenue_lines as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(recomputed_revenue) as recomputed_revenue,
        count(recomputed_revenue) as recomputed_revenue_records,
        sum(recomputed_revenue_of_earlier_work) as recomputed_revenue_of_earlier_work,
        count(recomputed_revenue_of_earlier_work) as recomputed_revenue_of_earlier_work_records
    from (
        select
            earned.book as book,
            earned.currency as currency,
            earned.period as period,
            earned.legal_entity_id as legal_entity_id,
            earned.customer_id as customer_id,
            earned.agreement_id as agreement_id,
            cast(null as string) as project_id,
            case when earned.period_amount <> 0 then earned.period_amount end as recomputed_revenue,
            case when earned.prior_period_amount <> 0 then earned.prior_period_amount end as recomputed_revenue_of_earlier_work
        from (select earned.*, earned.obligation_key || ' ' || earned.period as source_id, cast(null as string) as connection, '{{ source('revenue', 'recognition') }}' as object, cast(null as bigint) as row_id from {{ source('revenue', 'recognition') }} as earned) as earned
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

revenue_lines as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(catch_up_amount) as catch_up_amount,
        count(catch_up_amount) as catch_up_amount_records,
        sum(catch_ups) as catch_ups,
        count(catch_ups) as catch_ups_records,
        sum(planned_revenue) as planned_revenue,
        count(planned_revenue) as planned_revenue_records,
        sum(recognised) as recognised,
        count(recognised) as recognised_records,
        sum(recognised_for_work) as recognised_for_work,
        count(recognised_for_work) as recognised_for_work_records
    from (
        select
            line.book as book,
            line.currency as currency,
            line.period as period,
            line.legal_entity_id as legal_entity_id,
            cast(null as string) as customer_id,
            line.agreement_id as agreement_id,
            cast(null as string) as project_id,
            case when line.status = 'posted' and line.is_catch_up then line.revenue_amount end as catch_up_amount,
            case when line.status = 'posted' and line.is_catch_up then 1 end as catch_ups,
            case when line.status = 'planned' then line.revenue_amount end as planned_revenue,
            case when line.status = 'posted' then line.revenue_amount end as recognised,
            case when line.status = 'posted' and line.method in ('as_charged', 'percent_complete') then line.revenue_amount end as recognised_for_work
        from {{ ref('revenue_line') }} as line
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

signed_versions as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(amendments_signed) as amendments_signed,
        count(amendments_signed) as amendments_signed_records,
        sum(contracted) as contracted,
        count(contracted) as contracted_records,
        sum(reduced) as reduced,
        count(reduced) as reduced_records,
        sum(signed_new) as signed_new,
        count(signed_new) as signed_new_records,
        sum(upsold) as upsold,
        count(upsold) as upsold_records
    from (
        select
            cast(null as string) as book,
            version.currency as currency,
            {{ period_of('coalesce(cast(version.activated_at as date), version.signed_on)') }} as period,
            cast(null as string) as legal_entity_id,
            cast(null as string) as customer_id,
            version.agreement_id as agreement_id,
            cast(null as string) as project_id,
            case when version.version_no > 1 then 1 end as amendments_signed,
            version.delta_amount as contracted,
            case when version.version_no > 1 and version.delta_amount < 0 then version.delta_amount end as reduced,
            case when version.version_no <= 1 then version.delta_amount end as signed_new,
            case when version.version_no > 1 and version.delta_amount > 0 then version.delta_amount end as upsold
        from {{ ref('agreement_version') }} as version
        where version.is_signed
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

staff_time as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(billable_staff_hours) as billable_staff_hours,
        count(billable_staff_hours) as billable_staff_hours_records
    from (
        select
            cast(null as string) as book,
            cast(null as string) as currency,
            known.period as period,
            case when entry.work_on < person.home_since_on then coalesce(previous.legal_entity_id, person.legal_entity_id) else person.legal_entity_id end as legal_entity_id,
            cast(null as string) as customer_id,
            cast(null as string) as agreement_id,
            cast(null as string) as project_id,
            case when entry.kind = 'actual' and entry.is_billable then entry.hours end as billable_staff_hours
        from {{ ref('time_entry') }} as entry inner join {{ ref('person') }} as person on person.person_id = entry.person_id inner join (select distinct connection, period from {{ ref('available_time') }}) as known on known.connection = entry.connection and known.period = {{ period_of('entry.work_on') }} left join {{ ref('legal_entity') }} as previous on previous.legal_entity_code = person.previous_legal_entity_code
        where entry.state <> 'rejected' and person.supplier_ref is null
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

time_entries as (

    select
        book, currency, period, legal_entity_id, customer_id, agreement_id, project_id,
        sum(approved_billable_hours) as approved_billable_hours,
        count(approved_billable_hours) as approved_billable_hours_records,
        sum(approved_hours) as approved_hours,
        count(approved_hours) as approved_hours_records,
        sum(billable_hours) as billable_hours,
        count(billable_hours) as billable_hours_records,
        sum(delivered_value) as delivered_value,
        count(delivered_value) as delivered_value_records,
        sum(fixed_fee_hours) as fixed_fee_hours,
        count(fixed_fee_hours) as fixed_fee_hours_records,
        sum(labour_cost) as labour_cost,
        count(labour_cost) as labour_cost_records,
        sum(posted_entries) as posted_entries,
        count(posted_entries) as posted_entries_records,
        sum(posted_hours) as posted_hours,
        count(posted_hours) as posted_hours_records,
        sum(posting_days) as posting_days,
        count(posting_days) as posting_days_records,
        sum(recorded_hours) as recorded_hours,
        count(recorded_hours) as recorded_hours_records,
        sum(standard_value) as standard_value,
        count(standard_value) as standard_value_records
    from (
        select
            cast(null as string) as book,
            entry.currency as currency,
            {{ period_of('entry.work_on') }} as period,
            project.legal_entity_id as legal_entity_id,
            project.customer_id as customer_id,
            project.agreement_id as agreement_id,
            entry.project_id as project_id,
            case when entry.kind = 'actual' and entry.state = 'approved' and entry.is_billable and terms.billing_type in ('tm', 'fixed_fee') then entry.hours end as approved_billable_hours,
            case when entry.kind = 'actual' and entry.state = 'approved' then entry.hours end as approved_hours,
            case when entry.kind = 'actual' and entry.is_billable then entry.hours end as billable_hours,
            case when entry.state = 'approved' and project.agreement_id is not null then entry.value_amount end as delivered_value,
            case when entry.kind = 'actual' and entry.state = 'approved' and terms.billing_type = 'fixed_fee' then entry.hours end as fixed_fee_hours,
            case when entry.kind = 'actual' and project.agreement_id is not null then round(cast(entry.hours as decimal(28, 8)) * entry.cost_rate, 4) end as labour_cost,
            case when entry.kind = 'actual' and entry.state = 'approved' and entry.is_billable and entry.first_posted_at is not null and entry.approved_at is not null then 1 end as posted_entries,
            case when entry.kind = 'actual' and entry.state = 'approved' and entry.first_posted_at is not null then entry.hours end as posted_hours,
            case when entry.kind = 'actual' and entry.state = 'approved' and entry.is_billable and entry.first_posted_at is not null then {{ days_from('cast(entry.approved_at as date)', 'cast(entry.first_posted_at as date)') }} end as posting_days,
            case when entry.kind = 'actual' then entry.hours end as recorded_hours,
            case when entry.state = 'approved' and project.agreement_id is not null and terms.billing_type in ('tm', 'fixed_fee') then entry.value_amount end as standard_value
        from {{ ref('time_entry') }} as entry left join {{ ref('project') }} as project on project.project_id = entry.project_id left join {{ ref('agreement_line') }} as terms on terms.agreement_line_key = entry.agreement_line_key
        where entry.state <> 'rejected'
    ) as one
    where period is not null
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id

),

every_term as (

    select
        'annual_recurring_fees' as term, 'CRM' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(annual_recurring_fees as decimal(38, 8)) as amount, cast(annual_recurring_fees_records as bigint) as records
    from agreement_lines
    where annual_recurring_fees_records > 0
    union all
    select
        'caps' as term, 'CRM' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(caps as decimal(38, 8)) as amount, cast(caps_records as bigint) as records
    from agreement_lines
    where caps_records > 0
    union all
    select
        'fixed_fees' as term, 'CRM' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(fixed_fees as decimal(38, 8)) as amount, cast(fixed_fees_records as bigint) as records
    from agreement_lines
    where fixed_fees_records > 0
    union all
    select
        'milestone_fees' as term, 'CRM' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(milestone_fees as decimal(38, 8)) as amount, cast(milestone_fees_records as bigint) as records
    from agreement_lines
    where milestone_fees_records > 0
    union all
    select
        'planned_fixed_fee_hours' as term, 'CRM' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(planned_fixed_fee_hours as decimal(38, 8)) as amount, cast(planned_fixed_fee_hours_records as bigint) as records
    from agreement_lines
    where planned_fixed_fee_hours_records > 0
    union all
    select
        'recurring_fees' as term, 'CRM' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recurring_fees as decimal(38, 8)) as amount, cast(recurring_fees_records as bigint) as records
    from agreement_lines
    where recurring_fees_records > 0
    union all
    select
        'time_estimates' as term, 'CRM' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(time_estimates as decimal(38, 8)) as amount, cast(time_estimates_records as bigint) as records
    from agreement_lines
    where time_estimates_records > 0
    union all
    select
        'backlog_agreed' as term, 'CRM' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(backlog_agreed as decimal(38, 8)) as amount, cast(backlog_agreed_records as bigint) as records
    from agreement_positions
    where backlog_agreed_records > 0
    union all
    select
        'backlog_stated' as term, 'CRM' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(backlog_stated as decimal(38, 8)) as amount, cast(backlog_stated_records as bigint) as records
    from agreement_positions
    where backlog_stated_records > 0
    union all
    select
        'contracted_erp' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(contracted_erp as decimal(38, 8)) as amount, cast(contracted_erp_records as bigint) as records
    from agreements_in_erp
    where contracted_erp_records > 0
    union all
    select
        'contracted_psa' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(contracted_psa as decimal(38, 8)) as amount, cast(contracted_psa_records as bigint) as records
    from agreements_in_psa
    where contracted_psa_records > 0
    union all
    select
        'scheduled_hours' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(scheduled_hours as decimal(38, 8)) as amount, cast(scheduled_hours_records as bigint) as records
    from available_time
    where scheduled_hours_records > 0
    union all
    select
        'billed_amount_days' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(billed_amount_days as decimal(38, 8)) as amount, cast(billed_amount_days_records as bigint) as records
    from charges
    where billed_amount_days_records > 0
    union all
    select
        'billed_with_date' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(billed_with_date as decimal(38, 8)) as amount, cast(billed_with_date_records as bigint) as records
    from charges
    where billed_with_date_records > 0
    union all
    select
        'charged' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(charged as decimal(38, 8)) as amount, cast(charged_records as bigint) as records
    from charges
    where charged_records > 0
    union all
    select
        'charged_draft' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(charged_draft as decimal(38, 8)) as amount, cast(charged_draft_records as bigint) as records
    from charges
    where charged_draft_records > 0
    union all
    select
        'charged_invoiced' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(charged_invoiced as decimal(38, 8)) as amount, cast(charged_invoiced_records as bigint) as records
    from charges
    where charged_invoiced_records > 0
    union all
    select
        'charged_waived' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(charged_waived as decimal(38, 8)) as amount, cast(charged_waived_records as bigint) as records
    from charges
    where charged_waived_records > 0
    union all
    select
        'closed_periods' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(closed_periods as decimal(38, 8)) as amount, cast(closed_periods_records as bigint) as records
    from closed_periods
    where closed_periods_records > 0
    union all
    select
        'closing_days' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(closing_days as decimal(38, 8)) as amount, cast(closing_days_records as bigint) as records
    from closed_periods
    where closing_days_records > 0
    union all
    select
        'holiday_hours' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(holiday_hours as decimal(38, 8)) as amount, cast(holiday_hours_records as bigint) as records
    from days_off
    where holiday_hours_records > 0
    union all
    select
        'time_off_hours' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(time_off_hours as decimal(38, 8)) as amount, cast(time_off_hours_records as bigint) as records
    from days_off
    where time_off_hours_records > 0
    union all
    select
        'deferred_released_within_year' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(deferred_released_within_year as decimal(38, 8)) as amount, cast(deferred_released_within_year_records as bigint) as records
    from deferred_releases
    where deferred_released_within_year_records > 0
    union all
    select
        'disclosed' as term, 'REVREC' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(disclosed as decimal(38, 8)) as amount, cast(disclosed_records as bigint) as records
    from disclosed_obligations
    where disclosed_records > 0
    union all
    select
        'cost_to_complete' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(cost_to_complete as decimal(38, 8)) as amount, cast(cost_to_complete_records as bigint) as records
    from estimated_lines
    where cost_to_complete_records > 0
    union all
    select
        'cost_to_date' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(cost_to_date as decimal(38, 8)) as amount, cast(cost_to_date_records as bigint) as records
    from estimated_lines
    where cost_to_date_records > 0
    union all
    select
        'estimated_price' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(estimated_price as decimal(38, 8)) as amount, cast(estimated_price_records as bigint) as records
    from estimated_lines
    where estimated_price_records > 0
    union all
    select
        'expenses' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(expenses as decimal(38, 8)) as amount, cast(expenses_records as bigint) as records
    from expenses
    where expenses_records > 0
    union all
    select
        'billed' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(billed as decimal(38, 8)) as amount, cast(billed_records as bigint) as records
    from invoice_lines
    where billed_records > 0
    union all
    select
        'billed_for_work' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(billed_for_work as decimal(38, 8)) as amount, cast(billed_for_work_records as bigint) as records
    from invoice_lines
    where billed_for_work_records > 0
    union all
    select
        'concessions' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(concessions as decimal(38, 8)) as amount, cast(concessions_records as bigint) as records
    from invoice_lines
    where concessions_records > 0
    union all
    select
        'credited' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(credited as decimal(38, 8)) as amount, cast(credited_records as bigint) as records
    from invoice_lines
    where credited_records > 0
    union all
    select
        'invoiced' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(invoiced as decimal(38, 8)) as amount, cast(invoiced_records as bigint) as records
    from invoice_lines
    where invoiced_records > 0
    union all
    select
        'invoiced_gross' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(invoiced_gross as decimal(38, 8)) as amount, cast(invoiced_gross_records as bigint) as records
    from invoices
    where invoiced_gross_records > 0
    union all
    select
        'invoices_for_time' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(invoices_for_time as decimal(38, 8)) as amount, cast(invoices_for_time_records as bigint) as records
    from invoices_for_time
    where invoices_for_time_records > 0
    union all
    select
        'invoicing_days' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(invoicing_days as decimal(38, 8)) as amount, cast(invoicing_days_records as bigint) as records
    from invoices_for_time
    where invoicing_days_records > 0
    union all
    select
        'cash_ledger' as term, 'GL' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(cash_ledger as decimal(38, 8)) as amount, cast(cash_ledger_records as bigint) as records
    from ledger_lines
    where cash_ledger_records > 0
    union all
    select
        'contract_asset_ledger' as term, 'GL' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(contract_asset_ledger as decimal(38, 8)) as amount, cast(contract_asset_ledger_records as bigint) as records
    from ledger_lines
    where contract_asset_ledger_records > 0
    union all
    select
        'contract_liability_ledger' as term, 'GL' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(contract_liability_ledger as decimal(38, 8)) as amount, cast(contract_liability_ledger_records as bigint) as records
    from ledger_lines
    where contract_liability_ledger_records > 0
    union all
    select
        'due_from_ledger' as term, 'GL' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(due_from_ledger as decimal(38, 8)) as amount, cast(due_from_ledger_records as bigint) as records
    from ledger_lines
    where due_from_ledger_records > 0
    union all
    select
        'due_to_ledger' as term, 'GL' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(due_to_ledger as decimal(38, 8)) as amount, cast(due_to_ledger_records as bigint) as records
    from ledger_lines
    where due_to_ledger_records > 0
    union all
    select
        'manual_revenue_amount' as term, 'GL' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(manual_revenue_amount as decimal(38, 8)) as amount, cast(manual_revenue_amount_records as bigint) as records
    from ledger_lines
    where manual_revenue_amount_records > 0
    union all
    select
        'manual_revenue_postings' as term, 'GL' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(manual_revenue_postings as decimal(38, 8)) as amount, cast(manual_revenue_postings_records as bigint) as records
    from ledger_lines
    where manual_revenue_postings_records > 0
    union all
    select
        'receivable_ledger' as term, 'GL' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(receivable_ledger as decimal(38, 8)) as amount, cast(receivable_ledger_records as bigint) as records
    from ledger_lines
    where receivable_ledger_records > 0
    union all
    select
        'recognised_ledger' as term, 'GL' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recognised_ledger as decimal(38, 8)) as amount, cast(recognised_ledger_records as bigint) as records
    from ledger_lines
    where recognised_ledger_records > 0
    union all
    select
        'refund_liability_ledger' as term, 'GL' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(refund_liability_ledger as decimal(38, 8)) as amount, cast(refund_liability_ledger_records as bigint) as records
    from ledger_lines
    where refund_liability_ledger_records > 0
    union all
    select
        'unbilled_receivable_ledger' as term, 'GL' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(unbilled_receivable_ledger as decimal(38, 8)) as amount, cast(unbilled_receivable_ledger_records as bigint) as records
    from ledger_lines
    where unbilled_receivable_ledger_records > 0
    union all
    select
        'milestones_with_revenue' as term, 'REVREC' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(milestones_with_revenue as decimal(38, 8)) as amount, cast(milestones_with_revenue_records as bigint) as records
    from milestone_revenue
    where milestones_with_revenue_records > 0
    union all
    select
        'revenue_posting_days' as term, 'REVREC' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(revenue_posting_days as decimal(38, 8)) as amount, cast(revenue_posting_days_records as bigint) as records
    from milestone_revenue
    where revenue_posting_days_records > 0
    union all
    select
        'milestones_accepted' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(milestones_accepted as decimal(38, 8)) as amount, cast(milestones_accepted_records as bigint) as records
    from milestones_accepted
    where milestones_accepted_records > 0
    union all
    select
        'milestones' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(milestones as decimal(38, 8)) as amount, cast(milestones_records as bigint) as records
    from milestones_agreed
    where milestones_records > 0
    union all
    select
        'contracted_revrec' as term, 'REVREC' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(contracted_revrec as decimal(38, 8)) as amount, cast(contracted_revrec_records as bigint) as records
    from obligations
    where contracted_revrec_records > 0
    union all
    select
        'cash_applied' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(cash_applied as decimal(38, 8)) as amount, cast(cash_applied_records as bigint) as records
    from payments
    where cash_applied_records > 0
    union all
    select
        'projects_set_up' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(projects_set_up as decimal(38, 8)) as amount, cast(projects_set_up_records as bigint) as records
    from projects_set_up
    where projects_set_up_records > 0
    union all
    select
        'set_up_days' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(sum(set_up_days) as decimal(38, 8)) as amount, cast(sum(set_up_days_records) as bigint) as records
    from projects_set_up
    where set_up_days_records > 0
    group by book, currency, period, legal_entity_id, customer_id, agreement_id, project_id
    union all
    select
        'set_up_days' as term, 'ERP' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, row_id,
        cast(set_up_days as decimal(38, 8)) as amount, cast(set_up_days_records as bigint) as records
    from projects_set_up
    where set_up_days_records > 0
    union all
    select
        'released_from_opening' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(released_from_opening as decimal(38, 8)) as amount, cast(released_from_opening_records as bigint) as records
    from recomputed_months
    where released_from_opening_records > 0
    union all
    select
        'recomputed_backlog' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recomputed_backlog as decimal(38, 8)) as amount, cast(recomputed_backlog_records as bigint) as records
    from recomputed_positions
    where recomputed_backlog_records > 0
    union all
    select
        'recomputed_contract_asset' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recomputed_contract_asset as decimal(38, 8)) as amount, cast(recomputed_contract_asset_records as bigint) as records
    from recomputed_positions
    where recomputed_contract_asset_records > 0
    union all
    select
        'recomputed_contract_liability' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recomputed_contract_liability as decimal(38, 8)) as amount, cast(recomputed_contract_liability_records as bigint) as records
    from recomputed_positions
    where recomputed_contract_liability_records > 0
    union all
    select
        'recomputed_contract_value' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recomputed_contract_value as decimal(38, 8)) as amount, cast(recomputed_contract_value_records as bigint) as records
    from recomputed_positions
    where recomputed_contract_value_records > 0
    union all
    select
        'recomputed_funded_backlog' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recomputed_funded_backlog as decimal(38, 8)) as amount, cast(recomputed_funded_backlog_records as bigint) as records
    from recomputed_positions
    where recomputed_funded_backlog_records > 0
    union all
    select
        'recomputed_receivable' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recomputed_receivable as decimal(38, 8)) as amount, cast(recomputed_receivable_records as bigint) as records
    from recomputed_positions
    where recomputed_receivable_records > 0
    union all
    select
        'recomputed_refund_liability' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recomputed_refund_liability as decimal(38, 8)) as amount, cast(recomputed_refund_liability_records as bigint) as records
    from recomputed_positions
    where recomputed_refund_liability_records > 0
    union all
    select
        'recomputed_rpo' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recomputed_rpo as decimal(38, 8)) as amount, cast(recomputed_rpo_records as bigint) as records
    from recomputed_positions
    where recomputed_rpo_records > 0
    union all
    select
        'recomputed_rpo_next_12' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recomputed_rpo_next_12 as decimal(38, 8)) as amount, cast(recomputed_rpo_next_12_records as bigint) as records
    from recomputed_positions
    where recomputed_rpo_next_12_records > 0
    union all
    select
        'recomputed_scheduled_backlog' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recomputed_scheduled_backlog as decimal(38, 8)) as amount, cast(recomputed_scheduled_backlog_records as bigint) as records
    from recomputed_positions
    where recomputed_scheduled_backlog_records > 0
    union all
    select
        'recomputed_unbilled_receivable' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recomputed_unbilled_receivable as decimal(38, 8)) as amount, cast(recomputed_unbilled_receivable_records as bigint) as records
    from recomputed_positions
    where recomputed_unbilled_receivable_records > 0
    union all
    select
        'recomputed_revenue' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recomputed_revenue as decimal(38, 8)) as amount, cast(recomputed_revenue_records as bigint) as records
    from recomputed_revenue_lines
    where recomputed_revenue_records > 0
    union all
    select
        'recomputed_revenue_of_earlier_work' as term, 'RECOMPUTED' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recomputed_revenue_of_earlier_work as decimal(38, 8)) as amount, cast(recomputed_revenue_of_earlier_work_records as bigint) as records
    from recomputed_revenue_lines
    where recomputed_revenue_of_earlier_work_records > 0
    union all
    select
        'catch_up_amount' as term, 'REVREC' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(catch_up_amount as decimal(38, 8)) as amount, cast(catch_up_amount_records as bigint) as records
    from revenue_lines
    where catch_up_amount_records > 0
    union all
    select
        'catch_ups' as term, 'REVREC' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(catch_ups as decimal(38, 8)) as amount, cast(catch_ups_records as bigint) as records
    from revenue_lines
    where catch_ups_records > 0
    union all
    select
        'planned_revenue' as term, 'REVREC' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(planned_revenue as decimal(38, 8)) as amount, cast(planned_revenue_records as bigint) as records
    from revenue_lines
    where planned_revenue_records > 0
    union all
    select
        'recognised' as term, 'REVREC' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recognised as decimal(38, 8)) as amount, cast(recognised_records as bigint) as records
    from revenue_lines
    where recognised_records > 0
    union all
    select
        'recognised_for_work' as term, 'REVREC' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recognised_for_work as decimal(38, 8)) as amount, cast(recognised_for_work_records as bigint) as records
    from revenue_lines
    where recognised_for_work_records > 0
    union all
    select
        'amendments_signed' as term, 'CRM' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(amendments_signed as decimal(38, 8)) as amount, cast(amendments_signed_records as bigint) as records
    from signed_versions
    where amendments_signed_records > 0
    union all
    select
        'contracted' as term, 'CRM' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(contracted as decimal(38, 8)) as amount, cast(contracted_records as bigint) as records
    from signed_versions
    where contracted_records > 0
    union all
    select
        'reduced' as term, 'CRM' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(reduced as decimal(38, 8)) as amount, cast(reduced_records as bigint) as records
    from signed_versions
    where reduced_records > 0
    union all
    select
        'signed_new' as term, 'CRM' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(signed_new as decimal(38, 8)) as amount, cast(signed_new_records as bigint) as records
    from signed_versions
    where signed_new_records > 0
    union all
    select
        'upsold' as term, 'CRM' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(upsold as decimal(38, 8)) as amount, cast(upsold_records as bigint) as records
    from signed_versions
    where upsold_records > 0
    union all
    select
        'billable_staff_hours' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(billable_staff_hours as decimal(38, 8)) as amount, cast(billable_staff_hours_records as bigint) as records
    from staff_time
    where billable_staff_hours_records > 0
    union all
    select
        'approved_billable_hours' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(approved_billable_hours as decimal(38, 8)) as amount, cast(approved_billable_hours_records as bigint) as records
    from time_entries
    where approved_billable_hours_records > 0
    union all
    select
        'approved_hours' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(approved_hours as decimal(38, 8)) as amount, cast(approved_hours_records as bigint) as records
    from time_entries
    where approved_hours_records > 0
    union all
    select
        'billable_hours' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(billable_hours as decimal(38, 8)) as amount, cast(billable_hours_records as bigint) as records
    from time_entries
    where billable_hours_records > 0
    union all
    select
        'delivered_value' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(delivered_value as decimal(38, 8)) as amount, cast(delivered_value_records as bigint) as records
    from time_entries
    where delivered_value_records > 0
    union all
    select
        'fixed_fee_hours' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(fixed_fee_hours as decimal(38, 8)) as amount, cast(fixed_fee_hours_records as bigint) as records
    from time_entries
    where fixed_fee_hours_records > 0
    union all
    select
        'labour_cost' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(labour_cost as decimal(38, 8)) as amount, cast(labour_cost_records as bigint) as records
    from time_entries
    where labour_cost_records > 0
    union all
    select
        'posted_entries' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(posted_entries as decimal(38, 8)) as amount, cast(posted_entries_records as bigint) as records
    from time_entries
    where posted_entries_records > 0
    union all
    select
        'posted_hours' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(posted_hours as decimal(38, 8)) as amount, cast(posted_hours_records as bigint) as records
    from time_entries
    where posted_hours_records > 0
    union all
    select
        'posting_days' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(posting_days as decimal(38, 8)) as amount, cast(posting_days_records as bigint) as records
    from time_entries
    where posting_days_records > 0
    union all
    select
        'recorded_hours' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(recorded_hours as decimal(38, 8)) as amount, cast(recorded_hours_records as bigint) as records
    from time_entries
    where recorded_hours_records > 0
    union all
    select
        'standard_value' as term, 'PSA' as role, book, currency, period, legal_entity_id, customer_id, agreement_id, project_id, cast(null as bigint) as row_id,
        cast(standard_value as decimal(38, 8)) as amount, cast(standard_value_records as bigint) as records
    from time_entries
    where standard_value_records > 0

)

select
    every_term.term,
    every_term.role,
    every_term.book,
    every_term.currency,
    every_term.period,
    coalesce(every_term.legal_entity_id, owner.legal_entity_id) as legal_entity_id,
    coalesce(every_term.customer_id, owner.customer_id) as customer_id,
    every_term.agreement_id,
    every_term.project_id,
    every_term.row_id,
    every_term.amount,
    every_term.records
from every_term
left join {{ ref('agreement') }} as owner on owner.agreement_id = every_term.agreement_id
