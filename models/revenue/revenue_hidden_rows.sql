{{ config(materialized='view', schema='intermediate') }}

-- Rows that are set aside behind the terms and schedules of revenue, behind the accrual, the recharge and the cost of time, behind what
-- was delivered, and behind plans: while there are any, what seems to differ may be one of them.
select
    count(
        case
            when lower(stream) in (
                'contract', 'order', 'orderitem', 'transaction', 'transactionline', 'accountingperiod', 'revenuearrangement', 'revenueelement',
                'revenueplan', 'revenueplanplannedrevenue'
            ) then 1
        end
    ) as term_row_count,
    count(
        case
            when lower(stream) in (
                'contract', 'order', 'orderitem', 'sow_rate__c', 'time_entries', 'timesheet_submissions', 'workspaces', 'stories',
                'custom_field_values', 'roles', 'job', 'account', 'accountingperiod', 'transaction', 'transactionline',
                'transactionaccountingline'
            ) then 1
        end
    ) as accrual_row_count,
    count(
        case
            when lower(stream) in (
                'contract', 'time_entries', 'timesheet_submissions', 'users', 'workspaces', 'stories', 'custom_field_values', 'subsidiary',
                'job', 'account', 'accountingperiod', 'currencyrate', 'transaction', 'transactionline', 'transactionaccountingline'
            ) then 1
        end
    ) as recharge_row_count,
    count(
        case
            when lower(stream) in (
                'contract', 'time_entries', 'timesheet_submissions', 'users', 'workspaces', 'stories', 'custom_field_values', 'subsidiary',
                'job', 'account', 'accountingperiod', 'transaction', 'transactionline', 'transactionaccountingline'
            ) then 1
        end
    ) as cost_row_count,
    count(
        case
            when lower(stream) in (
                'contract', 'order', 'orderitem', 'sow_rate__c', 'time_entries', 'time_adjustments', 'expenses', 'workspaces', 'stories',
                'custom_field_values', 'billing_milestones', 'accountingperiod', 'transaction', 'transactionline', 'revenuearrangement',
                'revenueelement', 'revenueplan', 'revenueplanplannedrevenue'
            ) then 1
        end
    ) as evidence_row_count,
    count(
        case
            when lower(stream) in (
                'contract', 'order', 'orderitem', 'time_entries', 'timesheet_submissions', 'workspaces', 'stories', 'custom_field_values',
                'workspace_resources', 'workspace_allocations'
            ) then 1
        end
    ) as plan_row_count
from {{ source('quarantine', 'rows') }}
where status in ('open', 'discarded')
