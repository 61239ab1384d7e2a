"""The project: one firm's `tieout.yml`, read with its secrets, its paths and every mistake named with its line.

`Project.load(folder)` is the only way in. Values of the form ``${NAME}`` come from the environment; any setting can be
overridden by ``TIEOUT_<SETTING>`` (``TIEOUT_STATE``). Paths are relative to the folder, so a project can move.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from app.document import Document, located
from contracts.actions import ActionKind, ApprovalPolicy, ApproverRole
from contracts.errors import ConfigError
from contracts.ownership import Queue, UpdatePolicy
from contracts.registry import discover
from contracts.roles import Role
from reconcile.revenue.policy import IntercompanyRate, Policy

if TYPE_CHECKING:
    from reconcile.approvals import Approver

__all__ = [
    "FILE",
    "Approval",
    "Book",
    "ConnectionSettings",
    "Materiality",
    "Ownership",
    "Person",
    "Project",
]

#: The file that makes a folder a project.
FILE = "tieout.yml"
#: Where its secrets are: only the names of environment variables may stand there.
_SECRETS = ("connections", "*", "auth", "*")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is no time zone; write one like America/New_York") from error
    return name


Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Zone = Annotated[str, AfterValidator(_zone)]
Amounts = dict[Currency, Annotated[Decimal, Field(ge=0)]]
#: A tolerance class of the checks (no difference, one minor unit a line, a total) or an amount.
Tolerance = Literal["T0", "T1", "T2"] | Annotated[Decimal, Field(ge=0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ConnectionSettings(_Section):
    """One configured instance of a system."""

    system: str
    #: Only `files` for now: `api` is refused by name.
    mode: Literal["files", "api"] = "files"
    path: Path | None = None
    url: str = ""
    #: What it is asked for; by default everything its system can play.
    roles: tuple[Role, ...] = ()
    #: Our name of a field (or of a firm's own object) -> the firm's name of it.
    fields: dict[str, str] = {}
    time_zone: Zone | None = None
    #: Credentials, each ``${NAME}`` of an environment variable; None while that variable is not set.
    auth: dict[str, SecretStr | None] = {}
    options: dict[str, Any] = {}

    def secret(self, name: str) -> str:
        """A credential; an error when its environment variable is not set."""
        value = self.auth.get(name)
        if value is None:
            raise ConfigError(
                f"The credential {name} of a {self.system} connection is not set",
                where=FILE,
                then=f"Write auth: {{{name}: ${{SOME_NAME}}}} and set that environment variable.",
            )
        return value.get_secret_value()


class Person(_Section):
    """Someone who decides: roles, and up to which amount alone, in base currency."""

    name: str = ""
    email: str = ""
    roles: tuple[ApproverRole, ...] = ()
    limits: Amounts = {}


class Materiality(_Section):
    """An amount in base currency: above `performance` a break's severity rises."""

    performance: Decimal | None = None


class Approval(_Section):
    """Departures from the approval policy that each kind of correction has by itself."""

    policies: dict[ActionKind, ApprovalPolicy] = {}
    roles: dict[ActionKind, ApproverRole] = {}
    #: Above this, in base currency, two people approve whatever their own limits are.
    two_above: Amounts = {}


class Ownership(_Section):
    """One override of the ownership table: whose claim of a field wins, or how it may be corrected, and where."""

    entity: str
    field: str = "*"
    role: Role | None = None
    update: UpdatePolicy | None = None
    connection: str | None = None
    legal_entity: str | None = None


class Book(Policy):
    """An accounting book: its currency, the choices revenue is computed by, and what work for each other costs."""

    currency: Currency | None = None
    #: Rates at which legal entities recharge the hours of their people.
    intercompany: tuple[IntercompanyRate, ...] = ()
    #: Which cost of projects the ledger posts by project and month.
    cost_ledger: tuple[Literal["labour", "subcontractors"], ...] = ()

    @field_validator("intercompany")
    @classmethod
    def _are_unambiguous(cls, rates: tuple[IntercompanyRate, ...]) -> tuple[IntercompanyRate, ...]:
        twice = [one for one, count in Counter(rate.key for rate in rates).items() if count > 1]
        if twice:
            performer, contractor, day = twice[0]
            raise ValueError(
                f"two rates for {performer} working for {contractor or 'any entity'} from {day or 'the beginning'}"
            )
        return rates


class Calendar(_Section):
    """Days on which nobody works, besides Saturdays and Sundays."""

    holidays: tuple[dt.date, ...] = ()


