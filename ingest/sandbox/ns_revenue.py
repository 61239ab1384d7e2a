"""Revenue in the sandbox's NetSuite: arrangements, elements, plans and their planned lines.

One arrangement per sales order, one element per order line, one more for its reimbursed expenses, one for its success
fee where it has one, and one return element per credit that reduces revenue. What is earned as it is charged is flagged
as left out of remaining performance obligations (``custrecord_rpo_exempt``). Every element has an ACTUAL plan, which is
what counts, and a FORECAST plan, which does not. Lines of months whose revenue run is done are recognised by a journal
of that month.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_accounts import (
    EXPENSE_ITEM,
    PERCENT_COMPLETE,
    TIME_ONLY_RULES,
    account_id,
    item_accounts,
)
from ingest.sandbox.ns_amounts import hundredths, micro_rate, money
from ingest.sandbox.ns_charges import UNCAPPED_RULE, UNTICKED_RULE
from ingest.sandbox.ns_ids import ARRANGEMENT, BOOK, JOURNAL, ORDER, identity
from ingest.sandbox.ns_layers import with_line_rates
from ingest.sandbox.ns_orders import expense_element, line_ends, order_lines
from ingest.sandbox.ns_periods import close_of, month_of, period_id, period_table, posting_month, run_dates
from ingest.sandbox.ns_schedules import scheduled_lines
from ingest.sandbox.ns_settlement import REVENUE_REASONS
from ingest.sandbox.ns_variable import variable_facts
from ingest.sandbox.world import World

__all__ = [
    "Revenue",
    "arrange",
    "as_charged_lines",
    "at_line_rates",
    "element_facts",
    "journal_id",
    "move_revenue",
    "plan_revenue",
    "planned_rows",
    "recognised",
    "return_elements_for",
]


#: Where a world remembers revenue that somebody moved between months.
_MOVES = "netsuite.moved_revenue"


@dataclass(frozen=True)
class Revenue:
    """`facts`: one row per element with everything about it; `earned`: element, month, worth, line_rate.

    `line_rate` is the rate of a month of an agreement in foreign currency; empty where that of its arrangement holds.
    """

    facts: pl.DataFrame
    earned: pl.DataFrame


def arrangement_of(order: str = "order") -> pl.Expr:
    """The arrangement of a sales order."""
    return identity(pl.col(order).cast(pl.Int64) - ORDER + ARRANGEMENT)


def journal_id(kind: int | pl.Expr) -> pl.Expr:
    """The journal of a subsidiary, currency and month: 0 revenue, 1 reclassification, 2 unbilled receivable, and on."""
    key = (pl.col("subsidiary").cast(pl.Int64) + kind * 100) * 100 + pl.col("currency").cast(pl.Int64)
    return identity(JOURNAL + key * 1000 + pl.col("month") % 1000)


def plan_revenue(world: World) -> Revenue:
    """All arrangements, elements, plans and planned lines of the world."""
    lines = order_lines(world)
    own = element_facts(world, lines)
    returns = return_elements_for(world, own)
    variable, outcomes = variable_facts(world, own)
    facts = pl.concat([own, variable, returns.select(own.columns)])
    earned = pl.concat(
        [
            scheduled_lines(world, lines, own),
            outcomes,
            as_charged_lines(world["netsuite.charge"], lines, period_table(world.firm)),
            returns.select("element", "month", worth="value"),
        ]
    )
    earned = _moved(world, earned).sort("element", "month")
    kept = facts.filter((pl.col("item") != EXPENSE_ITEM) | pl.col("element").is_in(earned["element"].implode()))
    earned = with_line_rates(world, kept, earned)
    planned = planned_rows(world, kept, earned)
    world["netsuite.revenuearrangement"] = _arrangements(kept)
    world["netsuite.transaction"] = pl.concat([world["netsuite.transaction"], _arrangement_transactions(kept)])
    world["netsuite.revenueelement"] = _elements(kept)
    world["netsuite.revenueplan"] = _plans(world, kept, earned)
    world["netsuite.revenueplanplannedrevenue"] = pl.concat([planned, _forecast_rows(kept)])
    return Revenue(kept, earned)


def arrange(world: World, orders: list[str]) -> dict[str, pl.DataFrame]:
    """What revenue makes of orders that came late, by stream: what they should have earned already is a catch-up."""
    close = close_of(world.firm)
    lines = order_lines(world).filter(pl.col("order").is_in(orders))
    own = element_facts(world, lines).filter(pl.col("item") != EXPENSE_ITEM)
    variable, outcomes = variable_facts(world, own)
    facts = pl.concat([own, variable])
    earned = pl.concat([scheduled_lines(world, lines, own), outcomes])
    late = earned.filter(pl.col("month") <= close.last_run).group_by("element").agg(pl.col("worth").sum())
    late = late.select("element", "worth", month=pl.lit(close.open_month, dtype=pl.Int64)).select(earned.columns)
    ahead = earned.filter(pl.col("month") > close.last_run)
    return {
        "revenuearrangement": _arrangements(facts),
        "transaction": _arrangement_transactions(facts),
        "revenueelement": _elements(facts),
        "revenueplan": _plans(world, facts, pl.concat([late, ahead])),
        "revenueplanplannedrevenue": pl.concat(
            [planned_rows(world, facts, ahead), planned_rows(world, facts, late, 1, "Catch-up"), _forecast_rows(facts)]
        ),
    }


def move_revenue(world: World, moves: pl.DataFrame) -> None:
    """Recognise in other months than the evidence says: element, month, worth to add (or, negative, to take away)."""
    known = world.shared.get(_MOVES)
    world.shared[_MOVES] = moves if known is None else pl.concat([known, moves])


def _moved(world: World, earned: pl.DataFrame) -> pl.DataFrame:
    """What people made of the schedules before they were posted."""
    moves = world.shared.get(_MOVES)
    if moves is None:
        return earned
    every = pl.concat([earned, moves.select(earned.columns)]).group_by("element", "month").agg(pl.col("worth").sum())
    return every.filter(pl.col("worth") != 0)


def element_facts(world: World, lines: pl.DataFrame) -> pl.DataFrame:
    """One row per element of an order: its line, rule, value, dates, accounts, rate, and the month it was made."""
    ends = line_ends(world).unique("order_item", keep="first")
    rows = lines.join(ends, on="order_item", how="left", maintain_order="left").with_columns(
        start=pl.coalesce("start", "order_on"), end=pl.coalesce("end", "order_on")
    )
    rows = rows.with_columns(
        made=posting_month(
            rows.with_columns(day=pl.col("synced").dt.date()), "day", "synced", period_table(world.firm)
        ),
        reference=pl.col("line_uniquekey"),
        source=pl.lit("Sales Order #") + pl.col("order_number"),
        source_type=pl.lit("salesorder"),
        returned=pl.lit(None, dtype=pl.String),
        planned_minutes=pl.col("planned_minutes").fill_null(0),
    )
    expenses = _expense_facts(world, rows)
    columns = [
        "element", "order", "arrangement", "item", "job", "customer", "sow_number", "subsidiary", "currency", "iso",
        "base", "step", "base_step", "order_rate", "value", "quantity", "rule", "plans_on", "income_account", "start",
        "end", "order_on", "made", "synced", "reference", "source", "source_type", "returned", "line_key",
        "planned_minutes",
    ]  # fmt: skip
    rows = rows.with_columns(arrangement=arrangement_of())
    return pl.concat([rows.select(columns), expenses.select(columns)])


def _expense_facts(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """The expense element of every order; those without expenses are left out later."""
    item = item_accounts(world["netsuite.item"]).filter(pl.col("item") == EXPENSE_ITEM)
    firsts = rows.unique("order", keep="first", maintain_order=True)
    firsts = firsts.drop("item", "billing_account", "income_account", "rule", "plans_on")
    return firsts.join(item, how="cross").with_columns(
        element=expense_element(),
        arrangement=arrangement_of(),
        value=pl.lit(0, dtype=pl.Int64),
        quantity=pl.lit(1).cast(pl.Decimal(12, 4)),
        reference=pl.lit(None, dtype=pl.String),
        line_key=pl.lit(None, dtype=pl.String),
        planned_minutes=pl.lit(0, dtype=pl.Int64),
    )  # fmt: skip


def as_charged_lines(charges: pl.DataFrame, lines: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """element, month, worth: what time and expense charges earn, by the month they belong to, billed or not.

    What nobody may bill earns nothing, unless it is beyond a cap its rule does not know.
    """
    earning = charges.filter(
        pl.col("chargetype").is_in(["Time-Based", "Expense-Based"]),
        (pl.col("stage") != "Non-Billable") | (pl.col("rule") == UNCAPPED_RULE),
        pl.col("rule") != UNTICKED_RULE,
    ).select("salesorder", "salesorderline", "chargedate", "createddate", "amount")
    earning = earning.with_columns(month=posting_month(earning, "chargedate", "createddate", periods))
    sums = earning.group_by("salesorder", "salesorderline", "month").agg(worth=hundredths(pl.col("amount").sum()))
    elements = lines.select("element", salesorder="order", salesorderline="order_line")
    timed = sums.join(elements, on=["salesorder", "salesorderline"], how="inner")
    spent = sums.filter(pl.col("salesorderline").is_null()).with_columns(element=expense_element("salesorder"))
    columns = ["element", "month", "worth"]
    return pl.concat([timed.select(columns), spent.select(columns)]).filter(pl.col("worth") != 0)


def recognised(world: World) -> pl.DataFrame:
    """element, recognised (hundredths): what is posted of each, or planned to correct it."""
    plans = world["netsuite.revenueplan"].filter(pl.col("revenueplantype") == "ACTUAL")
    lines = world["netsuite.revenueplanplannedrevenue"].filter(
        pl.col("isrecognized") | (pl.col("plannedrevenuetype") == "Catch-up")
    )
    lines = lines.join(plans.select("createdfrom", revenueplan="id"), on="revenueplan", how="inner")
    return lines.group_by(element="createdfrom").agg(recognised=hundredths("amount").sum())


def return_elements_for(world: World, origins: pl.DataFrame) -> pl.DataFrame:
    """Return elements (facts, plus their month) of posted credits that name the invoice line they correct."""
    credits_ = world["netsuite.transaction"].filter(
        pl.col("type") == "CustCred", pl.col("posting"), pl.col("custbody_credit_reason").is_in(list(REVENUE_REASONS))
    )
    lines = world["netsuite.transactionline"]
    wanted = lines.filter(~pl.col("mainline"), ~pl.col("taxline"), pl.col("custcol_credited_line").is_not_null()).join(
        credits_.select("tranid", "trandate", "postingperiod", "createddate", transaction="id"), on="transaction"
    )
    invoiced = lines.select(custcol_credited_line="uniquekey", origin="revenueelement").filter(
        pl.col("origin").is_not_null()
    )
    rows = wanted.drop("quantity", "item", "subsidiary").join(invoiced, on="custcol_credited_line", how="inner")
    rows = rows.join(origins.rename({"element": "origin"}), on="origin", how="inner").sort("transaction", "id")
    return rows.with_columns(
        element=identity(pl.col("transaction").cast(pl.Int64) * 10 + pl.col("id").cast(pl.Int64)),
        value=-hundredths("foreignamount"),
        quantity=-pl.lit(1).cast(pl.Decimal(12, 4)),
        start=pl.col("trandate"),
        end=pl.col("trandate"),
        order_on=pl.col("trandate"),
        synced=pl.col("createddate"),
        reference=pl.col("uniquekey"),
        source=pl.lit("Credit Memo #") + pl.col("tranid"),
        source_type=pl.lit("creditmemo"),
        returned=pl.col("origin"),
        month=month_of("postingperiod"),
    )


def planned_rows(
    world: World, facts: pl.DataFrame, earned: pl.DataFrame, slot: int = 0, kind: str = "Normal"
) -> pl.DataFrame:
    """Lines of ACTUAL plans: element, month, worth as `revenueplanplannedrevenue`, recognised up to the last run.

    Where `earned` has a `line_rate`, it is the line's rate of exchange; else that of the arrangement is.

    `slot` keeps a second line of one plan and month (a catch-up, `kind` "Catch-up") apart from the first.
    """
    close = close_of(world.firm)
    rows = at_line_rates(earned).join(
        facts.select("element", "subsidiary", "currency", "order_rate", "income_account"),
        on="element", how="inner", maintain_order="left",
    ).join(run_dates(world.firm), on="month", how="left", maintain_order="left")  # fmt: skip
    rows = rows.with_columns(order_rate=pl.coalesce("line_rate", "order_rate"))
    done = pl.col("month") <= close.last_run
    return conform(
        "revenueplanplannedrevenue",
        rows.select(
            id=identity(plan_number() * 10_000 + pl.col("month") % 1000 * 10 + slot),
            revenueplan=identity(plan_number()),
            amount=money("worth"),
            plannedperiod=period_id("month"),
            postingperiod=pl.when(done).then(period_id("month")),
            plannedrevenuetype=pl.lit(kind),
            isrecognized=done,
            journal=pl.when(done).then(journal_id(0)),
            dateexecuted=pl.when(done).then("run_on"),
            exchangerate=micro_rate("order_rate"),
            deferredrevenueaccount=pl.lit(account_id("2400")),
            recognitionaccount="income_account",
        ),
    )


def at_line_rates(earned: pl.DataFrame) -> pl.DataFrame:
    """`earned` with a `line_rate`, empty where it has none: then the rate of its arrangement holds."""
    none = pl.lit(None, dtype=pl.Int64)
    return earned if "line_rate" in earned.columns else earned.with_columns(line_rate=none)


def plan_number(forecast: bool = False) -> pl.Expr:
    """The number of an element's plan."""
    return pl.col("element").cast(pl.Int64) * 10 + (2 if forecast else 1)


