"""Who the firm sells to."""

from __future__ import annotations

from contracts.entity import Boolean, Contract, EntityModel, Text, Timestamp, col, own, ref


class Customer(EntityModel):
    """A company or person the firm sells to; customers of one group point at their parent."""

    customer_id: Text = own("CUS")
    customer_name: Text = col("Name as the owner writes it.")
    tax_id: Text = col("Tax registration number.", pii="sensitive")
    email: Text = col("General address for business mail.", pii="personal")
    domain: Text = col("Internet domain, lower case, without www.")
    street: Text = col("Street and number of the billing address.", pii="personal")
    city: Text = col("City of the billing address.")
    postal_code: Text = col("Postal code of the billing address.")
    country: Text = col("Country of the billing address.", unit="ISO 3166-1 alpha-2")
    currency: Text = col("Currency it is invoiced in unless an agreement says otherwise.", unit="ISO 4217")
    parent_ref: Text = ref("customer", "Source id of the parent customer in the same connection.")
    is_person: Boolean = col("A natural person, not a company.")
    is_active: Boolean = col("Still in use.")
    stage: Text = col("How far it came: a prospect has bought nothing yet.", among=("prospect", "customer"))
    payment_terms: Text = col("Terms of payment by name, for example Net 30.")
    created_at: Timestamp = col("When the source created it.")


CONTRACT = Contract(
    Customer,
    version="1.0.0",
    grain="One row per customer, whichever systems know it; merged records are resolved to the survivor.",
    key=("customer_id",),
)
