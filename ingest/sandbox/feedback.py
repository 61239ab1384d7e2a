"""What finance sends back: the copies Salesforce and Kantata keep of customers, projects, invoices, cash and credits.

`copy` writes the natural links (NetSuite ids on accounts, groups, projects), an `ERP_Invoice__c` and a Kantata invoice
per posted invoice with its state, the marks that lock billed time, expenses and milestones, and a negative time
adjustment per credit memo for rejected hours. `ERP_Invoice__c.Credited_Amount__c` is gross like `Amount__c`;
`Paid_Amount__c` is cash only.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox import kantata_schema, salesforce_schema
from ingest.sandbox.firm import CURRENCIES
from ingest.sandbox.frames import typed
from ingest.sandbox.ns_amounts import hundredths, money
from ingest.sandbox.ns_charges import entry_of_timebill
from ingest.sandbox.ns_ids import number_of
from ingest.sandbox.salesforce_ids import salesforce_ids
from ingest.sandbox.world import World, kept

__all__ = [
    "adjustments_for",
    "billed_entries",
    "copy",
    "crm_invoices_for",
    "invoice_states",
    "psa_invoices_for",
    "psa_payments_for",
]

_INVOICE_COPY = 200_000_000_000
_PAYMENT_COPY = 300_000_000_000
_ADJUSTMENT = 400_000_000_000
_REFERENCE_KINDS: dict[tuple[str, str], int] = {
    ("WorkspaceGroup", "customer"): 1,
    ("Workspace", "job"): 2,
    ("Invoice", "invoice"): 3,
    ("TimeAdjustment", "creditmemo"): 4,
}
_SYNC = pl.duration(minutes=4)


def copy(world: World) -> None:
    """Bring every copy in Salesforce and Kantata up to date with NetSuite."""
    _link_accounts(world)
    states = invoice_states(world)
    world["salesforce.ERP_Invoice__c"] = crm_invoices_for(world, states)
    projects, customers = _project_references(world), _customer_references(world)
    billed = billed_entries(world)
    _mark_billed(world, billed)
    world["kantata.invoices"] = psa_invoices_for(world, states, billed)
    invoices = _subjects(states, "Invoice", "invoice", "copy", "invoice", "sent_at")
    world["kantata.external_payments"] = psa_payments_for(world)
    adjustments = adjustments_for(world)
    credits_ = _subjects(adjustments, "TimeAdjustment", "creditmemo", "id", "memo_id", "created_at")
    world["kantata.time_adjustments"] = typed(adjustments, kantata_schema.SCHEMAS["time_adjustments"])
    references = {
        "workspaces": projects,
        "workspace_groups": customers,
        "invoices": invoices,
        "time_adjustments": credits_,
    }
    world["kantata.external_references"] = pl.concat([world["kantata.external_references"], *references.values()])
    for stream, added in references.items():
        _list_references(world, stream, added)


def _link_accounts(world: World) -> None:
    customers = world["netsuite.customer"].filter(pl.col("externalid").is_not_null(), ~pl.col("isinactive"))
    found = customers.select(Id="externalid", customer="id").unique("Id", keep="first")
    accounts = world["salesforce.Account"].join(found, on="Id", how="left", maintain_order="left")
    world["salesforce.Account"] = typed(
        accounts.with_columns(ERP_Customer_Id__c=pl.coalesce("customer", "ERP_Customer_Id__c")),
        salesforce_schema.SCHEMAS["Account"],
    )


@kept
def invoice_states(world: World) -> pl.DataFrame:
    """One row per posted invoice: ids of its copies, currency, gross, cash, credited and open amounts (hundredths)."""
    invoices = world["netsuite.transaction"].filter(pl.col("type") == "CustInvc", pl.col("posting"))
    applied = world["netsuite.nexttransactionlinelink"].filter(pl.col("linktype") == "Payment")
    is_cash = pl.col("nexttype") == "CustPymt"
    amount = hundredths("foreignamount")
    sums = applied.group_by(invoice="previousdoc").agg(
        cash=amount.filter(is_cash).sum(), credited=amount.filter(~is_cash).sum()
    )
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    units = {code: known.base_unit for code, known in CURRENCIES.items()}
    number = pl.col("invoice").cast(pl.Int64)
    return (
        invoices.rename({"id": "invoice"})
        .join(sums, on="invoice", how="left", maintain_order="left")
        .join(iso, on="currency", how="left", maintain_order="left")
        .with_columns(
            pl.col("cash", "credited").fill_null(0),
            total=hundredths("foreigntotal"),
            unit=pl.col("iso").replace_strict(units, default=100, return_dtype=pl.Int64),
            copy=(number + _INVOICE_COPY).cast(pl.String),
            sent_at=pl.col("createddate") + _SYNC,
            changed_at=pl.col("lastmodifieddate") + _SYNC,
        )
        .with_columns(left=pl.col("total") - pl.col("cash") - pl.col("credited"))
    )


def crm_invoices_for(world: World, states: pl.DataFrame) -> pl.DataFrame:
    """Salesforce's copy of invoices (see `invoice_states`)."""
    accounts = world["netsuite.customer"].select("externalid", entity="id")
    rows = states.rename({"externalid": "own_externalid"}).join(
        accounts, on="entity", how="left", maintain_order="left"
    )
    state = (
        pl.when(pl.col("voided")).then(pl.lit("Voided")).when(pl.col("status") == "B").then(pl.lit("Paid"))
        .otherwise(pl.lit("Open"))
    )  # fmt: skip
    rows = rows.with_columns(Id=salesforce_ids("a0I", rows["invoice"].cast(pl.Int64).to_numpy()))
    return typed(
        rows.select(
            "Id",
            Name="tranid",
            ERP_Invoice_Id__c="invoice",
            Account__c="externalid",
            Contract__c="custbody_sf_contract_id",
            Status__c=state,
            Amount__c="foreigntotal",
            Paid_Amount__c=money("cash"),
            Credited_Amount__c=money("credited"),
            Invoice_Date__c="trandate",
            Due_Date__c="duedate",
            CurrencyIsoCode="iso",
            CreatedDate="sent_at",
            LastModifiedDate="changed_at",
            SystemModstamp="changed_at",
            IsDeleted=pl.lit(False),
        ),
        salesforce_schema.SCHEMAS["ERP_Invoice__c"],
    )


