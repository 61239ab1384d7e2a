"""Revenue recomputed from the evidence: price, allocation, recognition and balances of every agreement.

`recompute(events, policy, through=period)` is a pure function: the same events, in any order, give the same rows; a
later period never changes the rows of an earlier one.

    evidence      what happened, typed; rows that cannot be read become problems
    columns       the same from the columns of many rows at once
    policy        the choices of a book
    methods       how revenue is earned, one row a method
    promise       an obligation while it is worked: layers of price over progress
    signing       the original agreement; price and allocation split its price
    stated_terms  stand-alone selling prices and methods stated apart from the signed lines
    amend         amendments; modification decides them, reshape changes the layers
    variable      variable amounts; work, billing and termination: the other events
    agreement     the state of one agreement; timeline applies its events
    closing       rows of a period end; presentation, remaining, onerous, layers and accrual compute their parts
    costs         costs to obtain and to fulfil an agreement: beside its revenue, and changing nothing of it
    recompute     all agreements, and overrides of decisions
    run           reads and writes the warehouse
"""

from __future__ import annotations

from reconcile.revenue.evidence import Event, read_events
from reconcile.revenue.modification import Override
from reconcile.revenue.policy import Policy
from reconcile.revenue.recompute import recompute
from reconcile.revenue.rows import Recomputed

__all__ = ["Event", "Override", "Policy", "Recomputed", "read_events", "recompute"]
