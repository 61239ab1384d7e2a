"""Part of Balances: costs to obtain and to fulfil agreements, what of them is capitalised and what is left."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app import drill, parts
from app.format import escaped, label, money
from app.revenue_data import Scope, contract_costs

__all__ = ["costs_of_agreements"]

_HELP = (
    "Costs to obtain an agreement that would not have been incurred without it, and costs to fulfil it that bring "
    "something for later, are capitalised and amortised in a straight line over the time they are of use, expected "
    "renewals included (ASC 340-40; IFRS 15.91 to 15.104): opening + capitalised − amortised − impaired = closing. "
    "Each is in its own currency."
)


def costs_of_agreements(chosen: Scope) -> None:
    """Every cost of every agreement with its treatment, what moved it and the rule; below it what is left in all."""
    found = contract_costs.costs(parts.view().snapshot, chosen)
    st.subheader(f"Costs of agreements, {chosen.first} to {chosen.last}", anchor=False, help=_HELP)
    text = st.column_config.TextColumn
    columns = {
        "agreement_number": text("SOW"), "customer_name": text("Customer"), "cost_name": text("Cost"),
        "purpose": text("To", width="small"), "treatment": text("Treatment"), "currency": text("Cur.", width="small"),
        **drill.amount_columns(
            incurred="Incurred", opening="Opening", capitalised="Capitalised", amortised="Amortised",
            impaired="Impaired", closing="Closing",
        ),
        "benefit_until": st.column_config.DateColumn("Of use until"), "rule": text("Rule", width="large"),
    }  # fmt: skip
    shown = found.with_columns(treatment=found["treatment"].replace({one: label(one) for one in found["treatment"]}))
    parts.table(shown, columns, key="contract-costs")
    parts.downloads(shown, "contract-costs", columns)
    left = shown.group_by("currency").agg(pl.col("closing").sum()).sort("currency")
    said = ", ".join(money(amount, currency) for currency, amount in left.rows())
    st.caption(escaped(f"Left at the end of {chosen.last}: {said}"))
