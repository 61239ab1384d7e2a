"""The clean world's finance: every identity holds to the cent, and nothing a check looks for is there."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from ingest import sandbox
from ingest.sandbox import feedback, kantata, netsuite, salesforce
from ingest.sandbox.firm import Firm
from ingest.sandbox.netsuite_schema import SCHEMAS
from ingest.sandbox.ns_accounts import (
    AS_CHARGED,
    ON_ACCEPTANCE,
    ON_OUTCOME,
    PERCENT_COMPLETE,
    STRAIGHT_LINE,
    account_id,
)
from ingest.sandbox.ns_amounts import half_up, hundredths
from ingest.sandbox.ns_links import story_lines
from ingest.sandbox.ns_periods import close_of, month_number, period_table, posting_month
from ingest.sandbox.ns_variable import counted
from ingest.sandbox.world import World

_STAGES = (salesforce.sell, kantata.deliver, netsuite.integrate, netsuite.bill, netsuite.recognise, feedback.copy)


def grow(size: int, seed: int) -> World:
    world = World(Firm(size=size, seed=seed))
    for stage in _STAGES:
        stage(world)
    return world


MORE = [pytest.param(firm, marks=pytest.mark.long) for firm in ((40, 2), (200, 2), (200, 3))]


@pytest.fixture(scope="module", params=[(40, 1), (200, 1), *MORE], ids=str)
def world(request: pytest.FixtureRequest) -> World:
    size, seed = request.param
    return grow(size, seed)


def of_type(world: World, *types: str) -> pl.DataFrame:
    return world["netsuite.transaction"].filter(pl.col("type").is_in(list(types)), pl.col("posting"))


def item_lines(world: World, *types: str) -> pl.DataFrame:
    """Sales lines net of tax with their header, worth positive on invoices and negative on credits."""
    heads = of_type(world, *types).select(
        "type", "trandate", "postingperiod", "custbody_credit_reason", transaction="id", header_currency="currency"
    )
    lines = world["netsuite.transactionline"].filter(~pl.col("mainline"), ~pl.col("taxline"))
    return lines.join(heads, on="transaction").with_columns(worth=-hundredths("foreignamount"))


def elements(world: World) -> pl.DataFrame:
    return world["netsuite.revenueelement"].select(
        "revenuearrangement", "revenuerecognitionrule", "returnofelement", "currency", element="id",
        allocated=hundredths("allocationamount"),
    )  # fmt: skip


def actual_lines(world: World) -> pl.DataFrame:
    plans = world["netsuite.revenueplan"].filter(pl.col("revenueplantype") == "ACTUAL")
    lines = world["netsuite.revenueplanplannedrevenue"].with_columns(worth=hundredths("amount"))
    return lines.join(plans.select(revenueplan="id", element="createdfrom"), on="revenueplan").join(
        elements(world), on="element"
    )


def balances(world: World) -> pl.DataFrame:
    """Agreement, period, account, amount in document currency (debit positive) of 1250, 1260, 2400.

    Revaluations are left out: they change what a balance is worth in the books, and nothing in its own currency.
    """
    lines = world["netsuite.transactionline"].select(
        "transaction", "revenueelement", "createdfrom", "custcol_rev_arrangement", transactionline="id",
        amount=hundredths("foreignamount"),
    )  # fmt: skip
    rows = (
        world["netsuite.transactionaccountingline"]
        .filter(pl.col("account").is_in([account_id("1250"), account_id("1260"), account_id("2400")]))
        .select("transaction", "transactionline", "account")
        .join(lines, on=["transaction", "transactionline"])
        .join(world["netsuite.transaction"].select("type", "postingperiod", transaction="id"), on="transaction")
        .filter(pl.col("type") != "FxReval")
        .join(elements(world).select("revenuearrangement", revenueelement="element"), on="revenueelement", how="left")
    )
    journal = pl.coalesce("custcol_rev_arrangement", "createdfrom")
    return rows.with_columns(
        agreement=pl.when(pl.col("type") == "Journal").then(journal).otherwise("revenuearrangement")
    ).rename({"postingperiod": "period"})


def test_frames_have_exactly_the_columns_of_their_streams(world: World) -> None:
    for stream, schema in SCHEMAS.items():
        assert dict(world[f"netsuite.{stream}"].schema) == schema, stream


def test_keys_are_unique(world: World) -> None:
    keys = {stream: ["id"] for stream, schema in SCHEMAS.items() if "id" in schema and stream != "transactionline"} | {
        "transactionline": ["transaction", "id"],
        "transactionaccountingline": ["accountingbook", "transaction", "transactionline"],
    }
    for stream, columns in keys.items():
        frame = world[f"netsuite.{stream}"]
        assert not frame.select(columns).is_duplicated().any(), stream
        assert frame.select(pl.col(columns).is_not_null().all()).row(0) == (True,) * len(columns), stream
    assert not world["netsuite.transactionline"]["uniquekey"].is_duplicated().any()
    entities = pl.concat([world[f"netsuite.{name}"]["id"] for name in ("customer", "job", "employee")])
    assert not entities.is_duplicated().any()
    for stream in ("invoices", "external_payments", "external_references", "time_adjustments"):
        assert not world[f"kantata.{stream}"]["id"].is_duplicated().any(), stream
    assert not world["salesforce.ERP_Invoice__c"]["Id"].is_duplicated().any()


def test_nothing_happens_after_the_extract(world: World) -> None:
    for name, frame in world.frames.items():
        if name.startswith("netsuite.") or name in ("kantata.invoices", "salesforce.ERP_Invoice__c"):
            for column, dtype in frame.schema.items():
                if dtype == pl.Datetime and frame[column].drop_nulls().len():
                    assert frame[column].max() <= world.firm.watermark, (name, column)
    posted = world["netsuite.transaction"].filter(pl.col("posting"))
    assert posted["trandate"].max() < world.as_of()
    assert posted["postingperiod"].is_not_null().all()


def test_every_transaction_balances_in_document_and_base_currency(world: World) -> None:
    posted = world["netsuite.transaction"].filter(pl.col("posting"))["id"]
    lines = world["netsuite.transactionline"].filter(pl.col("transaction").is_in(posted.implode()))
    sums = lines.group_by("transaction").agg(pl.col("foreignamount").sum(), pl.col("netamount").sum())
    assert sums.filter((pl.col("foreignamount") != 0) | (pl.col("netamount") != 0)).is_empty()
    ledger = world["netsuite.transactionaccountingline"]
    assert ledger.height == lines.height
    assert ledger.group_by("transaction").agg(pl.col("amount").sum()).filter(pl.col("amount") != 0).is_empty()
    assert (ledger["debit"].fill_null(0) - ledger["credit"].fill_null(0) == ledger["amount"]).all()
    assert ledger.filter(pl.col("account") == account_id("9990")).is_empty()


def test_billed_plus_unbilled_less_recognised_is_deferred_less_contract_asset(world: World) -> None:
    close = close_of(world.firm)
    to_arrangement = elements(world).select("revenuearrangement", revenueelement="element")
    lines = item_lines(world, "CustInvc", "CustCred").join(to_arrangement, on="revenueelement", how="left")
    assert lines["revenuearrangement"].is_not_null().all()
    billed = lines.group_by("revenuearrangement", "postingperiod").agg(billed=pl.col("worth").sum())
    revenue = actual_lines(world).filter("isrecognized")
    recognised = revenue.group_by("revenuearrangement", "postingperiod").agg(recognised=pl.col("worth").sum())
    ledger = balances(world)
    assert ledger["agreement"].is_not_null().all()
    amount = pl.col("amount")
    sums = ledger.group_by(revenuearrangement="agreement", postingperiod="period").agg(
        unbilled=amount.filter(pl.col("account") == account_id("1260")).sum(),
        asset=amount.filter(pl.col("account") == account_id("1250")).sum(),
        deferred=-amount.filter(pl.col("account") == account_id("2400")).sum(),
    )
    keys = ["revenuearrangement", "postingperiod"]
    table = billed.join(recognised, on=keys, how="full", coalesce=True).join(sums, on=keys, how="full", coalesce=True)
    table = table.fill_null(0)
    gap = pl.col("billed") + pl.col("unbilled") - pl.col("recognised") - pl.col("deferred") + pl.col("asset")
    assert table.filter(gap != 0).is_empty()
    ends = table.sort(keys).with_columns(
        pl.col("unbilled", "asset", "deferred", "recognised", "billed").cum_sum().over("revenuearrangement")
    )
    assert ends.filter((pl.col("asset") < 0) | (pl.col("unbilled") < 0)).is_empty()
    run = ends.filter(pl.col("postingperiod").cast(pl.Int64) <= close.last_run // 12 * 100 + close.last_run % 12 + 1)
    assert run.filter(pl.col("deferred") < 0).is_empty()


def test_subledger_equals_ledger_by_account_subsidiary_and_period(world: World) -> None:
    rows = actual_lines(world).filter("isrecognized")
    subsidiary = world["netsuite.revenueelement"].select("subsidiary", element="id")
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    base = world["netsuite.subsidiary"].join(iso, on="currency").select(subsidiary="id", base="iso")
    rows = (
        rows.join(subsidiary, on="element")
        .join(base, on="subsidiary")
        .with_columns(
            step=pl.when(pl.col("base") == "JPY").then(100).otherwise(1),
            rate_micro=(pl.col("exchangerate") * 1_000_000).cast(pl.Int64),
        )
    )
    rows = rows.with_columns(
        in_base=half_up(pl.col("worth").cast(pl.Int128) * pl.col("rate_micro"), 1_000_000, pl.col("step"))
    )
    keys = ["account", "subsidiary", "postingperiod"]
    planned = rows.group_by(account="recognitionaccount", subsidiary="subsidiary", postingperiod="postingperiod").agg(
        planned=pl.col("in_base").sum()
    )
    income = [account_id(number) for number in ("4000", "4010", "4020", "4030", "4040")]
    lines = world["netsuite.transactionline"].select("transaction", "subsidiary", transactionline="id")
    ledger = (
        world["netsuite.transactionaccountingline"]
        .filter(pl.col("account").is_in(income))
        .join(lines, on=["transaction", "transactionline"])
        .join(world["netsuite.transaction"].select("postingperiod", transaction="id"), on="transaction")
        .group_by(keys)
        .agg(posted=-hundredths("amount").sum())
    )
    table = planned.join(ledger, on=keys, how="full", coalesce=True)
    assert table.filter(pl.col("planned").ne_missing(pl.col("posted"))).is_empty()
    assert table.height > 10


def test_receivables_tie_to_open_invoices(world: World) -> None:
    invoices = of_type(world, "CustInvc")
    left = invoices.group_by("currency").agg(left=pl.col("foreignamountunpaid").sum())
    lines = world["netsuite.transactionline"].select("transaction", "foreignamount", transactionline="id")
    ledger = (
        world["netsuite.transactionaccountingline"]
        .filter(pl.col("account") == account_id("1100"))
        .join(lines, on=["transaction", "transactionline"])
        .join(world["netsuite.transaction"].select("currency", transaction="id"), on="transaction")
        .group_by("currency")
        .agg(posted=pl.col("foreignamount").sum())
    )
    assert left.join(ledger, on="currency", how="full").filter(pl.col("left").ne_missing(pl.col("posted"))).is_empty()
    assert invoices.filter(pl.col("foreignamountunpaid") < 0).is_empty()
    assert invoices.filter((pl.col("foreignamountunpaid") == 0) != (pl.col("status") == "B")).is_empty()
    assert {"A", "B"} == set(invoices["status"].unique())


def test_schedules_add_up_to_their_obligation(world: World) -> None:
    scheduled = elements(world).filter(
        pl.col("revenuerecognitionrule").is_in([PERCENT_COMPLETE, STRAIGHT_LINE, ON_ACCEPTANCE])
    )
    sums = actual_lines(world).group_by("element").agg(planned=pl.col("worth").sum())
    table = scheduled.join(sums, on="element", how="left").with_columns(pl.col("planned").fill_null(0))
    assert table.filter(pl.col("planned") != pl.col("allocated")).is_empty()
    assert set(table["revenuerecognitionrule"].unique()) == {PERCENT_COMPLETE, STRAIGHT_LINE, ON_ACCEPTANCE}


def test_orders_and_elements_carry_the_signed_value(world: World) -> None:
    orders = world["salesforce.Order"].filter(pl.col("StatusCode") == "Activated")
    items = world["salesforce.OrderItem"].join(
        orders.select("ContractId", "IsReductionOrder", OrderId="Id"), on="OrderId"
    )
    sign = pl.when("IsReductionOrder").then(-1).otherwise(1)
    signed = items.group_by("ContractId").agg(signed=(hundredths("TotalPrice") * sign).sum())
    heads = world["netsuite.transaction"].filter(pl.col("type") == "SalesOrd")
    heads = heads.select(transaction="id", ContractId="externalid", total=hundredths("foreigntotal"))
    lines = world["netsuite.transactionline"].filter(~pl.col("mainline"))
    ordered = lines.group_by("transaction").agg(ordered=-hundredths("foreignamount").sum())
    outcome = pl.col("revenuerecognitionrule") == ON_OUTCOME
    own = elements(world).filter(pl.col("returnofelement").is_null(), ~outcome)
    arrangements = world["netsuite.revenuearrangement"].select(revenuearrangement="id", trandate="trandate")
    allocated = (
        own.join(arrangements, on="revenuearrangement")
        .group_by("revenuearrangement")
        .agg(allocated=pl.col("allocated").sum())
    )
    to_order = lines.join(own.select("revenuearrangement", revenueelement="element"), on="revenueelement")
    pairs = to_order.select("transaction", "revenuearrangement").unique()
    orders_only = pairs.filter(pl.col("transaction").is_in(heads["transaction"].implode()))
    table = (
        signed.join(heads, on="ContractId", how="left")
        .join(ordered, on="transaction", how="left")
        .join(orders_only, on="transaction", how="left")
        .join(allocated, on="revenuearrangement", how="left")
    )
    for column in ("total", "ordered", "allocated"):
        assert table.filter(pl.col("signed").ne_missing(pl.col(column))).is_empty(), column


def test_success_fees_have_elements_of_what_counts_of_them(world: World) -> None:
    fees = counted(world).group_by("key").agg(counts=pl.col("worth").sum()).sort("key")
    own = world["netsuite.revenueelement"].filter(pl.col("revenuerecognitionrule") == ON_OUTCOME)
    held = own.select(key="custrecord_line_key", allocated=hundredths("allocationamount")).sort("key")
    assert held["key"].to_list() == fees["key"].to_list()
    assert held["allocated"].to_list() == fees["counts"].to_list()
    assert held.height > 0


def approved_time(world: World) -> pl.DataFrame:
    """Approved entries on T&M lines with their value at the contract's rate, and the month they belong to."""
    contracts = world["salesforce.Contract"].select(Contract__c="Id", sow_number="SOW_Number__c")
    items = world["salesforce.OrderItem"].unique("Line_Key__c", keep="first")
    timed = items.filter(pl.col("Billing_Type__c") == "T&M").select(line_key="Line_Key__c")
    roles = world["kantata.roles"].select(role_id="id", role="name")
    rates = world["salesforce.SOW_Rate__c"].select(
        "Contract__c", role="Role__c", rate=hundredths("Rate__c"), since="Effective_From__c", until="Effective_To__c"
    )
    bills = world["netsuite.timebill"].select(
        "createddate", "hours", "subsidiary", id="custcol_psa_time_entry_id", bill="id"
    )
    rows = (
        world["kantata.time_entries"]
        .filter(pl.col("approved"), pl.col("billable"))
        .join(story_lines(world).select("story_id", "line_key"), on="story_id")
        .join(timed, on="line_key")
        .with_columns(sow_number=pl.col("line_key").str.replace(r"/\d+$", ""))
        .join(contracts, on="sow_number")
        .join(roles, on="role_id")
        .join(rates, on=["Contract__c", "role"])
        .filter(
            pl.col("date_performed") >= pl.col("since"),
            pl.col("until").is_null() | (pl.col("date_performed") <= pl.col("until")),
        )
        .join(bills, on="id", how="left")
    )
    step = pl.when(pl.col("currency") == "JPY").then(100).otherwise(1)
    fine = (pl.col("time_in_minutes") * 1000 + 3) // 6
    rows = rows.with_columns(value=half_up(fine.cast(pl.Int128) * pl.col("rate"), 10_000, step))
    months = posting_month(rows, "date_performed", "createddate", period_table(world.firm))
    return rows.with_columns(month=months)


