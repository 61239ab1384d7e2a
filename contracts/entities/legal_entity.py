"""A company of the firm that keeps its own books."""

from __future__ import annotations

from contracts.entity import Boolean, Contract, EntityModel, Text, col, own, ref


class LegalEntity(EntityModel):
    """A company of the firm: it signs agreements, employs people and keeps its own books in one currency."""

    legal_entity_id: Text = own("LEN")
    legal_entity_code: Text = col("The firm's own short code, used by every system.")
    legal_entity_name: Text = col("Registered name.")
    currency: Text = col("Functional currency: the currency its books are kept in.", unit="ISO 4217")
    country: Text = col("Country of registration.", unit="ISO 3166-1 alpha-2")
    parent_ref: Text = ref("legal_entity", "Source id of the parent company in the same connection.")
    is_elimination: Boolean = col(
        "Exists only to eliminate dealings within the group; nothing is sold or delivered by it."
    )
    is_active: Boolean = col("Still in use.")


CONTRACT = Contract(
    LegalEntity,
    version="1.0.0",
    grain="One row per company of the firm.",
    key=("legal_entity_id",),
)
