"""The revenue run took the first planned month of a service that had not begun: it is recognised a month too early.

Strikes after recognition, on obligations that start after the last month with a revenue run. The line,
its journal and the month-end reclassification of the agreement are posted in that month. Money: the line.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, hundredth, set_rows, shares, stamp
from ingest.sandbox.ns_accounts import PERCENT_COMPLETE, STRAIGHT_LINE
from ingest.sandbox.ns_amounts import hundredths, money
from ingest.sandbox.ns_ledger import Journals, journals_of, reclass_postings, revenue_postings
from ingest.sandbox.ns_orders import order_lines
from ingest.sandbox.ns_periods import close_of, month_number, month_of, period_name, run_dates
from ingest.sandbox.ns_revenue import Revenue, element_facts, journal_id, return_elements_for
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    chosen = pick(world, _candidates(world), share, salt="fault/recognised_before_start", key="element", alone="sow")
    if not chosen.is_empty():
        _recognise(world, chosen)
    return [
        fault_row(
            world, "K48", "date", hundredth(row["worth"]), row["iso"],
            [record("netsuite", "revenueplanplannedrevenue", row["line"])],
            at_fault="netsuite", action_kind="TRUE_UP", owner="revenue_accounting", consequences=("K44", "K50", "K69"),
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


def _candidates(world: World) -> pl.DataFrame:
    """The first planned line of obligations that start after the last month with a revenue run.

    In the currency of the books: what moves in another one after its revaluation is worth a rate of its own.
    """
    close = close_of(world.firm)
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    books = world["netsuite.subsidiary"].select("currency", subsidiary="id")
    elements = world["netsuite.revenueelement"].join(books, on=["subsidiary", "currency"], how="semi").filter(
        pl.col("revenuerecognitionrule").is_in([PERCENT_COMPLETE, STRAIGHT_LINE]),
        (month_number("revrecstartdate") > close.last_run).all().over("custrecord_line_key"),
        pl.len().over("custrecord_line_key") == 1,
    ).join(iso, on="currency", how="left").select(
        "iso", element="id", arrangement="revenuearrangement",
        sow=pl.col("custrecord_line_key").str.extract(r"^(.*)/\d+$"),
    )  # fmt: skip
    plans = world["netsuite.revenueplan"].filter(pl.col("revenueplantype") == "ACTUAL")
    plans = plans.select(element="createdfrom", revenueplan="id").join(elements, on="element", how="inner")
    lines = world["netsuite.revenueplanplannedrevenue"].join(plans, on="revenueplan", how="inner")
    none_yet = ~pl.col("isrecognized").any().over("element")
    lines = lines.filter(none_yet).with_columns(worth=hundredths("amount")).sort("element", "plannedperiod", "id")
    return lines.unique("element", keep="first", maintain_order=True).filter(pl.col("worth") > 0).select(
        "element", "arrangement", "sow", "iso", "worth", line="id"
    )  # fmt: skip


def _recognise(world: World, chosen: pl.DataFrame) -> None:
    """Recognise lines in the month of the last run, with their postings."""
    month = close_of(world.firm).last_run
    own = element_facts(world, order_lines(world)).join(chosen.select("arrangement"), on="arrangement", how="semi")
    facts = pl.concat([own, return_elements_for(world, own).select(own.columns)])
    early = chosen.join(
        facts.with_columns(month=pl.lit(month, dtype=pl.Int64)).select("element", journal=journal_id(0)),
        on="element", how="left",
    )  # fmt: skip
    _mark(world, early, month)
    revenue = Revenue(facts, _earned(world, facts))
    mine = Revenue(facts, revenue.earned.join(early.select("element"), on="element", how="semi"))
    moves = pl.concat([revenue_postings(world, mine), reclass_postings(world, revenue)])
    _post(world, journals_of(world, moves.filter(pl.col("month") == month)))


def _mark(world: World, early: pl.DataFrame, month: int) -> None:
    """The lines are recognised, their plans have less left."""
    ran = run_dates(world.firm).filter(pl.col("month") == month)["run_on"].item()
    journal = pl.col("id").replace_strict(early["line"], early["journal"], default=None)
    changed = {
        "isrecognized": True, "postingperiod": period_name(month), "journal": journal,
        "dateexecuted": ran,
    }  # fmt: skip
    set_rows(world, "netsuite.revenueplanplannedrevenue", early["line"].to_list(), "id", changed)
    plans = early["element"] + "1"
    worth = pl.col("id").replace_strict(plans, early.select(money("worth")).to_series(), default=None)
    taken = {"totalrecognized": pl.col("totalrecognized") + worth,
             "remainingdeferredbalance": pl.col("remainingdeferredbalance") - worth}  # fmt: skip
    set_rows(world, "netsuite.revenueplan", plans.to_list(), "id", taken)


def _earned(world: World, facts: pl.DataFrame) -> pl.DataFrame:
    """element, month, worth: what is recognised of some elements."""
    plans = world["netsuite.revenueplan"].filter(pl.col("revenueplantype") == "ACTUAL")
    plans = plans.select(element="createdfrom", revenueplan="id").join(
        facts.select("element"), on="element", how="semi"
    )
    lines = (
        world["netsuite.revenueplanplannedrevenue"].filter("isrecognized").join(plans, on="revenueplan", how="inner")
    )
    return lines.select(
        "element", month=month_of("postingperiod"), worth=hundredths("amount")
    ).sort("element", "month")  # fmt: skip


def _post(world: World, journals: Journals) -> None:
    """Put lines into journals of the month, in place of those of the same number; their totals follow."""
    keys = {"transactionline": ["transaction", "id"], "transactionaccountingline": ["transaction", "transactionline"]}
    for stream, new in (("transactionline", journals.lines), ("transactionaccountingline", journals.postings)):
        name = f"netsuite.{stream}"
        kept = world[name].join(new, on=keys[stream], how="anti", maintain_order="left")
        world[name] = pl.concat([kept, new])
    heads = world["netsuite.transaction"]
    missing = journals.transactions.join(heads, on="id", how="anti", maintain_order="left")
    world["netsuite.transaction"] = pl.concat([heads, missing])
    ids = journals.transactions["id"].to_list()
    debits = world["netsuite.transactionline"].filter(
        pl.col("transaction").is_in(ids), pl.col("foreignamount") > 0
    ).group_by(id="transaction").agg(pl.col("foreignamount").sum())  # fmt: skip
    stamp(world, "netsuite.transaction", "id", debits, {"foreigntotal": "foreignamount"})


FAULT = Fault(
    pattern="recognised_before_start", check="K48", stage="recognised", rates=shares(0.05, 0.2, 0.6), inject=_inject
)
