"""The figures side by side: what each means, who holds it, and which object and field of which system gives the number.

One table for the page that shows the figures, for the help beside each, and for `docs/figures.md`, which is rendered
from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["FIGURES", "NOT_HELD", "NOW_ONLY", "ROLES", "Figure", "rendered"]

#: Who may hold a figure, in the order of the columns.
ROLES = ("CRM", "PSA", "ERP", "REVREC", "GL")
NOT_HELD = "not held"
NOW_ONLY = "now only"


@dataclass(frozen=True)
class Figure:
    """One figure of the firm: its name, its meaning, and per role where the number comes from."""

    measure: str
    title: str
    meaning: str
    sources: Mapping[str, str]
    #: Roles that hold the present value only: they cannot say what it was at the end of an earlier month.
    now_only: tuple[str, ...] = ()

    @property
    def metric(self) -> str:
        """The metric this figure is, up to a month."""
        return _METRICS[self.measure]

    def roles_at(self, *, past: bool) -> list[str]:
        """Who can say what it was: at the end of an earlier month, not those who hold the present value only."""
        return [role for role in self.sources if not (past and role in self.now_only)]

    def help(self) -> str:
        """The meaning, and where each role's number comes from, as Markdown."""
        lines = [f"- **{role}** {self.sources.get(role, NOT_HELD)}" for role in ROLES]
        return "\n".join([f"{self.meaning}.", "", *lines])


#: Figure -> the name of its metric.
_METRICS = {
    "contracted": "tcv", "backlog": "backlog", "billed": "billings", "delivered": "delivered", "recognised": "revenue",
    "deferred": "contract_liability", "unbilled": "unbilled", "cash": "cash",
}  # fmt: skip
_LESS_EARNED = "less revenue recognised by REVREC"

FIGURES: tuple[Figure, ...] = (
    Figure(
        "contracted", "Contracted", "What was sold, signed amendments included",
        {
            "CRM": "Salesforce `OrderItem`: `Quantity` × `UnitPrice` of activated `Order`s, reductions subtracted, "
                   "in the month of `ActivatedDate`",
            "PSA": "Kantata `workspaces.price_in_cents` of projects that carry the SOW number, a repeated project "
                   "once, in the month of signature",
            "ERP": "NetSuite `transactionline.foreignamount` of sales orders, sign turned, in the month of signature",
            "REVREC": "NetSuite `revenueelement.allocationamount` of the primary book, returned elements left out, "
                      "in the month of signature; with success fees and bonuses that count, which no order has",
        },
        ("PSA", "ERP", "REVREC"),
    ),
    Figure(
        "backlog", "Backlog", "Contracted less recognised revenue",
        {
            "CRM": f"contracted of CRM {_LESS_EARNED}", "PSA": f"contracted of PSA {_LESS_EARNED}",
            "ERP": f"contracted of ERP {_LESS_EARNED}", "REVREC": f"contracted of REVREC {_LESS_EARNED}",
        },
        ("PSA", "ERP", "REVREC"),
    ),
    Figure(
        "billed", "Billed", "Posted invoices less credit memos, net of tax",
        {
            "CRM": "Salesforce invoice copies (`ERP_Invoice__c`): `Amount__c` less `Credited_Amount__c`, less the tax "
                   "of the invoice they copy",
            "ERP": "NetSuite `transactionline.foreignamount` of posted invoices and credit memos, sign turned, "
                   "tax lines left out",
        },
    ),
    Figure(
        "delivered", "Delivered", "Approved work at its value",
        {
            "PSA": "Kantata `time_entries.time_in_minutes` of approved billable entries × the contract rate of the "
                   "agreement line (the entry's own rate where the line has none), with approved adjustments",
        },
    ),
    Figure(
        "recognised", "Recognised", "Revenue posted, by the subledger and by the general ledger",
        {
            "REVREC": "NetSuite `revenueplanplannedrevenue.amount` of posted lines of actual plans, primary book, "
                      "in the posting period",
            "GL": "NetSuite `transactionline.foreignamount` of postings to accounts of role `revenue`, sign turned",
        },
    ),
    Figure(
        "deferred", "Deferred", "Contract liabilities: billed ahead of revenue",
        {"GL": "NetSuite `transactionline.foreignamount` of postings to accounts of role `CL`, sign turned"},
    ),
    Figure(
        "unbilled", "Unbilled", "Unbilled receivables and contract assets: revenue ahead of billing",
        {"GL": "NetSuite `transactionline.foreignamount` of postings to accounts of roles `UR` and `CA`"},
    ),
    Figure(
        "cash", "Cash", "Payments received",
        {
            "CRM": "Salesforce invoice copies (`ERP_Invoice__c`): `Paid_Amount__c`",
            "PSA": "Kantata `external_payments.amount_in_cents` of the invoice's copy",
            "ERP": "NetSuite payments applied to invoices, `transactionline.foreignamount`, in the month of payment",
            "GL": "NetSuite `transactionline.foreignamount` of postings to accounts of role `cash`",
        },
        ("CRM", "PSA"),
    ),
)  # fmt: skip


def rendered() -> str:
    """The table as a page of the documentation."""
    lines = [
        "# Where each figure comes from",
        "",
        f"The page *Today* shows these figures side by side, one column per role; '{NOT_HELD}' says that a role has",
        f"no such figure, '{NOW_ONLY}' that it holds the present value only and cannot say what it was at the end of",
        "an earlier month. Every number is read from `marts.firm_position`; a click on it leads to the agreements, the",
        "claims and the source rows behind it.",
        "",
        "Objects and fields are those of Salesforce (CRM), Kantata (PSA) and NetSuite (ERP, REVREC and GL); names of",
        "custom fields are configuration. Which account plays which role is the seed `account_roles`, and where",
        "that is silent, the type of the account. Amounts are in the currency of the document; the page converts them",
        "at the closing rate of the period when no currency is chosen.",
        "",
    ]
    for figure in FIGURES:
        lines += [f"## {figure.title}", "", f"{figure.meaning}.", "", "| role | object and field |", "|---|---|"]
        lines += [f"| {role} | {figure.sources.get(role, NOT_HELD)} |" for role in ROLES]
        lines.append("")
    return "\n".join(lines)
