"""The first tables of the state store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
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
    "run_lease",
    "runs",
)


def upgrade() -> None:
    """Makes all tables."""
    op.create_table(
        "acceptances",
        sa.Column("break_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("evidence_hash", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.Text(), nullable=False),
        sa.Column("accepted_until", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("break_id", name=op.f("pk_acceptances")),
    )
    op.create_table(
        "actions",
        sa.Column("action_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.String(), nullable=True),
        sa.Column("group_id", sa.String(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("connection", sa.Text(), nullable=True),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("evidence_hash", sa.Text(), nullable=True),
        sa.Column("impact", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("prepared_by", sa.Text(), nullable=True),
        sa.Column("json", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("action_id", "version", name=op.f("pk_actions")),
    )
    op.create_index(op.f("ix_actions_batch_id"), "actions", ["batch_id"], unique=False)
    op.create_index(op.f("ix_actions_group_id"), "actions", ["group_id"], unique=False)
    op.create_index(op.f("ix_actions_idempotency_key"), "actions", ["idempotency_key"], unique=False)
    op.create_index(op.f("ix_actions_status"), "actions", ["status"], unique=False)
    op.create_table(
        "approvals",
        sa.Column("action_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("evidence_hash", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("acting_for", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.Column("is_void", sa.Boolean(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("action_id", "version", "person", name=op.f("pk_approvals")),
    )
    op.create_table(
        "assignments",
        sa.Column("break_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Text(), nullable=True),
        sa.Column("assigned_by", sa.Text(), nullable=False),
        sa.Column("assigned_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("break_id", name=op.f("pk_assignments")),
    )
    op.create_table(
        "audit",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
    )
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    op.create_table(
        "batches",
        sa.Column("batch_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("as_of", sa.Text(), nullable=True),
        sa.Column("actions", sa.Integer(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("manifest_sha256", sa.Text(), nullable=False),
        sa.Column("previous_sha256", sa.Text(), nullable=True),
        sa.Column("emitted_by", sa.Text(), nullable=True),
        sa.Column("emitted_at", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_batches")),
        sa.UniqueConstraint("sequence", name=op.f("uq_batches_sequence")),
    )
    op.create_table(
        "comments",
        sa.Column("comment_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("break_id", sa.String(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_comments")),
    )
    op.create_index(op.f("ix_comments_break_id"), "comments", ["break_id"], unique=False)
    op.create_table(
        "crosswalk_decisions",
        sa.Column("entity", sa.String(), autoincrement=False, nullable=False),
        sa.Column("left_connection", sa.String(), autoincrement=False, nullable=False),
        sa.Column("left_object", sa.String(), autoincrement=False, nullable=False),
        sa.Column("left_source_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("right_connection", sa.String(), autoincrement=False, nullable=False),
        sa.Column("right_object", sa.String(), autoincrement=False, nullable=False),
        sa.Column("right_source_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "entity",
            "left_connection",
            "left_object",
            "left_source_id",
            "right_connection",
            "right_object",
            "right_source_id",
            name=op.f("pk_crosswalk_decisions"),
        ),
    )
    op.create_table(
        "crosswalk_history",
        sa.Column("entity", sa.String(), autoincrement=False, nullable=False),
        sa.Column("connection", sa.String(), autoincrement=False, nullable=False),
        sa.Column("object", sa.String(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("enterprise_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("valid_to", sa.String(), autoincrement=False, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "entity",
            "connection",
            "object",
            "source_id",
            "enterprise_id",
            "valid_to",
            name=op.f("pk_crosswalk_history"),
        ),
    )
    op.create_table(
        "crosswalk_ids",
        sa.Column("enterprise_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("minted_for", sa.Text(), nullable=False),
        sa.Column("minted_at", sa.Text(), nullable=True),
        sa.Column("merged_into", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_crosswalk_ids")),
        sa.UniqueConstraint("entity", "number", name=op.f("uq_crosswalk_ids_entity_number")),
    )
    op.create_table(
        "crosswalk_links",
        sa.Column("entity", sa.String(), autoincrement=False, nullable=False),
        sa.Column("connection", sa.String(), autoincrement=False, nullable=False),
        sa.Column("object", sa.String(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("entity", "connection", "object", "source_id", name=op.f("pk_crosswalk_links")),
    )
    op.create_index(op.f("ix_crosswalk_links_enterprise_id"), "crosswalk_links", ["enterprise_id"], unique=False)
    op.create_table(
        "dead_letters",
        sa.Column("action_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("json", sa.Text(), nullable=False),
        sa.Column("buried_at", sa.Text(), nullable=False),
        sa.Column("resolved_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("action_id", "version", name=op.f("pk_dead_letters")),
    )
    op.create_table(
        "deliveries",
        sa.Column("action_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("idempotency_key", sa.String(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("response_hash", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("action_id", "idempotency_key", "attempt", name=op.f("pk_deliveries")),
    )
    op.create_table(
        "people",
        sa.Column("person", sa.String(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("act_for", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_people")),
    )
    op.create_table(
        "run_lease",
        sa.Column("project", sa.String(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("acquired_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project", name=op.f("pk_run_lease")),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Text(), nullable=True),
        sa.Column("token", sa.Integer(), nullable=True),
        sa.Column("snapshot", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_fingerprint"), "runs", ["fingerprint"], unique=False)


def downgrade() -> None:
    """Drops them again, decisions included."""
    for table in reversed(TABLES):
        op.drop_table(table)