def test_charges_are_worth_what_the_contract_says(world: World) -> None:
    charges = world["netsuite.charge"].filter(pl.col("timerecord").is_not_null())
    worth = charges.select(bill="timerecord", worth=hundredths("amount"))
    table = approved_time(world).join(worth, on="bill", how="full")
    assert table.filter(pl.col("value").ne_missing(pl.col("worth"))).is_empty()
    assert "Non-Billable" not in charges["stage"].unique().to_list()


def test_time_and_materials_revenue_is_the_approved_value(world: World) -> None:
    close = close_of(world.firm)
    approved = approved_time(world).filter(pl.col("month") <= close.last_run)
    values = approved.group_by("sow_number").agg(approved=pl.col("value").sum())
    credits_ = item_lines(world, "CustCred").filter(pl.col("custcol_billing_type") == "T&M")
    credits_ = credits_.filter(month_number("trandate") <= close.last_run).with_columns(
        sow_number=pl.col("custcol_line_key").str.replace(r"/\d+$", "")
    )
    credited = credits_.group_by("sow_number").agg(credited=pl.col("worth").sum())
    sows = (
        world["netsuite.transaction"]
        .filter(pl.col("type") == "RevArrng")
        .select(revenuearrangement="id", sow_number="custbody_sow_number")
    )
    lines = actual_lines(world).filter("isrecognized", pl.col("revenuerecognitionrule") == AS_CHARGED)
    recognised = lines.join(sows, on="revenuearrangement").group_by("sow_number").agg(recognised=pl.col("worth").sum())
    table = values.join(credited, on="sow_number", how="full", coalesce=True).join(
        recognised, on="sow_number", how="full", coalesce=True
    )
    table = table.fill_null(0)
    assert table.filter(pl.col("approved") + pl.col("credited") != pl.col("recognised")).is_empty()


