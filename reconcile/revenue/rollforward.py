"""Roll-forwards: opening plus named movements is closing (identities I6 to I9).

The movements of the warehouse are made by the models; this is the identity they must keep, with the sign of each cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["CAUSES", "closing"]

#: Causes of each roll-forward, with the sign in which its amount is stated.
CAUSES: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "contract_liability": MappingProxyType(
            {
                "billed_in_advance": 1, "released": -1, "netting": 1, "credit_memos": -1, "modification": 1,
                "translation": 1,
            }
        ),
        "contract_asset": MappingProxyType(
            {"earned_ahead": 1, "transferred": -1, "impairment": -1, "catch_up": 1, "translation": 1}
        ),
        "unbilled_receivable": MappingProxyType(
            {"earned_ahead": 1, "transferred": -1, "impairment": -1, "catch_up": 1, "translation": 1}
        ),
        "receivable": MappingProxyType(
            {"invoices": 1, "credit_memos": -1, "cash": -1, "write_off": -1, "translation": 1}
        ),
        "backlog": MappingProxyType(
            {
                "new": 1, "upsell": 1, "reductions": -1, "cancellations": -1, "revenue": -1, "fx": 1,
                "tm_reestimate": -1,
            }
        ),
    }
)  # fmt: skip


def closing(roll_forward: str, opening: int, movements: Mapping[str, int]) -> int:
    """The closing balance; a cause the roll-forward does not know is a movement nobody labelled.

    >>> closing("receivable", 100, {"invoices": 50, "cash": 120})
    30
    """
    signs = CAUSES[roll_forward]
    unknown = sorted(movements.keys() - signs.keys())
    if unknown:
        raise ValueError(f"{roll_forward}: no cause {', '.join(unknown)}. Known: {', '.join(signs)}.")
    return opening + sum(signs[cause] * amount for cause, amount in movements.items())
