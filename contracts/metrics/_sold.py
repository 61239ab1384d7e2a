"""Terms of what was sold: signed versions, priced lines, and what each follower of the CRM holds of them."""

from __future__ import annotations

from contracts.metric import Rows, Term, Unit

__all__ = [
    "ACCEPTED_MILESTONES",
    "AMENDMENTS",
    "ANNUAL_RECURRING",
    "BACKLOG_AGREED",
    "BACKLOG_STATED",
    "CAPS",
    "CONTRACTED",
    "CONTRACTED_ERP",
    "CONTRACTED_PSA",
    "CONTRACTED_REVREC",
    "DISCLOSED",
    "FIXED_FEES",
    "MILESTONES",
    "MILESTONE_FEES",
    "PLANNED_FIXED_FEE_HOURS",
    "RECURRING",
    "REDUCED",
    "SIGNED_NEW",
    "TIME_ESTIMATES",
    "UPSOLD",
]

_SIGNED_IN = "{{ period_of('cast(agreement.signed_at as date)') }}"
_OF_AGREEMENT = " inner join marts.agreement as agreement on agreement.agreement_id = {}.agreement_id"

_VERSIONS = Rows(
    name="signed_versions",
    source="marts.agreement_version as version",
    where="version.is_signed",
    role="CRM",
    period="{{ period_of('coalesce(cast(version.activated_at as date), version.signed_on)') }}",
    record="version",
    currency="version.currency",
    agreement_id="version.agreement_id",
)
CONTRACTED = Term(
    "contracted", "Value of every signed version: the original and what amendments added or took away.",
    _VERSIONS, "version.delta_amount",
)  # fmt: skip
SIGNED_NEW = Term(
    "signed_new", "Value of original agreements.", _VERSIONS, "version.delta_amount", "version.version_no <= 1"
)
UPSOLD = Term(
    "upsold", "Value that signed amendments added.", _VERSIONS, "version.delta_amount",
    "version.version_no > 1 and version.delta_amount > 0",
)  # fmt: skip
REDUCED = Term(
    "reduced", "Value that signed reductions and cancellations took away; negative.", _VERSIONS,
    "version.delta_amount", "version.version_no > 1 and version.delta_amount < 0",
)  # fmt: skip
AMENDMENTS = Term(
    "amendments_signed", "Signed versions after the original.", _VERSIONS, "1", "version.version_no > 1", Unit.COUNT
)

_LINES = Rows(
    name="agreement_lines",
    source="(select line.*, {{ days_from('line.start_on', 'line.end_on') }} + 1 as days "
    "from marts.agreement_line as line) as line" + _OF_AGREEMENT.format("line"),
    where="agreement.signed_at is not null",
    role="CRM",
    period=_SIGNED_IN,
    record="line",
    currency="line.currency",
    agreement_id="line.agreement_id",
)
_VALUE = "line.value_amount"
TIME_ESTIMATES = Term(
    "time_estimates", "Time and materials: the estimate, or the cap where the price is one.", _LINES, _VALUE,
    "line.billing_type = 'tm'",
)  # fmt: skip
FIXED_FEES = Term("fixed_fees", "Fixed fees.", _LINES, _VALUE, "line.billing_type = 'fixed_fee'")
MILESTONE_FEES = Term("milestone_fees", "Fees due by milestone.", _LINES, _VALUE, "line.billing_type = 'milestone'")
RECURRING = Term(
    "recurring_fees", "Recurring fees over the committed term.", _LINES, _VALUE, "line.billing_type = 'managed_service'"
)
ANNUAL_RECURRING = Term(
    "annual_recurring_fees", "Each recurring fee x 365 / days of its term, rounded once.", _LINES,
    "{{ share_of('line.value_amount', '365', 'line.days') }}", "line.billing_type = 'managed_service'",
)  # fmt: skip
CAPS = Term("caps", "Not-to-exceed limits of lines.", _LINES, "line.cap_amount", "line.cap_amount is not null")
PLANNED_FIXED_FEE_HOURS = Term(
    "planned_fixed_fee_hours", "Hours the fixed fees were priced with.", _LINES, "line.planned_hours",
    "line.billing_type = 'fixed_fee'", Unit.HOURS,
)  # fmt: skip