def test_invoice_lines_are_the_sum_of_their_charges(world: World) -> None:
    lines = item_lines(world, "CustInvc").select("transaction", "id", "worth")
    charges = world["netsuite.charge"].filter(pl.col("invoice").is_not_null())
    sums = charges.group_by(transaction="invoice", id="invoiceline").agg(charged=hundredths("amount").sum())
    table = lines.join(sums, on=["transaction", "id"], how="full")
    assert table.filter(pl.col("worth").ne_missing(pl.col("charged"))).is_empty()
    assert (
        (world["netsuite.charge"]["stage"] == "Processed") == world["netsuite.charge"]["invoice"].is_not_null()
    ).all()
    assert not of_type(world, "CustInvc")["custbody_billing_event_key"].is_duplicated().any()
    assert (lines["worth"] > 0).all()


def test_no_line_is_billed_beyond_its_value(world: World) -> None:
    lines = world["netsuite.transactionline"].filter(~pl.col("mainline"), ~pl.col("taxline"))
    orders = world["netsuite.transaction"].filter(pl.col("type") == "SalesOrd")["id"]
    caps = (
        lines.filter(pl.col("transaction").is_in(orders.implode()))
        .group_by("custcol_line_key")
        .agg(cap=-hundredths("foreignamount").sum())
    )
    billed = item_lines(world, "CustInvc", "CustCred").group_by("custcol_line_key").agg(billed=pl.col("worth").sum())
    base = lines.filter(pl.col("transaction").is_in(orders.implode())).select(
        "custcol_line_key", salesorder="transaction", salesorderline="id"
    )
    ready = world["netsuite.charge"].filter(pl.col("stage") == "Ready").join(base, on=["salesorder", "salesorderline"])
    waiting = ready.group_by("custcol_line_key").agg(waiting=hundredths("amount").sum())
    table = caps.join(billed, on="custcol_line_key", how="left").join(waiting, on="custcol_line_key", how="left")
    assert table.filter(pl.col("billed").fill_null(0) + pl.col("waiting").fill_null(0) > pl.col("cap")).is_empty()


