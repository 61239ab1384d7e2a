"""A person at a customer."""

from __future__ import annotations

from contracts.entity import Contract, EntityModel, Text, col, link, ref


class Contact(EntityModel):
    """A person at a customer with whom the firm deals."""

    customer_ref: Text = ref("customer")
    contact_name: Text = col("Full name.", pii="personal")
    email: Text = col("Mail address.", pii="personal")
    title: Text = col("Job title.", pii="personal")
    customer_id: Text = link("customer")


CONTRACT = Contract(
    Contact,
    version="1.0.0",
    grain="One row per contact of one connection.",
    key=("connection", "source_id"),
)