@kept
def _sources(world: World) -> pl.DataFrame:
    """invoice, workspace_id: the projects of each invoice's lines."""
    jobs = world["netsuite.job"].select(entity="id", workspace_id="custentity_psa_project_id")
    invoices = world["netsuite.transaction"].filter(pl.col("type") == "CustInvc").select(invoice="id")
    lines = world["netsuite.transactionline"].select("entity", invoice="transaction")
    pairs = lines.join(invoices, on="invoice", how="semi").unique().join(jobs, on="entity", how="inner")
    return pairs.sort("invoice", "workspace_id")


def _listed(frame: pl.DataFrame, rows: pl.DataFrame, by: str, value: str, into: str) -> pl.DataFrame:
    """Adds a list column: the values of `rows` by key, empty where there are none."""
    lists = rows.group_by(by, maintain_order=True).agg(pl.col(value).alias(into))
    empty = pl.lit([], dtype=pl.List(pl.String))
    joined = frame.join(lists, on=by, how="left", maintain_order="left")
    return joined.with_columns(pl.when(pl.col(into).is_null()).then(empty).otherwise(into).alias(into))


def psa_invoices_for(world: World, states: pl.DataFrame, timed: pl.DataFrame) -> pl.DataFrame:
    """Kantata's copy of invoices, with the records they bill; `timed` is `billed_entries`."""
    billed = world["netsuite.charge"].filter(pl.col("invoice").is_not_null())
    spent = billed.filter(pl.col("externalid").str.starts_with("KAN-EX-"))
    reached = billed.filter(pl.col("externalid").str.starts_with("KAN-BM-"))
    rows = _listed(states, _sources(world), "invoice", "workspace_id", "workspace_ids")
    rows = _listed(rows, timed, "invoice", "entry", "time_entry_ids")
    for charges, into in ((spent, "expense_ids"), (reached, "billing_milestone_ids")):
        keyed = charges.select("invoice", record=pl.col("externalid").str.slice(7))
        rows = _listed(rows, keyed, "invoice", "record", into)
    state = (
        pl.when(pl.col("voided")).then(pl.lit("cancelled")).when(pl.col("cash") > 0).then(pl.lit("accepted payment"))
        .otherwise(pl.lit("new"))
    )  # fmt: skip
    return typed(
        rows.with_columns(
            id="copy",
            user_invoice_number="tranid",
            invoice_date="trandate",
            due_date="duedate",
            status=state,
            draft=pl.lit(False),
            balance_in_cents=pl.col("left") * pl.col("unit") // 100,
            currency="iso",
            currency_base_unit="unit",
            external_reference_ids=pl.lit([], dtype=pl.List(pl.String)),
            created_at="sent_at",
            updated_at="changed_at",
        ),
        kantata_schema.SCHEMAS["invoices"],
    )