def _forecast_rows(facts: pl.DataFrame) -> pl.DataFrame:
    """One line per FORECAST plan: everything in the month the service ends. Nobody recognises it."""
    rows = facts.filter(pl.col("returned").is_null(), pl.col("value") != 0)
    month = pl.col("end").dt.year().cast(pl.Int64) * 12 + pl.col("end").dt.month() - 1
    rows = rows.with_columns(month=month)
    return conform(
        "revenueplanplannedrevenue",
        rows.select(
            id=identity(plan_number(True) * 10_000 + pl.col("month") % 1000 * 10),
            revenueplan=identity(plan_number(True)),
            amount=money("value"),
            plannedperiod=period_id("month"),
            plannedrevenuetype=pl.lit("Normal"),
            isrecognized=pl.lit(False),
            exchangerate=micro_rate("order_rate"),
            deferredrevenueaccount=pl.lit(account_id("2400")),
            recognitionaccount="income_account",
        ),
    )


def _arrangements(facts: pl.DataFrame) -> pl.DataFrame:
    rows = facts.filter(pl.col("returned").is_null()).group_by("arrangement", maintain_order=True).agg(
        pl.col("subsidiary", "customer", "order_on").first(), changed=pl.col("synced").max()
    )  # fmt: skip
    return conform(
        "revenuearrangement",
        rows.select(
            "subsidiary",
            id="arrangement",
            tranid=pl.lit("RA") + pl.col("arrangement"),
            trandate="order_on",
            accountingbook=pl.lit(BOOK),
            compliant=pl.lit(True),
            entity="customer",
            lastmodifieddate=pl.col("changed") + pl.duration(hours=2),
        ),
    )


