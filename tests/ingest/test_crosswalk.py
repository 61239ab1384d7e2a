"""The crosswalk on a small firm whose systems agree, with one fact changed at a time."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contracts import state as store
from contracts.state import schema
from ingest import crosswalk

AT = dt.datetime(2026, 3, 31, 10, 0)
CONNECTIONS = ("salesforce", "kantata", "netsuite")
ROLES = {"salesforce": "CRM", "kantata": "PSA", "netsuite": "ERP"}
OBJECTS = {
    ("salesforce", "customer"): "Account",
    ("kantata", "customer"): "workspace_groups",
    ("netsuite", "customer"): "customer",
    ("kantata", "project"): "workspaces",
    ("netsuite", "project"): "job",
    ("kantata", "person"): "users",
    ("netsuite", "person"): "employee",
    ("salesforce", "agreement"): "Contract",
    ("netsuite", "agreement"): "transaction",
}
COLUMNS = {
    "customer": ("customer_name", "tax_id", "domain", "city", "postal_code", "parent_ref", "created_at"),
    "project": ("agreement_number", "workstream", "legal_entity_code", "state", "created_at"),
    "person": ("email",),
    "agreement": ("agreement_number",),
}
REFERENCE = (
    "connection",
    "from_entity",
    "from_object",
    "from_id",
    "field",
    "to_role",
    "to_system",
    "to_object",
    "to_id",
)
A1, A2, A3 = "0018c00000A1b2CQAR", "0018c00000A1b2DQAR", "0018c00000A1b2EQAR"


class Firm:
    """Staging relations written by hand, and the crosswalk built from them."""

    def __init__(self, folder: Path) -> None:
        self.con = duckdb.connect()
        self.state = store.open_state(f"sqlite:///{folder}/state.db")
        self.claims: list[tuple[str, str, dict[str, Any]]] = []
        self.pointers: list[tuple[str, ...]] = []
        self.survivors: list[tuple[str, str]] = []

    def claim(self, system: str, entity: str, source_id: str, **values: Any) -> None:
        self.claims.append((system, entity, {"source_id": source_id, **values}))

    def point(self, system: str, entity: str, source_id: str, to: str, to_id: str, field: str = "reference") -> None:
        to_object = OBJECTS.get((to, entity), "")
        self.pointers.append(
            (system, entity, OBJECTS[system, entity], source_id, field, ROLES[to], to, to_object, to_id)
        )  # fmt: skip

    def build(self, at: dt.datetime = AT) -> None:
        self.con.execute("drop schema if exists staging cascade; create schema staging")
        for system in CONNECTIONS:
            for entity, columns in COLUMNS.items():
                if (system, entity) in OBJECTS:
                    self._table(system, entity, columns)
            self._references(system)
        self.con.execute(
            "create table staging.salesforce__account_survivors "
            "(connection varchar, account_id varchar, surviving_account_id varchar)"
        )
        for pair in self.survivors:
            self.con.execute(
                "insert into staging.salesforce__account_survivors values ('salesforce', ?, ?)", list(pair)
            )
        crosswalk.build(self.con, self.state, CONNECTIONS, as_of=at)

    def ids(self, entity: str = "customer") -> dict[str, str]:
        """Source id -> enterprise id, by the links that are valid."""
        return dict(
            self.con.execute(
                "select source_id, enterprise_id from crosswalk.links where entity = ? and valid_to is null", [entity]
            ).fetchall()
        )

    def link(self, source_id: str, column: str) -> Any:
        found = self.con.execute(
            f"select {column} from crosswalk.links where source_id = ? and valid_to is null", [source_id]
        )
        return found.fetchall()[0][0]

    def spans(self, source_id: str) -> list[tuple[str, dt.datetime, dt.datetime | None]]:
        """Every link a record ever had: enterprise id, from when, to when."""
        return self.con.execute(
            "select enterprise_id, valid_from, valid_to from crosswalk.links where source_id = ? order by 2, 3",
            [source_id],
        ).fetchall()

    def suggested(self, kind: str) -> list[dict[str, Any]]:
        return self.con.sql("select * from crosswalk.suggestions where kind = ?", params=[kind]).pl().to_dicts()

    def _table(self, system: str, entity: str, columns: tuple[str, ...]) -> None:
        name = f"staging.{system}__{entity}_claims"
        kinds = ", ".join(f"{column} varchar" for column in columns)
        self.con.execute(
            f"create table {name} (row_id bigint, connection varchar, role varchar, system varchar, object varchar, "
            f"source_id varchar, claim_state varchar, updated_at timestamp, {kinds})"
        )
        for place, (of, what, values) in enumerate(self.claims):
            if (of, what) == (system, entity):
                state = values.get("claim_state", "ok")
                meta = [place, system, ROLES[system], system, OBJECTS[system, entity], values["source_id"], state, None]
                row = [*meta, *(values.get(column) for column in columns)]
                self.con.execute(f"insert into {name} values ({', '.join('?' for _ in row)})", row)

    def _references(self, system: str) -> None:
        name = f"staging.{system}__cross_reference_claims"
        self.con.execute(f"create table {name} ({', '.join(f'{column} varchar' for column in REFERENCE)})")
        for pointer in self.pointers:
            if pointer[0] == system:
                self.con.execute(f"insert into {name} values ({', '.join('?' for _ in pointer)})", list(pointer))


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Firm]:
    """Two customers known to all three systems, with every reference in place."""
    made = Firm(tmp_path)
    for account, customer, group, name in (
        (A1, "11", "901", "Alder Quarry Logistics"),
        (A2, "12", "902", "Birch Tower Foods"),
    ):
        made.claim("salesforce", "customer", account, customer_name=f"{name} Inc.", tax_id=f"12-{customer}")
        made.claim("netsuite", "customer", customer, customer_name=f"{name} Inc.", tax_id=f"12-{customer}")
        made.claim("kantata", "customer", group, customer_name=name)
        made.point("salesforce", "customer", account, "netsuite", customer, "ERP_Customer_Id__c")
        made.point("netsuite", "customer", customer, "salesforce", account, "externalid")
        made.point("kantata", "customer", group, "salesforce", account)
        made.point("kantata", "customer", group, "netsuite", customer)
    yield made
    made.state.close()


def test_records_that_name_each_other_are_one_customer(firm: Firm) -> None:
    firm.build()
    ids = firm.ids()
    assert ids[A1] == ids["11"] == ids["901"] == "CUS-000001"
    assert ids[A2] == ids["12"] == ids["902"] == "CUS-000002"
    assert {firm.link(record, "method") for record in ("11", "901")} == {"reference"}
    assert firm.link(A1, "method") == "origin"
    assert firm.con.execute("select count(*) from crosswalk.suggestions").fetchone() == (0,)


def test_ids_do_not_depend_on_the_order_of_rows(firm: Firm, tmp_path: Path) -> None:
    firm.build()
    turned = Firm(tmp_path / "turned")
    turned.claims, turned.pointers = firm.claims[::-1], firm.pointers[::-1]
    turned.build()
    query = "select * from crosswalk.links order by all"
    assert turned.con.execute(query).fetchall() == firm.con.execute(query).fetchall()


def test_ids_survive_another_build_and_are_never_used_again(firm: Firm) -> None:
    firm.build()
    first = firm.ids()
    firm.claims = [claim for claim in firm.claims if claim[2]["source_id"] != A2]
    firm.claim("salesforce", "customer", A3, customer_name="Cedar Bay Media")
    firm.build()
    assert firm.ids() | {A2: firm.spans(A2)[0][0]} == {**first, A3: "CUS-000003"}


def test_a_fifteen_character_id_is_the_same_id(firm: Firm) -> None:
    firm.pointers = [
        (*pointer[:8], pointer[8][:15]) if pointer[6] == "salesforce" else pointer for pointer in firm.pointers
    ]
    firm.build()
    assert firm.ids()["11"] == "CUS-000001"


def test_a_missing_back_reference_still_links(firm: Firm) -> None:
    firm.pointers = [pointer for pointer in firm.pointers if pointer[0] != "salesforce"]
    firm.build()
    assert firm.ids()["11"] == firm.ids()[A1]


def test_crossed_references_follow_the_owner_and_are_shown(firm: Firm) -> None:
    """The ERP's pointer of customer 11 was overwritten with the id of another account."""
    firm.pointers = [pointer for pointer in firm.pointers if pointer[:4] != ("netsuite", "customer", "customer", "11")]
    firm.point("netsuite", "customer", "11", "salesforce", A2, "externalid")
    firm.build()
    ids = firm.ids()
    assert (ids["11"], ids["12"]) == (ids[A1], ids[A2])
    (conflict,) = firm.suggested("conflict")
    assert {conflict["left_source_id"], conflict["right_source_id"]} == {A2, "11"}
    assert json.loads(conflict["explanation"])["reason"] == "another record has the better claim"