def billed_entries(world: World) -> pl.DataFrame:
    """entry, invoice: the Kantata time entries whose charge is on an invoice."""
    charges = world["netsuite.charge"].lazy().filter(
        pl.col("timerecord").is_not_null(), pl.col("invoice").is_not_null()
    )  # fmt: skip
    keys = world["netsuite.timebill"].lazy().select(timerecord=number_of("id"), entry="custcol_psa_time_entry_id")
    rows = charges.select(number_of("timerecord"), "invoice").join(
        keys, on="timerecord", how="inner", maintain_order="left"
    )
    return rows.filter(pl.col("entry").is_not_null()).select("entry", "invoice").collect()


def _mark_billed(world: World, timed: pl.DataFrame) -> None:
    """Lock billed time, expenses and milestones: `is_invoiced`, `invoice_id`, `invoice_ids`."""
    copies = (pl.col("invoice").cast(pl.Int64) + _INVOICE_COPY).cast(pl.String)
    timed = timed.select(id=number_of("entry"), _copy=copies).unique("id", keep="first")
    entries = world["kantata.time_entries"]
    found = entries.select(number_of("id")).join(timed, on="id", how="left", maintain_order="left")["_copy"]
    world["kantata.time_entries"] = entries.with_columns(is_invoiced=found.is_not_null(), invoice_id=found)
    billed = world["netsuite.charge"].filter(pl.col("invoice").is_not_null(), pl.col("externalid").is_not_null())
    spent = billed.filter(pl.col("externalid").str.starts_with("KAN-EX-"))["externalid"].str.slice(7)
    world["kantata.expenses"] = world["kantata.expenses"].with_columns(is_invoiced=pl.col("id").is_in(spent.implode()))
    reached = billed.filter(pl.col("externalid").str.starts_with("KAN-BM-"))
    lists = reached.select(id=pl.col("externalid").str.slice(7), _copy=copies)
    milestones = world["kantata.billing_milestones"].drop("invoice_ids")
    world["kantata.billing_milestones"] = typed(
        _listed(milestones, lists, "id", "_copy", "invoice_ids"), kantata_schema.SCHEMAS["billing_milestones"]
    )


def psa_payments_for(world: World) -> pl.DataFrame:
    """Kantata's copy of the cash applied to invoices."""
    links = world["netsuite.nexttransactionlinelink"].filter(
        pl.col("linktype") == "Payment", pl.col("nexttype") == "CustPymt"
    )
    projects = _sources(world).unique("invoice", keep="first", maintain_order=True)
    units = invoice_states(world).select("invoice", "unit")
    rows = (
        links.rename({"previousdoc": "invoice"})
        .join(projects, on="invoice", how="left", maintain_order="left")
        .join(units, on="invoice", how="inner", maintain_order="left")
    )
    at = pl.col("lastmodifieddate") + _SYNC
    return typed(
        rows.select(
            "workspace_id",
            id=(pl.col("nextdoc").cast(pl.Int64) + _PAYMENT_COPY).cast(pl.String),
            invoice_id=(pl.col("invoice").cast(pl.Int64) + _INVOICE_COPY).cast(pl.String),
            amount_in_cents=hundredths("foreignamount") * pl.col("unit") // 100,
            created_at=at,
            updated_at=at,
        ),
        kantata_schema.SCHEMAS["external_payments"],
    )


