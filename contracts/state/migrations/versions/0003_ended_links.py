"""When a link of the crosswalk ended: its record is gone from its system."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the instant; links that stand have none."""
    op.add_column("crosswalk_links", sa.Column("valid_to", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drops it again: every link counts as valid."""
    op.drop_column("crosswalk_links", "valid_to")