def _arrangement_transactions(facts: pl.DataFrame) -> pl.DataFrame:
    rows = facts.filter(pl.col("returned").is_null()).group_by("arrangement", maintain_order=True).agg(
        pl.col("customer", "order_on", "currency", "order_rate", "sow_number").first(),
        total=pl.col("value").sum(), made_at=pl.col("synced").min(), changed=pl.col("synced").max(),
    )  # fmt: skip
    return conform(
        "transaction",
        rows.select(
            "currency",
            id="arrangement",
            type=pl.lit("RevArrng"),
            tranid=pl.lit("RA") + pl.col("arrangement"),
            trandate="order_on",
            createddate=pl.col("made_at") + pl.duration(hours=2),
            lastmodifieddate=pl.col("changed") + pl.duration(hours=2),
            entity="customer",
            exchangerate=micro_rate("order_rate"),
            foreigntotal=money("total"),
            status=pl.lit("B"),
            approvalstatus=pl.lit("2"),
            posting=pl.lit(False),
            voided=pl.lit(False),
            isreversal=pl.lit(False),
            custbody_sow_number="sow_number",
        ),
    )


def _elements(facts: pl.DataFrame) -> pl.DataFrame:
    return conform(
        "revenueelement",
        facts.select(
            "item", "subsidiary", "currency", "quantity",
            id="element",
            recordnumber=pl.lit("RE") + pl.col("element"),
            revenuearrangement="arrangement",
            accountingbook=pl.lit(BOOK),
            source="source",
            sourcerecordtype="source_type",
            referenceid="reference",
            entity="job",
            exchangerate=micro_rate("order_rate"),
            salesamount=money("value"),
            discountedsalesamount=money("value"),
            allocationamount=money("value"),
            revenuerecognitionrule="rule",
            createrevenueplanson="plans_on",
            revrecstartdate="start",
            revrecenddate="end",
            elementdate="order_on",
            deferralaccount=pl.lit(account_id("2400")),
            recognitionaccount="income_account",
            revenueplanstatus=pl.lit("Completed"),
            requiresrevenueplanupdate=pl.lit(False),
            returnofelement="returned",
            lastmodifieddate=pl.col("synced") + pl.duration(hours=2),
            custrecord_line_key="line_key",
            custrecord_rpo_exempt=pl.col("rule").is_in(list(TIME_ONLY_RULES)),
        ),
    )  # fmt: skip


