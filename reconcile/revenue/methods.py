"""How revenue is earned: one row a method, with its paragraph.

charged     what is invoiceable is earned: approved value up to the cap
quantity    price x done / total, where done is hours, cost, units or accepted weight
days, months  price x time passed / term
resolved    the included amount, once it is included
cost        revenue equals cost until progress can be measured
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from reconcile.revenue.policy import Policy

__all__ = ["METHODS", "Axis", "Method", "method_named"]

Axis = Literal["charged", "quantity", "days", "months", "resolved", "cost"]


@dataclass(frozen=True)
class Method:
    """A way to earn revenue.

    `right_to_invoice`: what is earned and not billed is an unbilled receivable, not a contract asset. `distinct_more`:
    more of the same is distinct from what was delivered (a series, units), so amendments are prospective.
    `ends_with_service`: complete when its service ends, where the policy says so and work was done. `lapses`: what is
    not used by then is earned even where nothing was. `in_pool`: takes part in the split of the fixed price; the others
    carry variable amounts that are theirs alone. `measures_work`: approved work moves it; all others have evidence of
    their own.
    """

    name: str
    axis: Axis
    rule: str
    right_to_invoice: bool = False
    distinct_more: bool = False
    ends_with_service: bool = False
    lapses: bool = False
    in_pool: bool = True
    at_end: bool = False
    measures_work: bool = False

    @property
    def follows_work(self) -> bool:
        """Work earns it, so that a plan of the work says when; time passes and acceptance comes by themselves."""
        return self.axis not in ("days", "months") and not self.at_end


_CHARGED = "ASC 606-10-55-18 / IFRS 15.B16: right to invoice"
_INPUT = "ASC 606-10-55-20 / IFRS 15.B18: input measure"
_TIME = "ASC 606-10-55-20, 25-14(b) / IFRS 15.B18, 22(b): stand-ready series, time elapsed"

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for method in (
            Method("as_charged", "charged", _CHARGED, right_to_invoice=True, distinct_more=True, in_pool=False),
            Method("hours", "quantity", f"{_INPUT} by hours", ends_with_service=True, measures_work=True),
            Method(
                "cost", "quantity", f"{_INPUT} by cost; 55-21 / IFRS 15.B19: no uninstalled materials, no waste",
                ends_with_service=True,
            ),
            Method(
                "units", "quantity", "ASC 606-10-55-17 / IFRS 15.B15: output measure, units delivered",
                distinct_more=True, measures_work=True,
            ),
            Method("milestone", "quantity", "ASC 606-10-55-17 / IFRS 15.B15: output measure, accepted", at_end=True),
            Method("ratable_day", "days", f"{_TIME} by day", distinct_more=True),
            Method("ratable_month", "months", f"{_TIME} by month", distinct_more=True),
            Method("hour_bank", "days", f"{_TIME} by day", distinct_more=True),
            Method(
                "hour_bank_usage", "quantity",
                "ASC 606-10-55-48 / IFRS 15.B46: hours used, with the share that will not be used",
                distinct_more=True, ends_with_service=True, lapses=True, measures_work=True,
            ),
            Method(
                "expense", "charged", "ASC 606-10-55-36 to 55-40 / IFRS 15.B34-B38: principal or agent, as incurred",
                right_to_invoice=True, distinct_more=True, in_pool=False,
            ),
            Method(
                "success_fee", "resolved", "ASC 606-10-32-11 / IFRS 15.56: variable, when no longer constrained",
                in_pool=False, at_end=True,
            ),
            Method("cost_recovery", "cost", "ASC 606-10-25-37 / IFRS 15.45: cost until measurable"),
        )
    }
)  # fmt: skip


def method_named(name: str, policy: Policy) -> Method | None:
    """The method the evidence names, by policy where it leaves the choice; None when nobody knows it."""
    if name in ("fixed_fee", "fixed"):
        name = policy.fixed_fee
    elif name == "ratable":
        name = f"ratable_{policy.ratable}"
    elif name == "hour_bank" and policy.hour_bank == "usage":
        name = "hour_bank_usage"
    return METHODS.get(name)