def adjustments_for(world: World) -> pl.DataFrame:
    """Negative time adjustments for posted credits of rejected hours, one per credited time entry."""
    credits_ = world["netsuite.transaction"].filter(
        pl.col("type") == "CustCred", pl.col("posting"), pl.col("custbody_credit_reason") == "HOURS_REJECTED"
    )
    rejected = (
        world["netsuite.transactionline"]
        .select("transaction", "id", "memo")
        .join(credits_.select("trandate", "createddate", transaction="id"), on="transaction", how="inner")
        .with_columns(timerecord=pl.col("memo").str.extract(r"^Rejected time (\d+)$"))
        .drop("memo")
    )
    rejected = rejected.filter(pl.col("timerecord").is_not_null())
    wanted = rejected["timerecord"].implode()
    keys = world["netsuite.timebill"].filter(pl.col("id").is_in(wanted)).select(
        timerecord="id", entry=entry_of_timebill()
    )  # fmt: skip
    charged = world["netsuite.charge"].filter(pl.col("timerecord").is_in(wanted))
    charged = charged.unique("timerecord", keep="first", maintain_order=True)
    charged = charged.select("timerecord", "rate", charged_minutes=(pl.col("quantity") * 60).round(0).cast(pl.Int64))
    rejected = rejected.join(keys, on="timerecord", how="inner").join(charged, on="timerecord", how="inner")
    entries = world["kantata.time_entries"].filter(pl.col("id").is_in(rejected["entry"].implode()))
    rows = rejected.rename({"id": "line"}).join(entries, left_on="entry", right_on="id", how="inner")
    number = pl.col("transaction").cast(pl.Int64) * 10 + pl.col("line").cast(pl.Int64) + _ADJUSTMENT
    at = pl.col("createddate") + _SYNC
    reference = pl.concat_list(_reference_id("TimeAdjustment", "creditmemo", number))
    return rows.sort("transaction", "line").select(
        "workspace_id", "story_id", "user_id", "cost_rate_in_cents", "currency", "currency_base_unit",
        id=number.cast(pl.String),
        memo_id="transaction",
        original_date="date_performed",
        posted_on_date="trandate",
        time=-pl.col("charged_minutes"),
        bill_rate_in_cents=(pl.col("rate") * 100).cast(pl.Int64) * pl.col("currency_base_unit") // 100,
        billable=pl.lit(True),
        is_invoiced=pl.lit(True),
        external_reference_ids=reference,
        created_at=at,
        updated_at=at,
    )  # fmt: skip


def _reference_id(subject: str, model: str, number: pl.Expr) -> pl.Expr:
    """The id of a reference to NetSuite: it follows from the object that holds it."""
    return (number * 10 + _REFERENCE_KINDS[subject, model]).cast(pl.String)


def _subjects(rows: pl.DataFrame, subject: str, model: str, held_by: str, target: str, at: str) -> pl.DataFrame:
    """References from Kantata objects to NetSuite records."""
    return typed(
        rows.select(
            id=_reference_id(subject, model, pl.col(held_by).cast(pl.Int64)),
            subject_type=pl.lit(subject),
            subject_id=held_by,
            service_name=pl.lit("netsuite"),
            service_model=pl.lit(model),
            service_model_ref=target,
            status=pl.lit("successful"),
            locked=pl.lit(False),
            last_synced_at=at,
            created_at=at,
            updated_at=at,
        ),
        kantata_schema.SCHEMAS["external_references"],
    )


def _project_references(world: World) -> pl.DataFrame:
    jobs = world["netsuite.job"].filter(pl.col("custentity_psa_project_id").is_not_null())
    projects = world["kantata.workspaces"].select(custentity_psa_project_id="id")
    return _subjects(
        jobs.join(projects, on="custentity_psa_project_id", how="semi", maintain_order="left"),
        "Workspace", "job", "custentity_psa_project_id", "id", "datecreated",
    )  # fmt: skip


def _customer_references(world: World) -> pl.DataFrame:
    groups = world["kantata.external_references"].filter(
        pl.col("subject_type") == "WorkspaceGroup", pl.col("service_name") == "salesforce"
    )
    linked = groups.select(group="subject_id", externalid="service_model_ref").join(
        world["netsuite.customer"].select("externalid", "id", "datecreated"), on="externalid", how="inner"
    )
    return _subjects(linked, "WorkspaceGroup", "customer", "group", "id", "datecreated")


def _list_references(world: World, stream: str, references: pl.DataFrame) -> None:
    """Name the new references on the objects that hold them, after those they already name."""
    frame = world[f"kantata.{stream}"]
    own = references.select(id="subject_id", _new=pl.col("id"))
    joined = frame.join(own.unique("id", keep="first"), on="id", how="left", maintain_order="left")
    ids = pl.col("external_reference_ids")
    known = pl.col("_new").is_null() | ids.list.contains(pl.col("_new"))
    added = pl.when(known).then(ids).otherwise(pl.concat_list(ids, pl.col("_new")))
    world[f"kantata.{stream}"] = joined.with_columns(external_reference_ids=added).select(frame.columns)
