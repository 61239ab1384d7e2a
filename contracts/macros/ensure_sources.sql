{# Relations other parts of Tieout fill; made empty where they are not there yet, so that a plain `dbt build` runs. #}
{% macro ensure_sources() -%}
    {%- for schema, name, columns in [
        ('raw', 'streams', 'connection string, system string, stream string, status string, message string'),
        ('raw', 'watermarks', 'connection string, watermark timestamp'),
        ('quarantine', 'keys', 'connection string, stream string, key string, row_id bigint, load_id string'),
        ('quarantine', 'rows', 'row_id bigint, connection string, stream string, load_id string, source string, '
            ~ 'source_row bigint, raw_row string, amount decimal(18, 4), currency string, status string, first_seen timestamp'),
        ('crosswalk', 'links', 'entity string, enterprise_id string, connection string, object string, source_id string, '
            ~ 'method string, status string, score decimal(6, 4), rule_version integer, valid_from timestamp, valid_to timestamp, is_primary boolean'),
        ('revenue', 'obligations', 'agreement_id string, book string, legal_entity_id string, customer_id string, '
            ~ 'currency string, obligation_key string, obligation_name string, method string, '
            ~ 'start_on date, end_on date, ssp_amount decimal(18, 4), ssp_source string, '
            ~ 'allocated_amount decimal(18, 4), variable_amount decimal(18, 4), '
            ~ 'cap_amount decimal(18, 4), planned_quantity decimal(18, 8), unit string, '
            ~ 'status string, rpo_exemption string, rule string, policy string'),
        ('revenue', 'allocations', 'agreement_id string, book string, version_no integer, effective_on date, '
            ~ 'obligation_key string, ssp_amount decimal(18, 4), price_amount decimal(18, 4), '
            ~ 'method string, rule string'),
        ('revenue', 'decisions', 'decision_id string, agreement_id string, book string, version_no integer, '
            ~ 'decided_on date, period string, obligation_key string, treatment string, '
            ~ 'reason string, rule string, policy string, effect_amount decimal(18, 4), '
            ~ 'currency string, decided_by string, overrides string'),
        ('revenue', 'recognition', 'agreement_id string, book string, legal_entity_id string, customer_id string, '
            ~ 'currency string, obligation_key string, period string, method string, '
            ~ 'price_amount decimal(18, 4), done decimal(38, 8), total decimal(38, 8), '
            ~ 'cumulative_amount decimal(18, 4), period_amount decimal(18, 4), '
            ~ 'catch_up_amount decimal(18, 4), prior_period_amount decimal(18, 4), '
            ~ 'provision_amount decimal(18, 4), rule string, policy string, evidence string, '
            ~ 'functional_amount decimal(18, 4), functional_currency string'),
        ('revenue', 'accruals', 'agreement_id string, book string, legal_entity_id string, customer_id string, '
            ~ 'currency string, project string, obligation_key string, period string, '
            ~ 'amount decimal(18, 4), hours decimal(18, 8), reverses_in string'),
        ('revenue', 'positions', 'agreement_id string, book string, legal_entity_id string, customer_id string, '
            ~ 'currency string, period string, contract_value decimal(18, 4), '
            ~ 'transaction_price decimal(18, 4), constrained_amount decimal(18, 4), '
            ~ 'billed decimal(18, 4), recognised decimal(18, 4), unbilled_receivable decimal(18, 4), '
            ~ 'contract_asset decimal(18, 4), contract_liability decimal(18, 4), '
            ~ 'refund_liability decimal(18, 4), receivable decimal(18, 4), cash decimal(18, 4), '
            ~ 'rpo decimal(18, 4), rpo_next_12 decimal(18, 4), rpo_next_24 decimal(18, 4), '
            ~ 'rpo_later decimal(18, 4), rpo_exempt decimal(18, 4), backlog decimal(18, 4), '
            ~ 'funded_backlog decimal(18, 4), scheduled_backlog decimal(18, 4), '
            ~ 'tm_reestimate decimal(18, 4), constrained_estimates decimal(18, 4), '
            ~ 'expected_concessions decimal(18, 4), cancellable_value decimal(18, 4), '
            ~ 'reallocated_price decimal(18, 4), exempt_right_to_invoice decimal(18, 4), '
            ~ 'exempt_one_year decimal(18, 4)'),
        ('revenue', 'contract_costs', 'agreement_id string, book string, legal_entity_id string, customer_id string, '
            ~ 'currency string, obligation_key string, cost_name string, purpose string, treatment string, '
            ~ 'period string, incurred_amount decimal(18, 4), opening_amount decimal(18, 4), '
            ~ 'capitalised_amount decimal(18, 4), amortised_amount decimal(18, 4), '
            ~ 'impaired_amount decimal(18, 4), closing_amount decimal(18, 4), benefit_until date, '
            ~ 'rule string, policy string, evidence string'),
        ('revenue', 'problems', 'agreement_id string, book string, obligation_key string, period string, code string, '
            ~ 'message string, advice string, at_fault string, amount decimal(18, 4)'),
    ] %}
    create schema if not exists {{ schema }};
    {%- if execute and not adapter.get_relation(target.database, schema, name) %}
    create table {{ schema }}.{{ name }} ({{ columns }});
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