def test_a_wrong_pointer_at_another_projects_record_does_not_hide_the_right_one(firm: Firm) -> None:
    for place in ("81", "82"):
        firm.claim("kantata", "project", place, agreement_number=f"SOW-{place}", workstream="Data", state="active")
        firm.claim("netsuite", "project", f"{place}2", agreement_number=f"SOW-{place}")
        firm.point("netsuite", "project", f"{place}2", "kantata", place)
    firm.point("kantata", "project", "81", "netsuite", "812")
    firm.point("kantata", "project", "82", "netsuite", "812")

    firm.build()

    ids = firm.ids("project")
    assert ids["81"] == ids["812"]
    assert ids["82"] == ids["822"] != ids["81"]


def test_two_records_that_claim_one_with_equal_right_are_not_linked(firm: Firm) -> None:
    firm.claim("netsuite", "customer", "13", customer_name="Zephyr Wick Optics")
    firm.claim("netsuite", "customer", "14", customer_name="Yarrow Moor Banking")
    firm.claim("salesforce", "customer", A3, customer_name="Cedar Bay Media")
    firm.point("netsuite", "customer", "13", "salesforce", A3)
    firm.point("netsuite", "customer", "14", "salesforce", A3)
    firm.build()
    ids = firm.ids()
    assert len({ids[A3], ids["13"], ids["14"]}) == 3
    assert len(firm.suggested("conflict")) == 2


