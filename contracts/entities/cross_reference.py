"""Where one system stores the id of a record of another."""

from __future__ import annotations

from contracts.entity import Contract, EntityModel, Text, col


class CrossReference(EntityModel):
    """One stored link between two records of two systems, in the direction in which it is stored."""

    from_entity: Text = col("Entity of the record that holds the link.")
    from_object: Text = col("Vendor's object of that record.")
    from_id: Text = col("Vendor's id of that record.")
    field: Text = col("Column or reference that holds the link.")
    to_role: Text = col("Role of the system it points at.")
    to_system: Text = col("System it points at.")
    to_object: Text = col("Vendor's object it points at.")
    to_id: Text = col("Id it points at.")


CONTRACT = Contract(
    CrossReference,
    version="1.0.0",
    grain="One row per stored link and direction.",
    key=("connection", "source_id"),
    is_mart=False,
)
