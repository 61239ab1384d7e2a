"""Who does the work."""

from __future__ import annotations

from contracts.entity import Boolean, Contract, Date, EntityModel, Text, col, link, own


class Person(EntityModel):
    """A member of staff or a subcontractor who records time; `legal_entity_code` is the home entity now."""

    person_id: Text = own("PER")
    person_name: Text = col("Full name.", pii="personal")
    email: Text = col("Business mail address, lower case.", pii="personal")
    role_name: Text = col("Role by which the person is rated and billed.")
    legal_entity_code: Text = col("Code of the home entity: the company that employs the person now.")
    previous_legal_entity_code: Text = col("Code of the home entity before the last move.")
    home_since_on: Date = col("First day in the present home entity.")
    supplier_ref: Text = col("The ERP's id of the supplier who sends and bills a subcontractor; empty: own staff.")
    supplier_name: Text = col("Name of that supplier.")
    is_active: Boolean = col("Still works here.")
    joined_on: Date = col("First day the system knows the person.")
    left_on: Date = col("Last day the person was there; empty: still there, or nobody says.")
    legal_entity_id: Text = link("legal_entity", "Enterprise id of the home entity now.")


CONTRACT = Contract(
    Person,
    version="1.3.0",
    grain="One row per person who records time.",
    key=("person_id",),
)