def test_a_chain_of_references_never_makes_two_accounts_one(firm: Firm) -> None:
    """The group names account 2 in the CRM but customer 11, which is account 1, in the ERP."""
    firm.pointers = [pointer for pointer in firm.pointers if pointer[3] != "901"]
    firm.claim("salesforce", "customer", A3, customer_name="Cedar Bay Media")
    firm.point("kantata", "customer", "901", "salesforce", A3)
    firm.point("kantata", "customer", "901", "netsuite", "11")
    firm.build()
    ids = firm.ids()
    assert ids[A1] == ids["11"] != ids[A3]
    assert [one["kind"] for one in firm.suggested("conflict")] == ["conflict"]


def test_merged_accounts_follow_their_survivor(firm: Firm) -> None:
    firm.survivors = [(A3, A1), (A1, A1)]
    firm.claim("kantata", "customer", "903", customer_name="Old name of Alder Quarry")
    firm.pointers = [pointer for pointer in firm.pointers if pointer[3] != "901"]
    firm.point("kantata", "customer", "903", "salesforce", A3)
    firm.build()
    ids = firm.ids()
    assert ids[A3] == ids["903"] == ids[A1]
    assert firm.link(A3, "method") == "merged"
    assert not firm.link(A3, "is_primary")


def test_keys_join_people_and_agreements_of_all_systems(firm: Firm) -> None:
    firm.claim("kantata", "person", "7", email="Ana@firm.example ")
    firm.claim("netsuite", "person", "70", email="ana@firm.example")
    firm.claim("netsuite", "person", "71", email=None)
    firm.claim("salesforce", "agreement", "800x", agreement_number="SOW-2025-014")
    firm.claim("netsuite", "agreement", "5001", agreement_number="sow-2025-014")
    firm.build()
    people, agreements = firm.ids("person"), firm.ids("agreement")
    assert people["7"] == people["70"] != people["71"]
    assert set(agreements.values()) == {"AGR-000001"}
    assert firm.link("5001", "method") == "key"


