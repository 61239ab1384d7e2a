"""What was sold: contract value, bookings, amendments, caps."""

from __future__ import annotations

from contracts.metric import RECOMPUTED, Aim, Metric, Part, Shape, Span, Term, Unit
from contracts.metrics import _booked, _sold
from contracts.metrics._recomputed import at_month_end
from contracts.ownership import Queue

_OWNER = Queue.FINANCE_OPERATIONS
_KEYS = ("agreement", "customer", "legal_entity", "currency", "period", "role")
_CRM = ("CRM",)


def _to_date(*terms: Term, roles: tuple[str, ...] = ()) -> tuple[Part, ...]:
    return tuple(Part(term, span=Span.TO_DATE, roles=roles) for term in terms)


METRICS = (
    Metric(
        "tcv",
        "Total contract value",
        "Value over the committed term as signed, signed amendments included.",
        "fixed fees + milestone fees + recurring fees x committed term + estimate or cap of time and materials, each "
        "over all signed versions up to the month; other roles: what they hold of the same agreements, in the month "
        "of signature; recomputed: without unused estimates of finished time and materials",
        Unit.MONEY,
        _OWNER,
        "Management measure; no standard defines it",
        Aim.HIGHER,
        keys=(*_KEYS, "book"),
        roles=("CRM", "PSA", "ERP", "REVREC", RECOMPUTED),
        parts=(
            *_to_date(_sold.FIXED_FEES, _sold.MILESTONE_FEES, _sold.RECURRING, _sold.TIME_ESTIMATES, roles=_CRM),
            *_to_date(_sold.CONTRACTED_PSA, roles=("PSA",)),
            *_to_date(_sold.CONTRACTED_ERP, roles=("ERP",)),
            *_to_date(_sold.CONTRACTED_REVREC, roles=("REVREC",)),
            at_month_end("contract_value"),
        ),
    ),
    Metric(
        "acv",
        "Annual contract value",
        "The recurring part of the contract value, per committed year.",
        "sum over recurring lines of fee x 365 / days of the term, each line rounded once",
        Unit.MONEY,
        _OWNER,
        "Management measure; no standard defines it",
        Aim.HIGHER,
        keys=_KEYS,
        roles=_CRM,
        parts=_to_date(_sold.ANNUAL_RECURRING),
    ),
    Metric(
        "bookings_new",
        "New bookings",
        "Signed, enforceable commitments that entered the register in the month, net of tax: no pipeline, "
        "nothing verbal, "
        "no unsigned amendment.",
        "value of the original versions signed in the month",
        Unit.MONEY,
        _OWNER,
        "Management measure; filers publish new bookings under rules of their own",
        Aim.HIGHER,
        keys=_KEYS,
        roles=_CRM,
        parts=(Part(_sold.SIGNED_NEW),),
        variants=("bookings_net",),
    ),
    Metric(
        "bookings_net",
        "Net bookings",
        "New bookings and what signed amendments of the month changed.",
        "new + upsell amendments - reductions - cancellations; a cancellation reaches the register as a reduction",
        Unit.MONEY,
        _OWNER,
        "Management measure; no standard defines it",
        Aim.HIGHER,
        keys=_KEYS,
        roles=_CRM,
        parts=(Part(_sold.SIGNED_NEW), Part(_sold.UPSOLD), Part(_sold.REDUCED)),
        variants=("bookings_new",),
    ),
    Metric(
        "book_to_bill",
        "Book-to-bill",
        "What came in for each unit of revenue of the same month.",
        "net bookings of the month / recognised revenue of the month",
        Unit.RATIO,
        _OWNER,
        "Management measure; filers publish it beside backlog",
        Aim.HIGHER,
        keys=_KEYS,
        roles=_CRM,
        parts=(Part(_sold.SIGNED_NEW), Part(_sold.UPSOLD), Part(_sold.REDUCED)),
        divisor=(Part(_booked.REVENUE, of="REVREC"),),
        shape=Shape.RATIO,
    ),
    Metric(
        "amendments",
        "Amendments signed",
        "Approved changes in scope, price or both, signed in the month.",
        "number of signed versions after the original",
        Unit.COUNT,
        _OWNER,
        "ASC 606-10-25-10; IFRS 15.18",
        Aim.NEITHER,
        keys=_KEYS,
        roles=_CRM,
        parts=(Part(_sold.AMENDMENTS),),
    ),
    Metric(
        "amendment_value",
        "Value of amendments",
        "What the amendments signed in the month added or took away.",
        "upsell amendments - reductions",
        Unit.MONEY,
        _OWNER,
        "ASC 606-10-25-10; IFRS 15.18",
        Aim.NEITHER,
        keys=_KEYS,
        roles=_CRM,
        parts=(Part(_sold.UPSOLD), Part(_sold.REDUCED)),
    ),
    Metric(
        "cap",
        "Not-to-exceed limit",
        "Ceiling of billing on time and materials: billing can be less, never more.",
        "sum of the caps of agreement lines signed up to the month",
        Unit.MONEY,
        _OWNER,
        "Terms of the agreement",
        Aim.NEITHER,
        keys=_KEYS,
        roles=_CRM,
        parts=_to_date(_sold.CAPS),
    ),
)
