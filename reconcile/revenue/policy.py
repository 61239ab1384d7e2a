"""The choices an accounting book makes where the standards leave one: configuration, per book and legal entity."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = ["Exemption", "IntercompanyRate", "Policy"]

Exemption = Literal["right_to_invoice", "one_year"]


class IntercompanyRate(BaseModel):
    """What an hour of one legal entity's people costs another that signed the agreement, from a month on.

    A rate that names the contractor goes before one that holds for all; then the latest that is valid yet.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: Codes of the entity whose people work, and of the one that signed (empty: whichever).
    performer: str
    contractor: str | None = None
    rate: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=6)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    #: The first day of a month: hours are recharged by the month. Empty: from the beginning.
    valid_from: dt.date | None = None

    @field_validator("valid_from")
    @classmethod
    def _starts_a_month(cls, day: dt.date | None) -> dt.date | None:
        if day is not None and day.day != 1:
            raise ValueError(f"{day} is not the first of a month; an intercompany rate holds for whole months")
        return day

    @property
    def key(self) -> tuple[str, str | None, dt.date | None]:
        """What two rates must not have in common."""
        return self.performer, self.contractor, self.valid_from


class Policy(BaseModel):
    """Accounting choices of one book. `entities` overrides single choices for a legal entity.

    >>> Policy(entities={"UK01": {"ratable": "month"}}).of("UK01").ratable
    'month'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "primary"
    #: Whose rules: they differ on constraint wording, losses and the currency of contract assets.
    standard: Literal["us_gaap", "ifrs"] = "us_gaap"
    #: `stated`: the price of a line is its stand-alone selling price unless the evidence says otherwise.
    #: `list`: the evidence must say.
    ssp: Literal["stated", "list"] = "stated"
    #: Progress measure of a fixed fee whose evidence names no method (606-10-55-17, 55-20).
    fixed_fee: Literal["hours", "cost", "milestone"] = "hours"
    #: Step of straight-line revenue.
    ratable: Literal["day", "month"] = "day"
    #: A bank of hours stands ready (ratable), or is used up with a share that never will be (usage).
    hour_bank: Literal["ratable", "usage"] = "ratable"
    #: Principal or agent for reimbursed expenses (606-10-55-36 to 55-40).
    expenses: Literal["gross", "net"] = "gross"
    #: Losses: 605-35 or IAS 37; follows `standard` when not set.
    onerous: Literal["us_gaap", "ifrs"] | None = None
    #: Unit of account for losses under US GAAP; under IFRS it is the contract.
    loss_unit: Literal["obligation", "contract"] = "obligation"
    #: Whether a contract asset in foreign currency is remeasured.
    contract_asset_fx: Literal["monetary", "non_monetary"] = "monetary"
    #: Parts left out of remaining performance obligations (606-10-50-14; IFRS 15.121).
    rpo_exemptions: tuple[Exemption, ...] = ("right_to_invoice",)
    #: When a fixed fee counts as complete before all its hours are done: on evidence of completion, or, once there was
    #: work, when its service ends.
    over_time_completion: Literal["service_end", "evidence"] = "evidence"
    #: Likelihood that no significant reversal follows; `standard` decides when not set (606-10-32-11; IFRS 15.56).
    constraint: Literal["probable", "highly_probable"] | None = None
    #: When an advance invoice that cannot be cancelled becomes a receivable.
    advance_due: Literal["when_due", "when_invoiced"] = "when_due"
    #: What is done with a cost to obtain an agreement whose benefit lasts a year or less (340-40-25-4; IFRS 15.94).
    short_costs: Literal["capitalise", "expense"] = "capitalise"
    #: Choices of single legal entities that differ from the book's.
    entities: dict[str, dict[str, object]] = {}

    def of(self, legal_entity_id: str) -> Policy:
        """The policy that holds for a legal entity."""
        own = self.entities.get(legal_entity_id)
        if not own:
            return self
        return Policy.model_validate({**self.model_dump(exclude={"entities"}), **own})

    @property
    def losses(self) -> str:
        """Whose rule for expected losses applies."""
        return self.onerous or self.standard

    @property
    def likelihood(self) -> str:
        """How sure an amount must be before it is included in the price."""
        return self.constraint or ("highly_probable" if self.standard == "ifrs" else "probable")