def test_a_project_made_twice_is_one_project_with_one_primary_record(firm: Firm) -> None:
    same = {"agreement_number": "SOW-1", "workstream": "Build", "legal_entity_code": "US01"}
    firm.claim("kantata", "project", "1", **same, state="active", created_at="2025-01-02")
    firm.claim("kantata", "project", "2", **same, state="active", created_at="2025-01-01")
    firm.claim("kantata", "project", "3", **{**same, "legal_entity_code": "DE01"}, state="active")
    firm.claim("kantata", "project", "4", **same, state="archived")
    firm.claim("netsuite", "project", "40")
    firm.point("netsuite", "project", "40", "kantata", "1", "externalid")
    firm.build()
    ids = firm.ids("project")
    assert ids["1"] == ids["2"] == ids["40"]
    assert len({ids["1"], ids["3"], ids["4"]}) == 3
    assert [firm.link(one, "is_primary") for one in ("1", "2", "40")] == [True, False, True]


def test_an_unreadable_record_keeps_its_identity(firm: Firm) -> None:
    firm.claim("kantata", "person", "7", email="ana@firm.example")
    firm.claim("netsuite", "person", "70", email="ana@firm.example")
    firm.build()
    firm.claims[-1][2].update(email=None, claim_state="unreadable")
    firm.build()
    assert firm.ids("person")["70"] == firm.ids("person")["7"]


def test_an_identity_outlives_the_reference_that_made_it(firm: Firm) -> None:
    firm.build()
    before = firm.ids()
    firm.pointers = [pointer for pointer in firm.pointers if "11" not in (pointer[3], pointer[8])]
    firm.build()
    assert firm.ids() == before
    assert firm.link("11", "method") == "previous"


def test_a_corrected_reference_moves_the_record_and_keeps_its_history(firm: Firm) -> None:
    firm.claim("salesforce", "customer", A3, customer_name="Cedar Bay Media")
    firm.claim("netsuite", "customer", "13", customer_name="Zephyr Wick Optics")
    firm.point("netsuite", "customer", "13", "salesforce", A3)
    firm.build()
    assert firm.ids()["13"] == firm.ids()[A3]
    firm.claim("salesforce", "customer", "001other", customer_name="Zephyr Wick Optics")
    firm.pointers[-1] = (*firm.pointers[-1][:8], "001other")
    firm.build()
    assert firm.ids()["13"] == firm.ids()["001other"] != firm.ids()[A3]
    with firm.state.read() as connection:
        (moved,) = store.rows(connection, schema.crosswalk_history)
    assert (moved["source_id"], moved["enterprise_id"]) == ("13", firm.ids()[A3])


def test_the_link_of_a_record_that_is_gone_ends_and_opens_anew_when_it_returns(firm: Firm) -> None:
    may, june, july = (dt.datetime(2026, month, 1) for month in (5, 6, 7))
    firm.build()
    there, gone = list(firm.claims), [one for one in firm.claims if one[2]["source_id"] != "12"]
    for _again in range(2):
        firm.claims = gone
        firm.build(may)
        assert firm.spans("12") == [("CUS-000002", AT, may)]
    firm.build(june)
    assert firm.spans("12") == [("CUS-000002", AT, may)]
    assert firm.ids()[A2] == firm.ids()["902"] == "CUS-000002"

    firm.claims = there
    firm.build(july)

    assert firm.spans("12") == [("CUS-000002", AT, may), ("CUS-000002", july, None)]


def test_a_link_never_ends_before_it_began(firm: Firm) -> None:
    firm.build()
    firm.claims = [one for one in firm.claims if one[2]["source_id"] != "12"]
    firm.build(dt.datetime(2025, 1, 1))
    assert firm.spans("12") == [("CUS-000002", AT, AT)]


def test_a_source_that_says_nothing_ends_no_link(firm: Firm) -> None:
    firm.build()
    firm.claims = [one for one in firm.claims if one[0] != "netsuite"]
    firm.build(dt.datetime(2026, 5, 1))
    assert firm.spans("12") == [("CUS-000002", AT, None)]