class Project(BaseSettings):
    """Everything a firm decides about its reconciliation. Made by `Project.load`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="TIEOUT_")

    firm: str
    base_currency: Currency
    connections: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], ConnectionSettings] = Field(min_length=1)
    time_zone: Zone = "UTC"
    #: The date everything is judged at; by default that of the latest extraction landed.
    as_of: dt.date | None = None
    #: Before it a missing partner is history, not a break.
    start_on: dt.date | None = None
    warehouse: Path = Path(".tieout/warehouse.duckdb")
    state: str = Field(default="sqlite:///.tieout/state.db", repr=False)  # its password must not show
    people: dict[str, Person] = {}
    #: Who may decide in whose name: ``{root: [ana, carl]}``.
    act_for: dict[str, tuple[str, ...]] = {}
    keep_snapshots: Annotated[int, Field(ge=1)] = 10
    #: Check, or check.field -> tolerance.
    tolerances: dict[str, Tolerance] = {}
    materiality: Materiality = Materiality()
    approval: Approval = Approval()
    #: Queue or check -> the person who gets its breaks.
    routing: dict[str, str] = {}
    ownership: tuple[Ownership, ...] = ()
    books: dict[str, Book] = {"primary": Book()}
    calendars: dict[str, Calendar] = {}
    rules_path: Path | None = None
    #: The folder of the project, and the hash of what is set (neither secrets, nor where its own files lie).
    root: Path = Field(default=Path(), exclude=True)
    configuration_hash: str = Field(default="", exclude=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then the file."""
        return env_settings, init_settings

    @classmethod
    def load(cls, folder: str | Path = ".") -> Project:
        """The project of a folder (or of its file). Every mistake found is named at once."""
        path = Path(folder)
        path = path if path.is_file() else path / FILE
        if not path.is_file():
            raise ConfigError(
                f"There is no {FILE} in {path.parent.resolve()}",
                then="Write one with `tieout init --from DIR`, or give the folder with --project.",
            )
        document = Document.read(path)
        document.refuse_literals(_SECRETS)
        document.refuse_password(("state",))
        values = document.resolved(optional=_SECRETS)
        for name in ("root", "configuration_hash"):
            document.refuse_key(name, cls)
        try:
            project = cls(**values)
        except ValidationError as error:
            raise ConfigError(
                located(error, document, cls), where=str(path), then="Correct it and try again."
            ) from error
        _check(project, document)
        project = _absolute(project, path.parent.resolve())
        _check_rules(project, document)
        return project

    def roles(self, connection: str) -> tuple[Role, ...]:
        """What a connection plays: what the file says, else everything its system can."""
        settings = self.connections[connection]
        return settings.roles or tuple(Role(role) for role in _systems()[settings.system].roles)

    def source(self, connection: str) -> Any:
        """A connection as the packages that read it take it (`ingest.system.Connection`)."""
        from ingest.system import Connection

        settings = self.connections[connection]
        return Connection(
            name=connection,
            system=settings.system,
            path=str(settings.path or ""),
            mode=settings.mode,
            fields=settings.fields,
            time_zone=settings.time_zone or self.time_zone,
            options=settings.options,
        )

    def may_act_for(self, actor: str, person: str) -> bool:
        """Whether `actor` (the operating-system user, a token's or an identity's name) may decide as `person`."""
        return actor == person or person in self.act_for.get(actor, ())

    def approver(self, person: str, *, actor: str) -> Approver:
        """A person of the project as the approval rules see them, when `actor` decides in their name."""
        from reconcile.approvals import Approver, may_speak_for

        may_speak_for(actor, person, self.may_act_for)
        settings = self.people[person]
        limit = settings.limits.get(self.base_currency)
        return Approver(person, tuple(str(role) for role in settings.roles), limit, actor)

    def policies(self) -> dict[str, Policy]:
        """The choices revenue is computed by, per book."""
        own = {"currency", "intercompany", "cost_ledger"}
        return {
            name: Policy.model_validate({**book.model_dump(exclude=own), "name": name})
            for name, book in self.books.items()
        }

    def settings(self) -> frozenset[str]:
        """What checks may require the file to state, and it does."""
        rates = {"intercompany rates"} if self.intercompany_rates() else set()
        return frozenset(
            rates | {f"cost_ledger of {kind}" for book in self.books.values() for kind in book.cost_ledger}
        )

    def intercompany_rates(self) -> list[dict[str, str | None]]:
        """The intercompany rates of all books, as text."""
        return [
            {
                "book": name, "performer": one.performer, "contractor": one.contractor, "rate": str(one.rate),
                "currency": one.currency, "valid_from": one.valid_from.isoformat() if one.valid_from else None,
            }
            for name, book in sorted(self.books.items())
            for one in book.intercompany
        ]  # fmt: skip

    def named_entities(self) -> list[tuple[str, str, str]]:
        """The codes of legal entities that books name: (book, key, code)."""
        found: list[tuple[str, str, str]] = []
        for name, book in sorted(self.books.items()):
            rated = (code for one in book.intercompany for code in (one.performer, one.contractor) if code)
            found += [(name, "entities", code) for code in book.entities]
            found += [(name, "intercompany", code) for code in rated]
        return found

    def folder(self, name: str = "") -> Path:
        """A folder of the project's own files: ``raw``, ``published``; beside the warehouse."""
        return self.warehouse.parent / name


