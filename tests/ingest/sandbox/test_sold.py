"""The clean world up to the signed deal: what Salesforce holds fits together by construction."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from ingest.sandbox.firm import Firm
from ingest.sandbox.salesforce import SCHEMAS, sell
from ingest.sandbox.salesforce_ids import salesforce_ids
from ingest.sandbox.world import World


def sold(size: int, seed: int = 7) -> World:
    world = World(Firm(size, seed))
    sell(world)
    return world


LARGE = pytest.param((2_000, 3), marks=pytest.mark.long)


@pytest.fixture(scope="module", params=[(40, 1), (200, 7), LARGE], ids=lambda p: f"{p[0]}-{p[1]}")
def world(request: pytest.FixtureRequest) -> World:
    return sold(*request.param)


def frame(world: World, stream: str) -> pl.DataFrame:
    return world[f"salesforce.{stream}"]


def test_the_checksum_of_an_id_is_the_one_salesforce_computes() -> None:
    ids = salesforce_ids("001", pl.Series(range(500)).to_numpy())
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    for full in ids.to_list():
        blocks = [full[0:5], full[5:10], full[10:15]]
        check = "".join(
            alphabet[sum(1 << i for i, c in enumerate(block) if c.isascii() and c.isupper())] for block in blocks
        )
        assert len(full) == 18
        assert full[15:] == check
    assert ids.n_unique() == 500


def test_every_stream_has_exactly_its_columns_and_unique_ids(world: World) -> None:
    for stream, schema in SCHEMAS.items():
        if stream == "ERP_Invoice__c":
            continue
        held = frame(world, stream)
        assert dict(held.schema) == schema, stream
        assert held["Id"].n_unique() == held.height, stream
        assert held["Id"].null_count() == 0, stream
        assert held["Id"].str.len_chars().unique().to_list() == [18], stream


@pytest.mark.parametrize(
    ("stream", "column", "target"),
    [
        ("Account", "ParentId", "Account"), ("Account", "MasterRecordId", "Account"),
        ("Contact", "AccountId", "Account"),
        ("Opportunity", "AccountId", "Account"), ("Opportunity", "ContractId", "Contract"),
        ("Contract", "AccountId", "Account"), ("Order", "ContractId", "Contract"), ("Order", "AccountId", "Account"),
        ("Order", "OpportunityId", "Opportunity"), ("Order", "OriginalOrderId", "Order"),
        ("OrderItem", "OrderId", "Order"), ("OrderItem", "OriginalOrderItemId", "OrderItem"),
        ("OrderItem", "Product2Id", "Product2"), ("SOW_Rate__c", "Contract__c", "Contract"),
        ("SOW_Variable__c", "Contract__c", "Contract"),
    ],
)  # fmt: skip
def test_references_resolve(world: World, stream: str, column: str, target: str) -> None:
    ids = frame(world, stream)[column].drop_nulls()
    assert ids.is_in(frame(world, target)["Id"].implode()).all()


def test_agreements_hang_on_living_customers(world: World) -> None:
    living = frame(world, "Account").filter(~pl.col("IsDeleted"))["Id"]
    assert frame(world, "Contract")["AccountId"].is_in(living.implode()).all()


def test_names_and_tax_numbers_of_accounts_are_their_own(world: World) -> None:
    living = frame(world, "Account").filter(~pl.col("IsDeleted"))
    assert living["Name"].n_unique() == living.height
    assert living["Tax_Id__c"].n_unique() == living.height
    assert living["Website"].n_unique() == living.height


def test_a_merged_account_is_deleted_and_names_its_survivor(world: World) -> None:
    merged = frame(world, "Account").filter(pl.col("MasterRecordId").is_not_null())
    assert merged.height >= 1
    assert merged["IsDeleted"].all()


def test_no_agreement_starts_before_it_is_signed_and_ends_with_its_term(world: World) -> None:
    contract = frame(world, "Contract").with_columns(
        computed=pl.col("StartDate").dt.offset_by(pl.format("{}mo", "ContractTerm")) - pl.duration(days=1)
    )
    assert (contract["computed"] == contract["EndDate"]).all()
    signed = contract.drop_nulls("CompanySignedDate")
    assert (signed["StartDate"] >= signed["CompanySignedDate"]).all()
    assert (signed["CustomerSignedDate"] <= signed["CompanySignedDate"]).all()
    assert (signed["CompanySignedDate"] < world.firm.as_of).all()


def test_amendments_take_effect_after_their_signature_and_before_the_end(world: World) -> None:
    orders = frame(world, "Order").join(
        frame(world, "Contract").select("Id", "StartDate", end="EndDate"), left_on="ContractId", right_on="Id"
    )
    later = orders.filter(pl.col("SOW_Version__c") > 1)
    assert later.height > 0
    assert later["OriginalOrderId"].null_count() == 0
    signed = later.drop_nulls("Signed_Date__c")
    assert (signed["EffectiveDate"] >= signed["Signed_Date__c"]).all()
    assert (later["EffectiveDate"] < later["end"]).all()
    versions = (
        orders.sort("ContractId", "SOW_Version__c").group_by("ContractId", maintain_order=True).agg("SOW_Version__c")
    )
    assert all(v == list(range(1, len(v) + 1)) for v in versions["SOW_Version__c"].to_list())


def test_amounts_of_items_orders_and_contracts_add_up(world: World) -> None:
    items = frame(world, "OrderItem")
    product = items.select(
        (pl.col("Quantity").cast(pl.Int64) * (pl.col("UnitPrice") * 100).cast(pl.Int64)).alias("p")
    ).to_series()
    assert (product == (items["TotalPrice"] * 100).cast(pl.Int64)).all()
    orders = frame(world, "Order").join(
        items.group_by("OrderId").agg(total=pl.col("TotalPrice").sum()), left_on="Id", right_on="OrderId"
    )
    assert orders.height == frame(world, "Order").height
    assert (orders["total"] == orders["TotalAmount"]).all()
    value = pl.when("IsReductionOrder").then(-pl.col("TotalAmount")).otherwise(pl.col("TotalAmount"))
    active = orders.filter(pl.col("StatusCode") == "Activated").group_by("ContractId").agg(value=value.sum())
    contracts = frame(world, "Contract").filter(pl.col("Contract_Value__c").is_not_null())
    joined = contracts.join(active, left_on="Id", right_on="ContractId", how="left")
    assert (joined["value"] == joined["Contract_Value__c"]).all()
    capped = joined.drop_nulls("NTE_Amount__c")
    assert (capped["NTE_Amount__c"] == capped["value"]).all()
    assert (capped["Billing_Type__c"] == "T&M").all()


def test_yen_have_no_fractions() -> None:
    items = frame(sold(2_000), "OrderItem").filter(pl.col("CurrencyIsoCode") == "JPY")
    assert items.height > 0
    assert (items["UnitPrice"] % Decimal(1) == Decimal(0)).all()


def test_every_billing_type_kind_of_version_and_state_occurs() -> None:
    world = sold(200)
    assert frame(world, "Contract")["Billing_Type__c"].n_unique() == 5
    assert {"Draft", "In Approval Process", "Activated", "Expired"} >= set(frame(world, "Contract")["Status"].to_list())
    assert frame(world, "Order")["IsReductionOrder"].sum() > 0
    assert (frame(world, "OrderItem")["UnitPrice"] == Decimal(0)).sum() > 0
    assert set(frame(world, "Order")["StatusCode"].to_list()) == {"Draft", "Activated"}
    assert frame(world, "Opportunity").filter(pl.col("IsClosed") & ~pl.col("IsWon")).height > 0
    assert len(world.firm.entities) == 2


def test_who_needs_purchase_orders_has_one_for_whatever_adds_value(world: World) -> None:
    orders = frame(world, "Order").join(
        frame(world, "Contract").select("PO_Required__c", ContractId="Id"), on="ContractId", how="inner"
    )
    adds = (
        pl.col("PO_Required__c")
        & (pl.col("StatusCode") == "Activated")
        & ~pl.col("IsReductionOrder")
        & (pl.col("TotalAmount") > 0)
    )
    with_one, without = orders.filter(adds), orders.filter(~adds)
    assert 0 < orders["PO_Required__c"].sum() < orders.height
    assert (with_one["PO_Amount__c"] == with_one["TotalAmount"]).all()
    assert with_one.select("PoNumber", "PoDate").null_count().row(0) == (0, 0)
    assert without.select("PoNumber", "PoDate", "PO_Amount__c").null_count().row(0) == (without.height,) * 3


def test_lines_of_one_workstream_have_one_billing_type(world: World) -> None:
    items = frame(world, "OrderItem").join(
        frame(world, "Order").select("Id", "ContractId"), left_on="OrderId", right_on="Id"
    )
    assert items.group_by("ContractId", "Workstream__c").agg(n=pl.col("Billing_Type__c").n_unique())["n"].max() == 1


def test_rate_periods_of_a_role_follow_one_another(world: World) -> None:
    rates = (
        frame(world, "SOW_Rate__c")
        .sort("Contract__c", "Role__c", "Effective_From__c")
        .with_columns(next=pl.col("Effective_From__c").shift(-1).over("Contract__c", "Role__c"))
    )
    followed = rates.drop_nulls("next")
    assert (
        followed["Effective_To__c"] + pl.duration(days=1).pipe(lambda d: pl.select(d).to_series()) == followed["next"]
    ).all()
    assert (
        rates.filter(pl.col("next").is_null())["Effective_To__c"].null_count()
        == rates.filter(pl.col("next").is_null()).height
    )


def test_nothing_happens_after_the_watermark(world: World) -> None:
    for stream in SCHEMAS:
        if stream != "ERP_Invoice__c":
            held = frame(world, stream)
            assert held["SystemModstamp"].max() <= world.firm.watermark, stream
            assert (held["CreatedDate"] <= held["SystemModstamp"]).all(), stream


def test_the_same_firm_is_sold_twice_the_same() -> None:
    one, two = sold(200), sold(200)
    assert all(one[name].equals(two[name]) for name in one.frames)
    assert not sold(200, 8)["salesforce.Contract"].equals(one["salesforce.Contract"])
