"""Reads the recomputed revenue of a snapshot for the pages: pure functions of a snapshot and a `Scope`.

    scope        what is looked at, and the rates amounts are added up with
    obligations  each promise month by month, its evidence, decisions and problems
    rolls        balances that roll forward: opening, causes, closing
    balances     balances as they should be beside the books, and how old the unbilled is
    releases     deferred revenue by the month it is planned to be earned in
    intercompany what legal entities owe each other for the work of their people
    contract_costs  costs to obtain and to fulfil agreements, and what of them is left
    backlog      what the backlog is made of, and how old it is
    bridges      from one figure to another, cause by cause
    differences  why revenue is not what was planned, delivered or billed, and why margin eroded

The SQL of the pages Revenue, Bridges, Backlog and Balances has its only home here.
"""

from __future__ import annotations

from app.revenue_data.scope import Scope

__all__ = ["Scope"]