def _check(project: Project, document: Document) -> None:
    """What needs more than one value to judge: systems, people and paths that are meant."""
    _check_connections(project, document)
    limits = [(("people", name, "limits"), person.limits) for name, person in project.people.items()]
    for place, amounts in (*limits, (("approval", "two_above"), project.approval.two_above)):
        for currency in sorted(set(amounts) - {project.base_currency}):
            raise document.error(
                f"{'.'.join(place)} is in {currency}, but impacts are held against it in base currency",
                (*place, currency), f"Write the amount in {project.base_currency}.",
            )  # fmt: skip
    for name in sorted(project.calendars.keys() - {"default"}):
        raise document.error(
            f"The calendar {name} is of one legal entity, but checks know one calendar",
            ("calendars", name), "Write the days on which nobody works as default.",
        )  # fmt: skip
    for number, row in enumerate(project.ownership):
        if row.role and (row.connection or row.legal_entity):
            raise document.error(
                f"Whose claim of {row.entity} wins is decided for the whole firm: `role` takes no connection and no "
                "legal_entity", ("ownership", number), "Only `update` does: write two rows.",
            )  # fmt: skip
        if not row.role and not row.update:
            raise document.error(
                f"This row of {row.entity} decides nothing", ("ownership", number), "Give role or update."
            )
    for actor, persons in project.act_for.items():
        for person in persons:
            document.require_known(person, project.people, "person", ("act_for", actor))


def _check_connections(project: Project, document: Document) -> None:
    """Connections of known systems, in a mode that is read, with the files they need and roles they can play."""
    known = _systems()
    for name, settings in project.connections.items():
        document.require_known(settings.system, known, "system", ("connections", name, "system"))
        if settings.mode == "api":
            raise document.error(
                f"Connection {name} has mode api, but connections are read from files only: live APIs come later",
                ("connections", name, "mode"), "Export files, and set mode: files with their path.",
            )  # fmt: skip
        if settings.roles and not known[settings.system].roles:
            raise document.error(
                f"Connection {name} plays no role: the system {settings.system} is no party to a comparison",
                ("connections", name, "roles"), "Take out roles.",
            )  # fmt: skip
        if settings.path is None:
            raise document.error(f"Connection {name} reads files, but has no path", ("connections", name))


def _check_rules(project: Project, document: Document) -> None:
    """What refers to checks: their tolerances, and who gets their breaks."""
    if not project.tolerances and not project.routing:
        return
    from app.reconciliation import all_rules

    rules = all_rules(project)
    known = [
        ".".join(filter(None, (of, one))) for rule in rules for of in (rule.check, rule.name) for one in rule.tolerances
    ]
    for name in project.tolerances:
        same = [one for one in known if one.partition(".")[0] == name.partition(".")[0]]
        document.require_known(name, same or known, "tolerance", ("tolerances", name))
    meant = {*(str(queue) for queue in Queue), *(rule.check for rule in rules)}
    for name, person in project.routing.items():
        document.require_known(name, meant, "queue or check", ("routing", name))
        document.require_known(person, project.people, "person", ("routing", name))


def _absolute(project: Project, root: Path) -> Project:
    """The same project with absolute paths, and the hash of what it says without them."""
    own: dict[str, Any] = {
        "warehouse": True,
        "state": True,
        "keep_snapshots": True,
        "connections": {"__all__": {"auth"}},
    }
    said = json.dumps(project.model_dump(mode="json", exclude=own), sort_keys=True, ensure_ascii=False)
    connections = {
        name: settings.model_copy(update={"path": root / settings.path if settings.path else None})
        for name, settings in project.connections.items()
    }
    scheme, slashes, file = project.state.partition(":///")
    local = scheme.startswith("sqlite") and slashes and file not in ("", ":memory:")
    return project.model_copy(
        update={
            "connections": connections,
            "warehouse": root / project.warehouse,
            "rules_path": root / project.rules_path if project.rules_path else None,
            "state": f"{scheme}:///{root / file}" if local else project.state,
            "root": root,
            "configuration_hash": hashlib.sha256(said.encode()).hexdigest(),
        }
    )


def _systems() -> dict[str, Any]:
    return discover("ingest.systems", "SYSTEM")
