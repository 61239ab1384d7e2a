"""One signed version of an agreement: the original or an amendment."""

from __future__ import annotations

from contracts.entity import Amount, Boolean, Contract, Date, EntityModel, Integer, Text, Timestamp, col, link, ref


class AgreementVersion(EntityModel):
    """The original of an agreement or one amendment; its amount is the change it makes, not the new total."""

    agreement_number: Text = col("Number of the statement of work.")
    agreement_ref: Text = ref("agreement")
    version_no: Integer = col("1 is the original, 2 and above are amendments.", at_least=0)
    kind: Text = col("What the version does to the value.", among=("original", "amendment", "reduction"))
    is_signed: Boolean = col("Signed and activated: only then it counts.")
    signed_on: Date = col("Day of signature.")
    activated_at: Timestamp = col("When the system activated it.")
    delta_amount: Amount = col("Change of the value by this version, without tax.", sign="negative for a reduction")
    currency: Text = col("Currency of the change.", unit="ISO 4217")
    movement_label: Text = col("What the system calls the change, in its own words.")
    movement_cause: Text = col(
        "What it calls the change, as a cause.", among=("new", "upsell", "renewal", "reduction", "cancellation")
    )
    agreement_id: Text = link("agreement")


CONTRACT = Contract(
    AgreementVersion,
    version="1.1.0",
    grain="One row per version of an agreement in one connection.",
    key=("connection", "source_id"),
)
