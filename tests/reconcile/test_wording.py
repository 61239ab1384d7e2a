"""How amounts and facts are said in titles."""

import duckdb
import pytest

from reconcile.wording import amount_sql, filled

BREAK = """
    select 'amount' as break_type, 'value_amount' as field, 'time_entry' as entity, '1234.5' as left_value,
      '7' as right_value, 'USD' as left_currency, 'JPY' as right_currency, 1234.5::decimal(18,4) as left_amount,
      7::decimal(18,4) as right_amount, -1227.5::decimal(18,4) as variance, 'USD' as currency, null as project_code,
      'PRO-1' as project_id, null as customer_name, null as customer_id,
      '{"hours": "7.500000", "paid_amount": 1000.0, "code": "007", "none": null}' as payload
"""


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("1234567.5", "USD", "1,234,567.50"),
        ("0", "USD", "0.00"),
        ("-0.5", "EUR", "-0.50"),
        ("-1234", "JPY", "-1,234"),
        ("0.25", "JPY", "0.25"),
        ("1.5", "KWD", "1.500"),
        ("33.3333", "USD", "33.3333"),
        ("99999999999999.9999", "USD", "99,999,999,999,999.9999"),
        ("10", None, "10.00"),
    ],
)
def test_an_amount_has_its_minor_units_and_loses_nothing(amount: str, currency: str | None, expected: str) -> None:
    query = f"select {amount_sql('amount', 'currency')} from (select cast(? as decimal(18,4)) as amount, ? as currency)"
    assert duckdb.execute(query, [amount, currency]).fetchone() == (expected,)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{thing}: {left_value} and {right_value} ({money})", "time entry: 1,234.50 and 7 (1,227.50 USD)"),
        ("{hours} h, {paid_amount} paid, code {code}", "7.5 h, 1,000.00 paid, code 007"),
        ("{project_code} of {customer_name}, {none}, {unheard_of}", "PRO-1 of ?, ?, ?"),
    ],
)
def test_a_template_is_filled_from_the_break_and_its_payload(template: str, expected: str) -> None:
    assert duckdb.execute(f"select {filled(template)} from ({BREAK})").fetchone() == (expected,)
    assert duckdb.execute(f"select {filled(template, of='b.')} from ({BREAK}) as b").fetchone() == (expected,)


@pytest.mark.parametrize(
    ("kind", "field", "expected"),
    [
        ("quantity", "hours", "1234.5"),
        ("terms", "cap_amount", "1,234.50"),
        ("classification", None, "1,234.50"),
    ],
)
def test_only_values_that_are_money_are_shown_as_money(kind: str, field: str, expected: str) -> None:
    query = f"select {filled('{left_value}')} from (select * replace (? as break_type, ? as field) from ({BREAK}))"
    assert duckdb.execute(query, [kind, field]).fetchone() == (expected,)
