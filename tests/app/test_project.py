# ruff: noqa: E501 - a mistake and its message are one line
"""The project file: what it gives, and how each mistake in it is named."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from app.build import require_entities
from app.home import models_root
from app.project import Approval, Book, Calendar, ConnectionSettings, Materiality, Ownership, Person, Project
from contracts.errors import ConfigError
from contracts.roles import Role

GOOD = """
firm: Northwind Advisory
base_currency: USD
time_zone: America/New_York
as_of: 2026-03-31
start_on: 2025-01-01
warehouse: .tieout/warehouse.duckdb
state: sqlite:///.tieout/state.db
connections:
  salesforce: {system: salesforce, path: exports/salesforce, fields: {agreement_number: SOW_Number__c}}
  kantata:    {system: kantata,    mode: files, path: exports/kantata}
  netsuite:   {system: netsuite,   mode: files, path: exports/netsuite}
people:
  ana:  {roles: [analyst]}
  carl: {roles: [controller], limits: {USD: 250000.10}}
act_for: {root: [ana, carl]}
tolerances: {K09.value_amount: T2, K42: 0.05}
keep_snapshots: 3
"""


def write(folder: Path, text: str) -> Path:
    (folder / "tieout.yml").write_text(text, encoding="utf-8")
    return folder


def mistake(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        Project.load(write(folder, text))
    return str(caught.value)


def test_a_project_file_gives_typed_values_and_absolute_paths(tmp_path: Path) -> None:
    project = Project.load(write(tmp_path, GOOD))
    assert project.root == tmp_path
    assert project.as_of == dt.date(2026, 3, 31)
    assert project.warehouse == tmp_path / ".tieout/warehouse.duckdb"
    assert project.state == f"sqlite:///{tmp_path}/.tieout/state.db"
    assert project.connections["salesforce"].path == tmp_path / "exports/salesforce"
    assert project.people["carl"].limits == {"USD": Decimal("250000.10")}
    assert project.tolerances == {"K09.value_amount": "T2", "K42": Decimal("0.05")}
    assert project.folder("published") == tmp_path / ".tieout/published"


def test_roles_come_from_the_system_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    changed = GOOD.replace("kantata,    mode: files", "kantata, roles: [PSA, HCM]")
    project = Project.load(write(tmp_path, changed))
    assert project.roles("salesforce") == (Role.CRM,)
    assert project.roles("netsuite") == (Role.ERP, Role.REVREC)
    assert project.roles("kantata") == (Role.PSA, Role.HCM)


def test_a_connection_is_handed_on_as_its_readers_take_it(tmp_path: Path) -> None:
    source = Project.load(write(tmp_path, GOOD)).source("salesforce")
    assert (source.name, source.system, source.time_zone) == ("salesforce", "salesforce", "America/New_York")
    assert source.path == str(tmp_path / "exports/salesforce")
    assert source.fields == {"agreement_number": "SOW_Number__c"}


def test_only_those_named_may_act_for_others(tmp_path: Path) -> None:
    project = Project.load(write(tmp_path, GOOD))
    assert project.may_act_for("root", "carl")
    assert project.may_act_for("ana", "ana")
    assert not project.may_act_for("ana", "carl")


def test_defaults_are_enough_for_a_small_file(tmp_path: Path) -> None:
    text = "firm: A\nbase_currency: EUR\nconnections:\n  kantata: {system: kantata, path: x}\n"
    project = Project.load(write(tmp_path, text))
    assert (project.time_zone, project.keep_snapshots, project.as_of) == ("UTC", 10, None)
    assert set(project.books) == {"primary"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("base_currency: USD", "base_curency: USD", "line 3: unknown setting 'base_curency'; did you mean 'base_currency'?"),
        ("path: exports/kantata", "pth: exports/kantata", "line 11: unknown setting 'connections.kantata.pth'; did you mean 'path'?"),
        ("system: kantata", "system: kantatta", "line 11: There is no system 'kantatta'; did you mean 'kantata'?"),
        ("keep_snapshots: 3", "keep_snapshots: 0", "line 18: keep_snapshots: Input should be greater than or equal to 1"),
        ("America/New_York", "America/Newyork", "line 4: time_zone: 'America/Newyork' is no time zone"),
        ("roles: [analyst]", "roles: [annalyst]", "line 14: people.ana.roles.0: Input should be 'analyst'"),
        ("root: [ana, carl]", "root: [ana, karl]", "line 16: There is no person 'karl'; did you mean 'carl'?"),
        ("keep_snapshots: 3", "firm: Again", "line 18: This is no YAML: 'firm' is there twice"),
        ("keep_snapshots: 3", "root: /tmp", "line 18: Unknown setting 'root'"),
        ("mode: files, path: exports/kantata", "mode: files", "line 11: Connection kantata reads files, but has no path"),
        ("firm: Northwind Advisory\n", "", "line 1: firm is missing"),
        ("K42: 0.05", "K42: lots", "line 17: tolerances.K42"),
        ("K09.value_amount: T2", "K09: T2", "line 17: There is no tolerance 'K09'. Known: K09.value_amount"),
        ("K09.value_amount: T2", "K14.hour: T2", "line 17: There is no tolerance 'K14.hour'; did you mean 'K14.hours'?"),
        ("K42: 0.05", "K420: 0.05", "line 17: There is no tolerance 'K420'; did you mean 'K42'?"),
        ("keep_snapshots: 3", "routing: {K99: ana}", "line 18: There is no queue or check 'K99'"),
        ("keep_snapshots: 3", "routing: {K09: karl}", "line 18: There is no person 'karl'; did you mean 'carl'?"),
        ("keep_snapshots: 3", "materiality: {trivial: 5}", "line 18: unknown setting 'materiality.trivial'. Known: performance"),
        ("keep_snapshots: 3", "calendars: {default: {weekend: [4, 5]}}", "unknown setting 'calendars.default.weekend'"),
        ("keep_snapshots: 3", "calendars: {UK01: {holidays: [2026-01-01]}}", "line 18: The calendar UK01 is of one legal entity, but checks know one calendar. Write the days on which nobody works as default."),
        ("keep_snapshots: 3", "ownership: [{entity: invoice, role: ERP, connection: netsuite}]", "line 18: Whose claim of invoice wins is decided for the whole firm: `role` takes no connection and no legal_entity"),
        ("keep_snapshots: 3", "ownership: [{entity: invoice, connection: netsuite}]", "line 18: This row of invoice decides nothing. Give role or update."),
        ("keep_snapshots: 3", "ownership: [{entity: invoice, role: ERP, from_state: signed}]", "unknown setting 'ownership.0.from_state'"),
        ("keep_snapshots: 3", "keep_snapshots: [", "This is no YAML"),
        ("mode: files, path: exports/kantata", "mode: api, url: https://x.mavenlink.com", "line 11: Connection kantata has mode api, but connections are read from files only: live APIs come later. Export files, and set mode: files with their path."),
        ("system: kantata,", "system: revenue_register, roles: [CRM],", "line 11: Connection kantata plays no role: the system revenue_register is no party to a comparison. Take out roles."),
        ("limits: {USD", "limits: {JPY", "line 15: people.carl.limits is in JPY, but impacts are held against it in base currency. Write the amount in USD."),
        ("keep_snapshots: 3", "approval: {two_above: {EUR: 5}}", "line 18: approval.two_above is in EUR"),
        ("kantata:    {system", "Kantata!:    {system", "line 11: connections.Kantata!"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    assert message in mistake(tmp_path, GOOD.replace(old, new))


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = mistake(tmp_path, GOOD.replace("keep_snapshots: 3", "keep_snapshot: 3").replace("[analyst]", "[annalyst]"))
    assert "line 14" in text
    assert "line 18" in text


@pytest.mark.parametrize(
    ("books", "where"),
    [
        ("{entities: {UK1: {ratable: month}}}", "books.primary.entities"),
        ("{intercompany: [{performer: UK1, contractor: US01, rate: 90, currency: USD}]}", "books.primary.intercompany"),
    ],
)
def test_a_legal_entity_that_no_system_knows_is_named(tmp_path: Path, books: str, where: str) -> None:
    project = Project.load(write(tmp_path, f"{GOOD}books: {{primary: {books}}}\n"))
    with duckdb.connect() as con:
        con.execute("create schema marts; create table marts.legal_entity (legal_entity_code varchar)")
        require_entities(con, project)
        con.execute("insert into marts.legal_entity values ('UK01'), ('US01'), (null)")
        with pytest.raises(ConfigError) as caught:
            require_entities(con, project)
        con.execute("update marts.legal_entity set legal_entity_code = 'UK1' where legal_entity_code = 'UK01'")
        require_entities(con, project)
    assert str(caught.value) == f"tieout.yml: {where}: No system knows a legal entity 'UK1'. Nearest: 'UK01'."


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="tieout init"):
        Project.load(tmp_path)


def test_secrets_come_from_the_environment_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_auth = GOOD.replace("path: exports/kantata", "path: exports/kantata, auth: {token: ${KANTATA_TOKEN}}")
    with_auth = with_auth.replace("{token: ${KANTATA_TOKEN}}", '{token: "${KANTATA_TOKEN}"}')
    monkeypatch.delenv("KANTATA_TOKEN", raising=False)
    project = Project.load(write(tmp_path, with_auth))
    with pytest.raises(ConfigError, match="token"):
        project.connections["kantata"].secret("token")
    monkeypatch.setenv("KANTATA_TOKEN", "s3cret")
    again = Project.load(write(tmp_path, with_auth))
    assert again.connections["kantata"].secret("token") == "s3cret"
    assert "s3cret" not in repr(again)
    assert again.configuration_hash == project.configuration_hash
    assert "secrets never stand in the file" in mistake(tmp_path, with_auth.replace("${KANTATA_TOKEN}", "s3cret"))


def test_a_password_in_the_address_of_the_state_store_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = GOOD.replace("sqlite:///.tieout/state.db", "postgresql+psycopg://tieout:hush@db/tieout")
    assert "line 8: The address has its password written out" in mistake(tmp_path, text)
    monkeypatch.setenv("DB_PASSWORD", "hush")
    assert Project.load(write(tmp_path, text.replace("hush", "${DB_PASSWORD}"))).state.endswith(":hush@db/tieout")


def test_a_variable_that_is_not_set_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOWHERE", raising=False)
    assert "NOWHERE is not set" in mistake(tmp_path, GOOD.replace("exports/kantata", '"${NOWHERE}/kantata"'))


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_WAREHOUSE", "elsewhere/w.duckdb")
    assert Project.load(write(tmp_path, GOOD)).warehouse == tmp_path / "elsewhere/w.duckdb"


def test_the_layout_of_the_file_does_not_change_its_hash(tmp_path: Path) -> None:
    first = Project.load(write(tmp_path, GOOD)).configuration_hash
    assert Project.load(write(tmp_path, "# a comment\n" + GOOD)).configuration_hash == first
    assert Project.load(write(tmp_path, GOOD.replace("K42: 0.05", "K42: 0.06"))).configuration_hash != first


def test_what_the_environment_sets_is_in_the_hash_but_for_secrets_and_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hashed() -> str:
        return Project.load(write(tmp_path, GOOD.replace("exports/kantata", '"${EXPORTS}/kantata"'))).configuration_hash

    monkeypatch.setenv("EXPORTS", "exports")
    first = hashed()
    monkeypatch.setenv("TIEOUT_WAREHOUSE", "elsewhere/w.duckdb")
    monkeypatch.setenv("TIEOUT_STATE", "sqlite:///elsewhere.db")
    assert hashed() == first
    monkeypatch.setenv("EXPORTS", "others")
    other = hashed()
    monkeypatch.setenv("TIEOUT_START_ON", "2026-01-01")
    assert len({first, other, hashed()}) == 3


def test_the_page_on_configuration_names_every_key_and_its_example_holds(tmp_path: Path) -> None:
    page = (models_root() / "docs" / "configuration.md").read_text(encoding="utf-8")
    sections = (Project, ConnectionSettings, Person, Materiality, Approval, Ownership, Book, Calendar)
    keys = {name for section in sections for name in section.model_fields} - {"root", "configuration_hash"}
    assert {key for key in keys if f"`{key}`" not in page} == set()
    example = page.split("```yaml\n")[1].split("```")[0]
    assert Project.load(write(tmp_path, example)).policies()["primary"].of("UK01").ratable == "month"
