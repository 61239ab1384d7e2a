"""The part a system plays in the firm. One system may play several, and several connections the same."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Role"]


class Role(StrEnum):
    """The roles whose claims are compared; `book of record` names the one whose claim wins."""

    CRM = "CRM"
    PSA = "PSA"
    ERP = "ERP"
    REVREC = "REVREC"
    BILLING = "BILLING"
    HCM = "HCM"

    @property
    def meaning(self) -> str:
        """The role in words."""
        return _TITLES[self]


_TITLES = {
    Role.CRM: "customer relationship management: what was sold",
    Role.PSA: "professional services automation: what was delivered",
    Role.ERP: "enterprise resource planning: what was billed, paid and posted",
    Role.REVREC: "revenue recognition: what was earned",
    Role.BILLING: "billing: what was invoiced, where the ERP does not",
    Role.HCM: "human capital management: who works here, where and at what cost",
}
