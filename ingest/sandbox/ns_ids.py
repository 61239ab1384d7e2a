"""Internal ids of the sandbox's NetSuite: each follows from the record it was made from, never from a row count.

Dropping or adding one time entry, invoice or amendment therefore changes no other id. Entities (customer, job,
employee) share one id space and differ in their last digit; transactions have a block per type; lines of all
transactions have global unique keys.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.world import text_keys

__all__ = [
    "ARRANGEMENT",
    "BOOK",
    "CHARGE_EXPENSE",
    "CHARGE_MILESTONE",
    "CHARGE_SERVICE",
    "CHARGE_TIME",
    "CREDIT",
    "EXPENSE_REPORT",
    "FREE",
    "INVOICE_MILESTONE",
    "INVOICE_SERVICE",
    "INVOICE_TIME",
    "JOURNAL",
    "ORDER",
    "PAYMENT",
    "SUPPLIER_BILL",
    "TIMEBILL",
    "agreement_numbers",
    "customer_ids",
    "employee_id",
    "identity",
    "job_id",
    "number_of",
    "supplier_id",
    "unique_key",
]

#: The primary accounting book.
BOOK = "1"

ORDER = 100_000_000
ARRANGEMENT = 200_000_000
INVOICE_TIME = 1_000_000_000
INVOICE_SERVICE = 2_000_000_000
INVOICE_MILESTONE = 3_000_000_000
#: A credit memo or payment is numbered by the invoice it settles.
CREDIT = 4_000_000_000
JOURNAL = 9_000_000_000
PAYMENT = 10_000_000_000
EXPENSE_REPORT = 40_000_000_000
SUPPLIER_BILL = 60_000_000_000
#: From here on ids are never given by the sandbox's own systems: documents of faults and of applied actions.
FREE = 90_000_000_000

TIMEBILL = 400_000_000
CHARGE_TIME = 1_400_000_000
CHARGE_EXPENSE = 3_500_000_000
CHARGE_MILESTONE = 4_500_000_000
CHARGE_SERVICE = 5_500_000_000

_SPACE = 9_000_000
_SUPPLIER = 7_000_000


def identity(number: pl.Expr) -> pl.Expr:
    """A number as NetSuite writes an id."""
    return number.cast(pl.Int64).cast(pl.String)


def number_of(column: str) -> pl.Expr:
    """The number an id is written from: where millions of rows meet, numbers do so faster than text."""
    return pl.col(column).cast(pl.Int64)


def employee_id(user: str) -> pl.Expr:
    """The employee of a Kantata user."""
    return identity(pl.col(user).cast(pl.Int64) * 10 + 1)


def job_id(workspace: str) -> pl.Expr:
    """The job of a Kantata workspace."""
    return identity(pl.col(workspace).cast(pl.Int64) * 10 + 2)


def supplier_id(number: str) -> pl.Expr:
    """The supplier with a number, as people of the PSA name who sends them."""
    return identity(_SUPPLIER + pl.col(number).cast(pl.Int64) * 10 + 4)


def unique_key(transaction: str, line: str) -> pl.Expr:
    """The global key of a transaction line."""
    return identity(pl.col(transaction).cast(pl.Int64) * 1000 + pl.col(line).cast(pl.Int64))


def agreement_numbers(sow_numbers: pl.Series) -> pl.DataFrame:
    """sow_number, agreement: a number below ten million for each SOW number."""
    return _numbers(sow_numbers).rename({"key": "sow_number", "number": "agreement"})


def customer_ids(accounts: pl.Series) -> pl.DataFrame:
    """account, customer: the customer id of each Salesforce account."""
    return _numbers(accounts).select(account="key", customer=identity(pl.col("number") * 10 + 3))


def _numbers(keys: pl.Series) -> pl.DataFrame:
    """Numbers for text keys by their hash. Keys that collide take the next free number, in their order."""
    taken: set[int] = set()
    numbers: dict[str, int] = {}
    distinct = keys.drop_nulls().unique().sort()
    for key, hashed in zip(distinct.to_list(), text_keys(distinct).tolist(), strict=True):
        number = 1_000_000 + hashed % _SPACE
        while number in taken:
            number += 1
        taken.add(number)
        numbers[key] = number
    return pl.DataFrame(
        {"key": list(numbers), "number": list(numbers.values())}, schema={"key": pl.String, "number": pl.Int64}
    )