def _followers(role: str) -> Rows:
    """What a role holds of each signed agreement, counted in the month of signature."""
    return Rows(
        name=f"agreements_in_{role.lower()}",
        source="metrics.agreement_values as held",
        where=f"held.role = '{role}'",
        role=role,
        period="held.period",
        record="held",
        currency="held.currency",
        agreement_id="held.agreement_id",
    )


CONTRACTED_PSA = Term(
    "contracted_psa", "Prices of the agreements' projects in the PSA, a repeated project once.",
    _followers("PSA"), "held.value_amount",
)  # fmt: skip
CONTRACTED_ERP = Term(
    "contracted_erp", "Lines of the agreements' sales orders in the ERP.", _followers("ERP"), "held.value_amount"
)
_POSITIONS = Rows(
    name="agreement_positions",
    source="marts.agreement_position as position" + _OF_AGREEMENT.format("position"),
    role="CRM",
    period=_SIGNED_IN,
    record="agreement",
    currency="position.currency",
    book="position.book",
    agreement_id="position.agreement_id",
)
_ALIKE = (
    "position.sold_amount = coalesce(position.planned_amount, position.sold_amount) "
    "and position.sold_amount = coalesce(position.ordered_amount, position.sold_amount) "
    "and position.sold_amount = coalesce(position.allocated_amount, position.sold_amount)"
)
BACKLOG_AGREED = Term(
    "backlog_agreed", "Backlog of agreements whose value is the same in every system that states one.",
    _POSITIONS, "position.backlog_amount", _ALIKE,
)  # fmt: skip
BACKLOG_STATED = Term(
    "backlog_stated", "Backlog of all agreements: signed value less recognised revenue.",
    _POSITIONS, "position.backlog_amount",
)  # fmt: skip

_OBLIGATIONS = Rows(
    name="obligations",
    source="marts.obligation as obligation" + _OF_AGREEMENT.format("obligation"),
    where="not coalesce(obligation.is_return, false)",
    role="REVREC",
    period=_SIGNED_IN,
    record="obligation",
    currency="obligation.currency",
    book="obligation.book",
    agreement_id="obligation.agreement_id",
)
CONTRACTED_REVREC = Term(
    "contracted_revrec", "Amounts allocated to the obligations of the agreements.",
    _OBLIGATIONS, "obligation.allocation_amount",
)  # fmt: skip

_DISCLOSED = Rows(
    name="disclosed_obligations",
    source="revenue.rpo_disclosed as disclosed",
    where="disclosed.is_disclosed",
    role="REVREC",
    period="disclosed.period",
    record="disclosed",
    currency="disclosed.currency",
    book="disclosed.book",
    agreement_id="disclosed.agreement_id",
    customer_id="disclosed.customer_id",
    legal_entity_id="disclosed.legal_entity_id",
)
DISCLOSED = Term(
    "disclosed", "Allocated and not recognised at the last revenue run, of obligations that are not flagged exempt.",
    _DISCLOSED, "disclosed.amount",
)  # fmt: skip


def _milestones(name: str, period: str, where: str) -> Rows:
    """Milestones billed once accepted, with the agreement their project delivers."""
    return Rows(
        name=name,
        source="marts.milestone as milestone inner join marts.project as project "
        "on project.project_id = milestone.project_id" + _OF_AGREEMENT.format("project"),
        where=f"milestone.billing_type = 'upon_completion'{where}",
        role="PSA",
        period=period,
        record="milestone",
        currency="milestone.currency",
        agreement_id="project.agreement_id",
        project_id="milestone.project_id",
    )


MILESTONES = Term(
    "milestones", "Weight, which is the price, of all milestones that are billed once accepted.",
    _milestones("milestones_agreed", _SIGNED_IN, ""), "milestone.milestone_amount",
)  # fmt: skip
ACCEPTED_MILESTONES = Term(
    "milestones_accepted", "Weight of the milestones the customer accepted, in the month of acceptance.",
    _milestones(
        "milestones_accepted", "{{ period_of('milestone.accepted_on') }}", " and milestone.accepted_on is not null"
    ),
    "milestone.milestone_amount",
)  # fmt: skip