def test_a_link_that_a_person_undid_or_a_merger_moved_has_an_end(firm: Firm) -> None:
    firm.claim("salesforce", "customer", A3, customer_name="Cedar Bay Media, Inc.", tax_id="98-7654321")
    firm.claim("netsuite", "customer", "13", customer_name="CEDAR BAY MEDIA LLC", tax_id="987654321")
    firm.build()
    (match,) = firm.suggested("match")
    crosswalk.reject(firm.state, firm.con, [match["suggestion_id"]], by="ana", reason="two firms", at=AT)
    may, june = dt.datetime(2026, 5, 1), dt.datetime(2026, 6, 1)
    firm.build(may)
    parted = firm.spans("13")
    assert [(was, until) for was, _, until in parted] == [("CUS-000003", may), ("CUS-000004", None)]

    firm.claim("salesforce", "customer", "001survivor", customer_name="Alder Quarry")
    firm.build(june)
    own = firm.ids()["001survivor"]
    firm.survivors = [("001survivor", A1)]
    firm.claims = [one for one in firm.claims if one[2]["source_id"] != "001survivor"]
    july = dt.datetime(2026, 7, 1)
    firm.build(july)
    assert firm.spans("001survivor") == [(own, june, july), (firm.ids()[A1], july, None)]


def test_a_customer_without_reference_is_linked_only_on_likeness_with_the_same_tax_number(firm: Firm) -> None:
    firm.claim("salesforce", "customer", A3, customer_name="Cedar Bay Media, Inc.", tax_id="98-7654321")
    firm.claim("netsuite", "customer", "13", customer_name="CEDAR BAY MEDIA LLC", tax_id="987654321")
    firm.build()
    assert firm.ids()["13"] == firm.ids()[A3]
    assert (firm.link("13", "status"), firm.link("13", "method")) == ("suggested", "fuzzy")
    assert firm.link(A3, "status") == "confirmed"
    (match,) = firm.suggested("match")
    assert match["status"] == "linked"
    terms = {term["term"]: term for term in json.loads(match["explanation"])["terms"]}
    assert terms["tax_id"]["weight"] == 10
    assert (terms["name"]["left"], terms["name"]["similarity"]) == ("Cedar Bay Media, Inc.", 1.0)


def test_a_name_alone_is_proposed_and_never_linked(firm: Firm) -> None:
    firm.claim("salesforce", "customer", A3, customer_name="Cedar Bay Media, Inc.")
    firm.claim("netsuite", "customer", "13", customer_name="Cedar Bay Media")
    firm.build()
    assert firm.ids()["13"] != firm.ids()[A3]
    (match,) = firm.suggested("match")
    assert match["status"] == "review"


def test_equal_candidates_are_refused_and_each_names_its_rival(firm: Firm) -> None:
    """Both would be sure by themselves: the same name, the same tax number."""
    firm.claim("salesforce", "customer", A3, customer_name="Cedar Bay Media", tax_id="98-7654321")
    for number in ("13", "14"):
        firm.claim("netsuite", "customer", number, customer_name="Cedar Bay Media", tax_id="987654321")
    firm.build()
    assert len({firm.ids()[record] for record in (A3, "13", "14")}) == 3
    matches = {match["right_source_id"]: match for match in firm.suggested("match")}
    assert {match["status"] for match in matches.values()} == {"review"}
    assert {match["runner_up"] for match in matches.values()} == {matches["13"]["score"]}
    assert {number: match["runner_up_record"] for number, match in matches.items()} == {
        "13": "netsuite/customer/14",
        "14": "netsuite/customer/13",
    }
    explanation = json.loads(matches["13"]["explanation"])
    assert (explanation["runner_up_name"], explanation["reason"]) == (
        "Cedar Bay Media",
        "more than one candidate: a person decides",
    )


@pytest.mark.parametrize(("first", "second", "expected"), [("2025-02-01", "2025-01-01", "15"), (None, None, "14")])
def test_of_equal_rivals_the_older_one_is_named_then_the_smaller_key(
    firm: Firm, first: str | None, second: str | None, expected: str
) -> None:
    firm.claim("salesforce", "customer", A3, customer_name="Cedar Bay Media", tax_id="98-7654321")
    firm.claim(
        "netsuite", "customer", "13", customer_name="Cedar Bay Media", tax_id="987654321", domain="cedar.example"
    )
    for number, created in (("14", first), ("15", second)):
        firm.claim(
            "netsuite", "customer", number, customer_name="Cedar Bay Media", tax_id="987654321", created_at=created
        )
    firm.build()
    matches = {match["right_source_id"]: match for match in firm.suggested("match")}
    assert matches["13"]["runner_up_record"] == f"netsuite/customer/{expected}"