def test_milestones_are_billed_after_and_soon_after_acceptance(world: World) -> None:
    milestones = world["kantata.billing_milestones"].filter(pl.col("billing_type") == "upon_completion")
    accepted = milestones.join(story_lines(world), on="story_id", how="left").select(
        "accepted_on", externalid=pl.lit("KAN-BM-") + pl.col("id")
    )
    charges = world["netsuite.charge"].filter(pl.col("externalid").is_not_null())
    dates = of_type(world, "CustInvc").select("trandate", invoice="id")
    table = accepted.join(charges, on="externalid", how="left").join(dates, on="invoice", how="left")
    assert table.filter(pl.col("invoice").is_not_null(), pl.col("accepted_on").is_null()).is_empty()
    assert table.filter(pl.col("trandate") < pl.col("accepted_on")).is_empty()
    due = pl.col("accepted_on").dt.add_business_days(3, roll="forward")
    assert table.filter(due < world.as_of(), pl.col("invoice").is_null()).is_empty()
    assert table.filter(pl.col("trandate") > due).is_empty()


def test_approved_time_arrives_once_in_the_entity_of_the_person(world: World) -> None:
    approved = world["kantata.time_entries"].filter("approved")
    bills = world["netsuite.timebill"]
    table = approved.join(bills, left_on="id", right_on="custcol_psa_time_entry_id", how="full")
    assert table.height == approved.height == bills.height
    assert (table["date_performed"] == table["trandate"]).all()
    assert ((table["time_in_minutes"] * 1000 + 3) // 6 == (table["hours"] * 10_000).cast(pl.Int64)).all()
    assert bills["subsidiary"].is_not_null().all()
    assert bills["class"].is_not_null().all()


def test_expenses_arrive_once_and_are_billed_at_cost(world: World) -> None:
    reports = world["kantata.expense_report_submissions"].filter(pl.col("status") == "approved")
    approved = world["kantata.expenses"].join(reports.select(active_submission_id="id"), on="active_submission_id")
    lines = world["netsuite.transactionline"].filter(pl.col("custcol_psa_expense_id").is_not_null())
    table = approved.join(lines, left_on="id", right_on="custcol_psa_expense_id", how="full")
    assert table.height == approved.height == lines.height
    worth = pl.col("amount_in_cents") * 100 // pl.col("currency_base_unit")
    assert table.filter(worth != hundredths("foreignamount")).is_empty()
    assert set(lines["transaction"]) <= set(of_type(world, "ExpRept")["id"])


def test_copies_agree_with_finance(world: World) -> None:
    invoices = of_type(world, "CustInvc")
    crm = world["salesforce.ERP_Invoice__c"]
    table = invoices.join(crm, left_on="id", right_on="ERP_Invoice_Id__c", how="full")
    assert table.height == invoices.height == crm.height
    state = pl.col("status").replace({"A": "Open", "B": "Paid"})
    assert table.filter(state != pl.col("Status__c")).is_empty()
    assert (table["foreignamountpaid"] == table["Paid_Amount__c"]).all()
    assert (table["foreigntotal"] == table["Amount__c"]).all()
    assert table["Account__c"].is_not_null().all()
    assert table["Contract__c"].is_not_null().all()
    left = table["Amount__c"] - table["Paid_Amount__c"] - table["Credited_Amount__c"]
    assert (left == table["foreignamountunpaid"]).all()
    psa = world["kantata.invoices"]
    assert sorted(psa["user_invoice_number"]) == sorted(invoices["tranid"])
    assert psa.filter(pl.col("workspace_ids").list.len() == 0).is_empty()
    paid = world["kantata.external_payments"].group_by("invoice_id").agg(pl.col("amount_in_cents").sum())
    paid = psa.join(paid, left_on="id", right_on="invoice_id", how="left")
    assert paid.filter((pl.col("status") == "accepted payment") != pl.col("amount_in_cents").is_not_null()).is_empty()


def test_rejected_hours_reach_delivery_and_revenue(world: World) -> None:
    lines = item_lines(world, "CustCred")
    assert lines.filter(pl.col("custcol_credited_line").is_null()).is_empty()
    own = actual_lines(world).filter(pl.col("returnofelement").is_not_null())
    returned = own.group_by(revenueelement="element").agg(returned=pl.col("worth").sum())
    table = lines.join(returned, on="revenueelement", how="left")
    assert table.filter(pl.col("worth").ne_missing(pl.col("returned"))).is_empty()
    rejected = lines.filter(pl.col("custbody_credit_reason") == "HOURS_REJECTED").select("transaction", "worth")
    references = world["kantata.external_references"].filter(pl.col("service_model") == "creditmemo")
    fine = (pl.col("time").abs() * 1000 + 3) // 6
    rate = pl.col("bill_rate_in_cents") * 100 // pl.col("currency_base_unit")
    step = 100 // pl.col("currency_base_unit")
    adjustments = (
        world["kantata.time_adjustments"]
        .join(references.select("service_model_ref", id="subject_id"), on="id")
        .with_columns(value=-half_up(fine.cast(pl.Int128) * rate, 10_000, step))
    )
    table = rejected.join(adjustments, left_on="transaction", right_on="service_model_ref", how="full")
    assert table.filter(pl.col("worth").ne_missing(pl.col("value"))).is_empty()
    assert (adjustments["time"] < 0).all()


@pytest.mark.long
def test_only_hours_that_delivery_has_are_rejected() -> None:
    world, *_ = sandbox.grow(size=60, seed=17, faults="poor")
    rejected = world["netsuite.transactionline"]["memo"].str.extract(r"^Rejected time (\d+)$").drop_nulls()
    bills = world["netsuite.timebill"].filter(pl.col("id").is_in(rejected.implode()))
    assert bills.height > 0
    assert bills["custcol_psa_time_entry_id"].null_count() == 0


def test_dropping_one_timebill_changes_nothing_else() -> None:
    clean, faulty = World(Firm(size=40, seed=1)), World(Firm(size=40, seed=1))
    for stage in (salesforce.sell, kantata.deliver, netsuite.integrate):
        stage(clean)
        stage(faulty)
    bills = faulty["netsuite.timebill"]
    stories = story_lines(clean)
    timed = clean["salesforce.OrderItem"].filter(pl.col("Billing_Type__c") == "T&M")["Line_Key__c"]
    on_time = stories.filter(pl.col("line_key").is_in(timed.implode()))["story_id"]
    wanted = bills.filter(pl.col("isbillable"), pl.col("casetaskevent").is_in(on_time.implode()))["id"][100]
    faulty["netsuite.timebill"] = bills.filter(pl.col("id") != wanted)
    for stage in (netsuite.bill, netsuite.recognise, feedback.copy):
        stage(clean)
        stage(faulty)
    charges = clean["netsuite.charge"].filter(pl.col("timerecord") != wanted, pl.col("timerecord").is_not_null())
    kept = faulty["netsuite.charge"].filter(pl.col("timerecord").is_not_null())
    assert charges.select("id", "amount", "invoice").equals(kept.select("id", "amount", "invoice"))
    for stream in ("transaction", "transactionline", "revenueplanplannedrevenue", "nexttransactionlinelink"):
        before, after = clean[f"netsuite.{stream}"], faulty[f"netsuite.{stream}"]
        same = before.join(after, on=before.columns, how="semi", nulls_equal=True).height
        assert before.height - same < 20, stream


@pytest.mark.long
def test_a_firm_with_yen_has_whole_yen_and_balanced_books() -> None:
    world = grow(700, 4)
    yen = world["netsuite.currency"].filter(pl.col("symbol") == "JPY")["id"].to_list()
    assert yen
    documents = world["netsuite.transaction"].filter(pl.col("currency").is_in(yen), pl.col("posting"))
    assert documents.height > 50
    lines = world["netsuite.transactionline"].join(documents.select(transaction="id"), on="transaction", how="semi")
    assert lines.filter(hundredths("foreignamount") % 100 != 0).is_empty()
    test_every_transaction_balances_in_document_and_base_currency(world)
    test_billed_plus_unbilled_less_recognised_is_deferred_less_contract_asset(world)
    test_subledger_equals_ledger_by_account_subsidiary_and_period(world)
    test_charges_are_worth_what_the_contract_says(world)
    test_time_and_materials_revenue_is_the_approved_value(world)
    test_receivables_tie_to_open_invoices(world)
    test_no_line_is_billed_beyond_its_value(world)
    test_rejected_hours_reach_delivery_and_revenue(world)
    test_expenses_arrive_once_and_are_billed_at_cost(world)


def test_the_same_firm_is_the_same_twice() -> None:
    one, two = grow(40, 5), grow(40, 5)
    for name, frame in one.frames.items():
        assert frame.equals(two[name]), name
    assert one.as_of() > dt.date(2026, 3, 1)


@pytest.mark.long
@pytest.mark.parametrize(("size", "seed"), [(300, 3), (600, 11)])
def test_a_larger_firm_with_faults_is_the_same_twice(size: int, seed: int) -> None:
    """So large that frames are worked on in parts: whatever leaves their order to chance shows here."""
    one, two = (sandbox.grow(size=size, seed=seed, faults="poor") for _ in range(2))
    assert one[1:] == two[1:]
    for name, frame in one[0].frames.items():
        assert frame.equals(two[0][name]), name
