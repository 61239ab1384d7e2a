"""The computed tables: one named tuple a table, one field a column, in the order of the table.

`Recomputed` holds a tuple of rows for each table of schema `revenue`; `Row._fields` are its columns. Money is Decimal
in the currency of the agreement, cumulative unless the name says otherwise; periods are text, YYYY-MM.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

__all__ = [
    "Accrual",
    "Allocation",
    "ContractCost",
    "Decision",
    "Obligation",
    "Position",
    "Problem",
    "Recognition",
    "Recomputed",
]


class Obligation(NamedTuple):
    """A promise as it stands at the end: its price, its progress measure, its state."""

    agreement_id: str
    book: str
    legal_entity_id: str
    customer_id: str
    currency: str
    obligation_key: str
    obligation_name: str
    method: str
    start_on: date | None
    end_on: date | None
    ssp_amount: Decimal | None
    ssp_source: str
    allocated_amount: Decimal
    variable_amount: Decimal
    cap_amount: Decimal | None
    planned_quantity: Decimal
    unit: str
    status: str
    rpo_exemption: str | None
    rule: str
    policy: str


class Allocation(NamedTuple):
    """The part of the price that one version gave to one obligation."""

    agreement_id: str
    book: str
    version_no: int
    effective_on: date
    obligation_key: str
    ssp_amount: Decimal | None
    price_amount: Decimal
    method: str
    rule: str


class Decision(NamedTuple):
    """How a version of an agreement is treated, why, and by whose decision."""

    decision_id: str
    agreement_id: str
    book: str
    version_no: int
    decided_on: date
    period: str
    obligation_key: str | None
    treatment: str
    reason: str
    rule: str
    policy: str
    effect_amount: Decimal
    currency: str
    decided_by: str
    overrides: str | None


class Recognition(NamedTuple):
    """Revenue of one obligation at the end of one period."""

    agreement_id: str
    book: str
    legal_entity_id: str
    customer_id: str
    currency: str
    obligation_key: str
    period: str
    method: str
    price_amount: Decimal
    done: Decimal
    total: Decimal
    cumulative_amount: Decimal
    period_amount: Decimal
    catch_up_amount: Decimal
    prior_period_amount: Decimal
    provision_amount: Decimal
    rule: str
    policy: str
    evidence: str
    functional_amount: Decimal | None
    functional_currency: str | None


class Accrual(NamedTuple):
    """Time submitted and not approved at the end of a period: estimated revenue that reverses in the next."""

    agreement_id: str
    book: str
    legal_entity_id: str
    customer_id: str
    currency: str
    project: str
    obligation_key: str | None
    period: str
    amount: Decimal
    hours: Decimal
    reverses_in: str


class Position(NamedTuple):
    """The balances of one agreement at the end of one period."""

    agreement_id: str
    book: str
    legal_entity_id: str
    customer_id: str
    currency: str
    period: str
    contract_value: Decimal
    transaction_price: Decimal
    constrained_amount: Decimal
    billed: Decimal
    recognised: Decimal
    unbilled_receivable: Decimal
    contract_asset: Decimal
    contract_liability: Decimal
    refund_liability: Decimal
    receivable: Decimal
    cash: Decimal
    rpo: Decimal
    rpo_next_12: Decimal
    rpo_next_24: Decimal
    rpo_later: Decimal
    rpo_exempt: Decimal
    backlog: Decimal
    funded_backlog: Decimal
    scheduled_backlog: Decimal
    tm_reestimate: Decimal
    constrained_estimates: Decimal
    expected_concessions: Decimal
    cancellable_value: Decimal
    reallocated_price: Decimal
    exempt_right_to_invoice: Decimal
    exempt_one_year: Decimal


class ContractCost(NamedTuple):
    """Costs of one name to obtain or to fulfil an agreement in one period; opening, what moved them, closing.

    `incurred_amount` is all that was spent in the period, capitalised or not. Amounts are in the cost's own currency.
    """

    agreement_id: str
    book: str
    legal_entity_id: str
    customer_id: str
    currency: str
    obligation_key: str | None
    cost_name: str
    purpose: str
    treatment: str
    period: str
    incurred_amount: Decimal
    opening_amount: Decimal
    capitalised_amount: Decimal
    amortised_amount: Decimal
    impaired_amount: Decimal
    closing_amount: Decimal
    benefit_until: date | None
    rule: str
    policy: str
    evidence: str


class Problem(NamedTuple):
    """Evidence that cannot be used as it stands: what it is, what to do, and whose it is."""

    agreement_id: str
    book: str
    obligation_key: str | None
    period: str
    code: str
    message: str
    then: str
    at_fault: str
    amount: Decimal | None


@dataclass(frozen=True)
class Recomputed:
    """Everything one recomputation found; each tuple is a table, sorted by its key."""

    obligations: tuple[Obligation, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    decisions: tuple[Decision, ...] = ()
    recognition: tuple[Recognition, ...] = ()
    accruals: tuple[Accrual, ...] = ()
    positions: tuple[Position, ...] = ()
    contract_costs: tuple[ContractCost, ...] = ()
    problems: tuple[Problem, ...] = ()