def test_what_has_no_rival_names_none(firm: Firm) -> None:
    firm.claim("salesforce", "customer", A3, customer_name="Cedar Bay Media, Inc.")
    firm.claim("netsuite", "customer", "13", customer_name="Cedar Bay Media")
    firm.build()
    (match,) = firm.suggested("match")
    assert (match["runner_up"], match["runner_up_record"]) == (0, None)


def test_a_copy_in_one_system_is_a_duplicate_and_stays_apart(firm: Firm) -> None:
    firm.claim("netsuite", "customer", "13", customer_name="Alder Quarry Logistic, LLC", tax_id="12-11")
    firm.build()
    assert firm.ids()["13"] != firm.ids()["11"]
    (duplicate,) = firm.suggested("duplicate")
    assert (duplicate["left_source_id"], duplicate["right_source_id"]) == ("11", "13")
    assert not firm.suggested("match")


def test_a_subsidiary_is_no_duplicate_of_its_parent(firm: Firm) -> None:
    firm.claim("netsuite", "customer", "13", customer_name="Alder Quarry Logistics", parent_ref="11")
    firm.build()
    assert not firm.suggested("duplicate")


def test_a_confirmed_suggestion_holds_in_later_builds_with_its_reason(firm: Firm) -> None:
    firm.claim("salesforce", "customer", A3, customer_name="Cedar Bay Media, Inc.")
    firm.claim("netsuite", "customer", "13", customer_name="Cedar Bay Media")
    firm.build()
    (match,) = firm.suggested("match")
    crosswalk.confirm(firm.state, firm.con, [match["suggestion_id"]], by="ana", reason="same address", at=AT)
    for _ in range(2):
        firm.build()
        assert firm.ids()["13"] == firm.ids()[A3]
        assert (firm.link("13", "status"), firm.link("13", "method")) == ("confirmed", "confirmed")
        assert not firm.suggested("match")
    with firm.state.read() as connection:
        (entry,) = store.rows(connection, schema.audit)
        (retired,) = connection.execute(
            schema.crosswalk_ids.select().where(schema.crosswalk_ids.c.merged_into.is_not(None))
        ).all()
    assert (entry["actor"], entry["verb"]) == ("ana", "confirm link")
    assert "same address" in entry["payload"]
    assert retired.merged_into == firm.ids()[A3]


def test_a_rejected_suggestion_does_not_come_back(firm: Firm) -> None:
    firm.claim("salesforce", "customer", A3, customer_name="Cedar Bay Media, Inc.", tax_id="98-7654321")
    firm.claim("netsuite", "customer", "13", customer_name="Cedar Bay Media", tax_id="98-7654321")
    firm.build()
    (match,) = firm.suggested("match")
    crosswalk.reject(firm.state, firm.con, [match["suggestion_id"]], by="ana", reason="two firms", at=AT)
    firm.build()
    assert firm.ids()["13"] != firm.ids()[A3]
    assert not firm.suggested("match")


def test_a_rejected_reference_is_not_followed(firm: Firm) -> None:
    firm.claim("netsuite", "customer", "13", customer_name="Zephyr Wick Optics")
    firm.point("netsuite", "customer", "13", "salesforce", A1)
    firm.build()
    (conflict,) = firm.suggested("conflict")
    crosswalk.reject(firm.state, firm.con, [conflict["suggestion_id"]], by="ana", reason="no", at=AT)
    firm.build()
    assert not firm.suggested("conflict")


def test_an_unknown_suggestion_is_named(firm: Firm) -> None:
    firm.build()
    with pytest.raises(crosswalk.UnknownSuggestion, match="SUG-nothing"):
        crosswalk.confirm(firm.state, firm.con, ["SUG-nothing"], by="ana", reason="", at=AT)


def test_claims_of_connections_that_are_not_configured_are_left_out(firm: Firm) -> None:
    firm.build()
    crosswalk.build(firm.con, firm.state, ["salesforce"], as_of=AT)
    assert firm.ids()["11"] == "CUS-000001"


def test_without_staging_the_crosswalk_is_empty(tmp_path: Path) -> None:
    con, state = duckdb.connect(), store.open_state(f"sqlite:///{tmp_path}/state.db")
    crosswalk.build(con, state, CONNECTIONS, as_of=AT)
    assert con.execute("select count(*) from crosswalk.links").fetchone() == (0,)
    assert con.execute("select count(*) from crosswalk.suggestions").fetchone() == (0,)