def _plans(world: World, facts: pl.DataFrame, earned: pl.DataFrame) -> pl.DataFrame:
    close = close_of(world.firm)
    done = pl.col("month") <= close.last_run
    sums = earned.group_by("element").agg(planned=pl.col("worth").sum(), recognised=pl.col("worth").filter(done).sum())
    ran = run_dates(world.firm).filter(pl.col("month") == close.last_run)["run_on"][0]
    rows = facts.join(sums, on="element", how="left", maintain_order="left").with_columns(
        pl.col("planned", "recognised").fill_null(0),
        as_charged=pl.col("rule").is_in(list(TIME_ONLY_RULES)) & pl.col("returned").is_null(),
        ran=pl.lit(ran).cast(pl.Datetime("us")) + pl.duration(hours=22),
    )
    actual = _plan_rows(rows, forecast=False)
    forecast = _plan_rows(rows.filter(pl.col("returned").is_null(), pl.col("value") != 0), forecast=True)
    return pl.concat([actual, forecast])


def _plan_rows(rows: pl.DataFrame, *, forecast: bool) -> pl.DataFrame:
    amount = pl.col("value") if forecast else pl.when("as_charged").then("planned").otherwise("value")
    recognised = pl.lit(0) if forecast else pl.col("recognised")
    status = (
        pl.when(recognised == 0).then(pl.lit("Not Started"))
        .when(recognised == amount).then(pl.lit("Completed")).otherwise(pl.lit("In Progress"))
    )  # fmt: skip
    method = pl.when(pl.col("rule") == PERCENT_COMPLETE).then(pl.lit("Percent Complete")).otherwise(pl.lit("Standard"))
    return conform(
        "revenueplan",
        rows.select(
            id=identity(plan_number(forecast)),
            recordnumber=pl.lit("RP") + identity(plan_number(forecast)),
            createdfrom="element",
            amount=money(amount),
            revenueplancurrency="currency",
            exchangerate=micro_rate("order_rate"),
            revenueplantype=pl.lit("FORECAST" if forecast else "ACTUAL"),
            recognitionmethod=method,
            revrecstartdate="start",
            revrecenddate="end",
            statusfordisplay=status,
            totalrecognized=money(recognised),
            remainingdeferredbalance=money(amount - recognised),
            holdrevenuerecognition=pl.lit(False),
            lastmodifieddate=pl.max_horizontal("ran", pl.col("synced") + pl.duration(hours=2)),
        ),
    )
