"""Decisions of revenue accountants on versions of agreements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes their table."""
    op.create_table(
        "revenue_decisions",
        sa.Column("decision_id", sa.String(), autoincrement=False, nullable=False),
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("obligation_key", sa.Text(), nullable=True),
        sa.Column("treatment", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_revenue_decisions")),
    )
    op.create_index(op.f("ix_revenue_decisions_agreement_id"), "revenue_decisions", ["agreement_id"], unique=False)


def downgrade() -> None:
    """Drops it again, decisions included."""
    op.drop_table("revenue_decisions")
