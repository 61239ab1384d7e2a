"""The tables of the state store: every decision a person or a run has made, and nothing that can be computed again.

Instants are text, ISO 8601 in UTC with a `Z` (``2026-03-31T10:00:00Z``), so that they sort, compare and hash alike on
every database; dates are ISO text; money is text with its currency beside it, so that no driver turns it into a float;
JSON is text with sorted keys. `audit` is append-only and hash-chained.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

__all__ = [
    "METADATA",
    "REVISION",
    "acceptances",
    "actions",
    "approvals",
    "assignments",
    "audit",
    "batches",
    "comments",
    "crosswalk_decisions",
    "crosswalk_history",
    "crosswalk_ids",
    "crosswalk_links",
    "dead_letters",
    "deliveries",
    "people",
    "revenue_decisions",
    "run_lease",
    "runs",
]

#: The migration that made the tables below; `store.upgrade` brings an older store up to it.
REVISION = "0003"

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str, kind: type[String] | type[Integer] = String) -> Column[object]:
    return Column(name, kind, primary_key=True, nullable=False, autoincrement=False)


def _text(name: str, *, required: bool = False) -> Column[object]:
    return Column(name, Text, nullable=not required)


#: Enterprise ids ever minted. A row never goes away and a number is never used again.
crosswalk_ids = Table(
    "crosswalk_ids",
    METADATA,
    _key("enterprise_id"),
    Column("entity", String, nullable=False),
    Column("number", Integer, nullable=False),
    _text("minted_for", required=True),  # connection/object/source id of the record that was first
    _text("minted_at"),
    _text("merged_into"),  # the id that took over when two turned out to be one
    UniqueConstraint("entity", "number"),
)

_LINK = ("entity", "connection", "object", "source_id")

#: The enterprise id of each record, as it is now, or as it was when the record went.
crosswalk_links = Table(
    "crosswalk_links",
    METADATA,
    *(_key(name) for name in _LINK),
    Column("enterprise_id", String, nullable=False),
    _text("method", required=True),
    _text("status", required=True),  # confirmed | suggested
    Column("score", Float),
    Column("is_primary", Boolean, nullable=False),
    Column("rule_version", Integer, nullable=False),
    _text("valid_from"),
    _text("valid_to"),  # when its source no longer held the record; it keeps its id, should it come back
    Index(None, "enterprise_id"),
)

#: Links that ended and were followed by another: what a record was taken for, from when to when.
crosswalk_history = Table(
    "crosswalk_history",
    METADATA,
    *(_key(name) for name in _LINK),
    _key("enterprise_id"),
    _key("valid_to"),
    _text("method", required=True),
    _text("status", required=True),
    Column("score", Float),
    Column("rule_version", Integer, nullable=False),
    _text("valid_from"),
)

#: What a person decided on a pair of records. The left record is the smaller one by (connection, object, source_id).
crosswalk_decisions = Table(
    "crosswalk_decisions",
    METADATA,
    _key("entity"),
    *(_key(f"{side}_{name}") for side in ("left", "right") for name in _LINK[1:]),
    _text("decision", required=True),  # confirm | reject
    _text("person", required=True),
    _text("reason", required=True),
    _text("decided_at", required=True),
)

#: How a revenue accountant wants a version of an agreement accounted for, from `period` on. Later rows win.
revenue_decisions = Table(
    "revenue_decisions",
    METADATA,
    _key("decision_id"),
    Column("agreement_id", String, nullable=False),
    _text("book", required=True),
    Column("version_no", Integer, nullable=False),
    _text("obligation_key"),  # empty: all obligations of the version
    _text("treatment", required=True),
    _text("period", required=True),
    _text("decided_on", required=True),
    _text("person", required=True),
    _text("reason", required=True),
    _text("decided_at", required=True),
    Index(None, "agreement_id"),
)

assignments = Table(
    "assignments",
    METADATA,
    _key("break_id"),
    _text("assignee"),
    _text("due_on"),
    _text("assigned_by", required=True),
    _text("assigned_at", required=True),
)

comments = Table(
    "comments",
    METADATA,
    _key("comment_id"),
    Column("break_id", String, nullable=False, index=True),
    _text("person", required=True),
    _text("text", required=True),
    _text("written_at", required=True),
)

acceptances = Table(
    "acceptances",
    METADATA,
    _key("break_id"),
    _text("evidence_hash"),  # accepted as it was then; null accepts whatever it becomes
    _text("reason", required=True),
    _text("accepted_by", required=True),
    _text("accepted_at", required=True),
    _text("accepted_until"),
)

approvals = Table(
    "approvals",
    METADATA,
    _key("action_id"),
    _key("version", Integer),
    _key("person"),
    _text("decision", required=True),  # approve | reject
    _text("evidence_hash", required=True),
    _text("reason", required=True),
    _text("acting_for"),
    _text("decided_at", required=True),
    Column("is_void", Boolean, nullable=False),
    _text("void_reason"),
)

#: The outbox: one row per version of an action.
actions = Table(
    "actions",
    METADATA,
    _key("action_id"),
    _key("version", Integer),
    Column("status", String, nullable=False, index=True),
    _text("run_id"),
    Column("batch_id", String, index=True),
    Column("group_id", String, index=True),
    _text("kind"),
    _text("connection"),
    Column("idempotency_key", String, index=True),
    _text("evidence_hash"),
    _text("impact"),
    _text("currency"),
    _text("prepared_by"),
    _text("json", required=True),
    _text("updated_at"),
)

batches = Table(
    "batches",
    METADATA,
    _key("batch_id"),
    _text("run_id"),
    _text("as_of"),
    Column("actions", Integer, nullable=False),
    _text("manifest", required=True),
    _text("manifest_sha256", required=True),
    _text("previous_sha256"),
    _text("emitted_by"),
    _text("emitted_at"),
    Column("sequence", Integer, nullable=False, unique=True),
)

deliveries = Table(
    "deliveries",
    METADATA,
    _key("action_id"),
    _key("idempotency_key"),
    _key("attempt", Integer),
    _text("batch_id"),
    Column("outcome", String, nullable=False),
    _text("record_id"),
    _text("message"),
    _text("response_hash"),
    _text("at"),
)

dead_letters = Table(
    "dead_letters",
    METADATA,
    _key("action_id"),
    _key("version", Integer),
    _text("reason", required=True),
    Column("attempts", Integer, nullable=False),
    _text("json", required=True),
    _text("buried_at", required=True),
    _text("resolved_at"),
)

people = Table(
    "people",
    METADATA,
    _key("person"),
    _text("name"),
    _text("email"),
    _text("roles", required=True),
    _text("limits", required=True),
    _text("act_for", required=True),
    Column("is_active", Boolean, nullable=False),
)

audit = Table(
    "audit",
    METADATA,
    _key("sequence", Integer),
    _text("at", required=True),
    _text("actor", required=True),
    _text("verb", required=True),
    _text("subject", required=True),
    _text("payload", required=True),
    _text("prev_hash", required=True),
    Column("hash", String, nullable=False, unique=True),
    Index(None, "subject"),
)

run_lease = Table(
    "run_lease",
    METADATA,
    _key("project"),
    _text("holder"),  # null: released
    Column("token", Integer, nullable=False),
    _text("acquired_at", required=True),
    _text("expires_at", required=True),
)

runs = Table(
    "runs",
    METADATA,
    _key("run_id"),
    Column("project", String, nullable=False),
    Column("fingerprint", String, nullable=False, index=True),
    _text("status", required=True),  # started | published | done | failed
    _text("as_of"),
    Column("token", Integer),
    _text("snapshot"),
    _text("summary", required=True),
    _text("started_at", required=True),
    _text("finished_at"),
)
