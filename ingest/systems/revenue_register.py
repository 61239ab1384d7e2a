"""Revenue register: what revenue accounting knows of an agreement and no export of the CRM, the PSA or the ERP states.

The firm's own register, kept in whatever holds it and handed in as one file of entries (CSV, JSON lines or Parquet) in
a folder. It is no party to a comparison: it plays no role, claims no entity and takes no correction, and when it was
handed in says nothing about until when the firm is known. An entry is evidence for the recomputed revenue of one
agreement, in every book:

cost           cost incurred on a line: progress of what is measured by cost. `uninstalled` materials earn their cost
               (ASC 606-10-55-21; IFRS 15.B19), `wasted` cost is no progress
estimate       what a line is expected to take in total from that day on: cost (`amount`) or hours (`quantity`; of a
               bank of hours less than was sold is breakage, ASC 606-10-55-48; IFRS 15.B46); or that its cap will bind
               (`limits_progress`); or what leaving it would cost (`exit_penalty`; IAS 37.68)
accepted       what of a fixed fee the customer accepted, as a share of the fee of that day or as an amount of it:
               progress where the book measures it by milestones (ASC 606-10-55-17; IFRS 15.B15)
ssp            the stand-alone selling price of what is signed of a line on that day or next after it: a point, a range
               (a price inside it is its own selling price), or the residual; and the bundle it is regularly sold in
               (ASC 606-10-32-31 to 32-38; IFRS 15.76 to 15.82)
method         by what a line with a fixed price is earned from that day on, where its billing type or the choice of the
               book says otherwise: hours, cost, units, milestone, time passed, a bank of hours, cost until progress can
               be measured (ASC 606-10-25-31 to 25-37; IFRS 15.41 to 15.45)
right_to_consideration
               whether the invoice of that number can be cancelled, so that nobody owes it before it is paid, or cannot
               and is owed when it is due (ASC 606-10-45-4; IFRS 15.108)
contract_cost  what was spent to obtain or to fulfil the agreement (ASC 340-40; IFRS 15.91 to 15.104), in the currency
               it was paid in; without an amount a new `benefit_until` of the costs of its name
impaired       what of such costs is not recoverable (340-40-35-3; IFRS 15.101)

Kinds that exports state (hours, invoices, signed lines) are refused: the same thing said twice would count twice.
`recorded_at` is when the entry was made: it counts in the month of its day, and where that was closed by then in the
month whose cut-off was still ahead. An entry that a later file no longer holds is gone. One that the file says
otherwise counts as it is now, with its day and its `recorded_at`: what changes is a new entry.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from contracts.methods import FIXED_PRICE
from ingest.objections import violations
from ingest.system import (
    SourceSystem,
    Stream,
    boolean,
    date,
    decimal,
    identifier,
    money,
    needed,
    text,
    timestamp,
)

__all__ = ["KINDS", "STATED_BY_EXPORTS", "SYSTEM"]

#: Kinds of entries, and what each says besides its agreement, obligation, day and currency.
KINDS: Mapping[str, tuple[str, ...]] = {
    "cost": ("amount", "uninstalled", "wasted"),
    "estimate": ("amount", "quantity", "limits_progress", "exit_penalty"),
    "accepted": ("amount", "share"),
    "ssp": ("amount", "ssp_method", "ssp_low", "ssp_high", "bundle", "bundle_price"),
    "method": ("method",),
    "right_to_consideration": ("document", "cancellable"),
    "contract_cost": (
        "amount", "cost_name", "purpose", "benefit_from", "benefit_until", "incremental", "chargeable",
        "relates_to_contract", "creates_resources", "recoverable", "own_standard",
    ),
    "impaired": ("amount", "cost_name"),
}  # fmt: skip

#: Kinds of evidence that come from exports: an entry must not say them again.
STATED_BY_EXPORTS = (
    "rate", "signed", "funded", "scheduled", "worked", "variable", "completed", "invoiced", "credited",
    "received", "terminated",
)  # fmt: skip

#: Methods of lines that have none.
_PRICED_OTHERWISE = ("as_charged", "expense", "success_fee")
#: A day before it is a slip of the pen, and not evidence of a month that nobody recomputes.
_FIRST_YEAR = 2000
#: Yes or no of which no says something too.
_SAID_BY_NO = ("cancellable", "relates_to_contract", "creates_resources", "recoverable")
_SAID = tuple(dict.fromkeys(field for fields in KINDS.values() for field in fields))


def judge_entries(frame: pl.DataFrame) -> pl.DataFrame:
    """What is wrong with entries across their fields: (row_id, field, rule, value, message) of bad rows.

    A kind that exports state, a field that says nothing about its kind, an entry without what its kind needs, a benefit
    that ends before it begins. False, and zero as a quantity or amount, say nothing and are no mistake.
    """
    kind = pl.col("kind").str.to_lowercase()
    says = {field: _is_said(frame, field) for field in _SAID}
    nothing = ~(says["amount"] | says["quantity"] | says["exit_penalty"])
    residual = pl.col("ssp_method").str.to_lowercase() == "residual"
    is_residual = residual.fill_null(value=False)
    starts = pl.coalesce("benefit_from", "happened_on")
    objections = [
        ("kind", "stated_by_exports", kind.is_in(STATED_BY_EXPORTS),
         "the exports state it: correct it in its system, or it would count twice"),
        ("happened_on", "day", pl.col("happened_on").dt.year() < _FIRST_YEAR, "the day is too long ago to be meant"),
        ("amount", "needed", kind.is_in(["cost", "impaired"]) & ~says["amount"], "such an entry needs an amount"),
        ("amount", "needed", (kind == "estimate") & nothing,
         "an estimate needs an amount (cost), a quantity (hours) or an exit_penalty"),
        ("amount", "needed", (kind == "estimate") & says["limits_progress"] & ~says["amount"],
         "a cap that will bind needs the value expected as its amount"),
        ("share", "needed", (kind == "accepted") & (says["amount"] == says["share"]),
         "it needs either a share of the fixed fee or an amount of it"),
        ("share", "range", (kind == "accepted") & ~pl.col("share").is_between(-1, 1),
         "a share of the fixed fee is no more than 1"),
        ("obligation", "needed", kind.is_in(["accepted", "ssp", "method"]) & pl.col("obligation").is_null(),
         "it needs the line it is of"),
        ("amount", "needed", (kind == "ssp") & ~is_residual & ~says["amount"],
         "it needs an amount, but for the residual approach"),
        ("amount", "residual", (kind == "ssp") & is_residual & says["amount"],
         "a residual is what the other selling prices leave: it has no amount"),
        ("ssp_high", "needed", (kind == "ssp") & ~is_residual & (says["ssp_low"] != says["ssp_high"]),
         "a range needs both ends"),
        ("ssp_high", "runs_backward", (kind == "ssp") & (pl.col("ssp_high") < pl.col("ssp_low")),
         "the range ends before it begins"),
        ("bundle_price", "needed", (kind == "ssp") & (says["bundle"] != says["bundle_price"]),
         "a bundle needs its name and the price at which it is regularly sold"),
        ("method", "needed", (kind == "method") & ~says["method"], "it needs to say by what the line is earned"),
        ("method", "priced_otherwise",
         (kind == "method") & pl.col("method").str.to_lowercase().is_in(_PRICED_OTHERWISE),
         "work charged by the hour, expenses and success fees have no fixed price: they follow their own"),
        ("document", "needed", (kind == "right_to_consideration") & ~says["document"],
         "it needs the number of the invoice"),
        ("cancellable", "needed", (kind == "right_to_consideration") & ~says["cancellable"],
         "it needs to say whether the invoice can be cancelled"),
        ("purpose", "needed", (kind == "contract_cost") & says["amount"] & ~says["purpose"],
         "a cost of the agreement needs a purpose: obtain or fulfil"),
        ("benefit_until", "needed", (kind == "contract_cost") & ~says["amount"] & ~says["benefit_until"],
         "without an amount it is a new estimate of how long the cost is of use and needs benefit_until"),
        ("benefit_until", "runs_backward",
         (kind == "contract_cost") & says["amount"] & (pl.col("benefit_until") < starts),
         "the benefit ends before it begins"),
        *((field, "other_kind", says[field] & kind.is_in([one for one in KINDS if field not in KINDS[one]]),
           "it says nothing about this kind of entry") for field in _SAID),
    ]  # fmt: skip
    return violations(frame, objections, _said)


def _said(field: str, why: str) -> pl.Expr:
    return pl.format(f"{field} of an entry of kind {{}}: {why}", pl.col("kind").fill_null("?"))


def _is_said(frame: pl.DataFrame, field: str) -> pl.Expr:
    """Whether a field says anything: not when it is empty, false or zero."""
    column, kind = pl.col(field), frame.schema[field]
    if kind == pl.Boolean and field not in _SAID_BY_NO:
        return column.fill_null(value=False)
    if kind.is_numeric():
        return column.fill_null(0) != 0
    return column.is_not_null()


SYSTEM = SourceSystem(
    name="revenue_register",
    title="Revenue register",
    roles=(),
    booleans=(("true", "1"), ("false", "0")),
    clock="offset",
    format="csv",
    streams=(
        Stream(
            name="entries",
            key=("entry_id",),
            amount="amount",
            meaning="What revenue accounting knows of agreements and no export states.",
            fields=(
                *needed(identifier("entry_id", meaning="the register's own id"), filled=True),
                *needed(timestamp("recorded_at", meaning="when the entry was made, with its offset"), filled=True),
                *needed(text("agreement_number", meaning="as the CRM writes it"), filled=True),
                *text("obligation", meaning="key of the agreement line; empty where the agreement has one line"),
                *needed(text("kind", *KINDS), filled=True),
                *needed(date("happened_on", meaning="the day it counts from"), filled=True),
                *needed(text("currency", lengths=(3,), meaning="ISO code"), filled=True),
                *needed(money("amount", currency="currency")),
                *decimal("quantity", 4, meaning="hours, or the unit the line is sold in, in total"),
                *boolean("uninstalled wasted limits_progress"),
                *money("exit_penalty", currency="currency"),
                *decimal("share", 8, meaning="of the fixed fee of that day: 0.25 for a quarter"),
                *text("method", *FIXED_PRICE, meaning="by what the line is earned; fixed_fee: as the book chooses"),
                *text("ssp_method", "observable", "adjusted_market", "expected_cost", "residual"),
                *money("ssp_low ssp_high", currency="currency", meaning="range of the stand-alone selling price"),
                *text("bundle", meaning="what the line is regularly sold in: lines of one name belong together"),
                *money("bundle_price", currency="currency", meaning="at which the bundle is regularly sold"),
                *text("document", meaning="number of the invoice, as the ERP writes it"),
                *boolean("cancellable", meaning="whether the customer can cancel that invoice from the day on"),
                *text("cost_name", meaning="what the cost is called: entries of one name belong together"),
                *text("purpose", "obtain", "fulfil"),
                *date("benefit_from", meaning="first day of the benefit; else the day"),
                *date("benefit_until", meaning="last day, expected renewals included; else the end of the agreement"),
                *boolean("incremental chargeable", meaning="of costs to obtain"),
                *boolean("relates_to_contract creates_resources", meaning="of costs to fulfil; yes if not said"),
                *boolean("recoverable", meaning="yes if not said"),
                *boolean("own_standard", meaning="another standard applies to it: hardware, software"),
                *text("remark", meaning="where the entry comes from, for whoever checks it"),
            ),
            judge=judge_entries,
        ),
    ),
)
