"""Finance of the sandbox firm: what its NetSuite holds, and how it comes to hold it.

`integrate` is the firm's integration: customers, projects, people, sales orders, approved time and expenses. `bill` is
billing: charges, invoices, credit memos, payments. `recognise` is revenue and the ledger: arrangements, plans, the
month-end journals and every posting. Each reads only what the stages before it left.
"""

from __future__ import annotations

from ingest.sandbox.netsuite_schema import SCHEMAS
from ingest.sandbox.ns_accruals import post_accruals
from ingest.sandbox.ns_charges import build_charges
from ingest.sandbox.ns_costs import post_costs
from ingest.sandbox.ns_fx import post_revaluations
from ingest.sandbox.ns_intercompany import post_recharges
from ingest.sandbox.ns_invoices import bill_ready_charges
from ingest.sandbox.ns_ledger import post_history
from ingest.sandbox.ns_masters import build_masters
from ingest.sandbox.ns_orders import build_orders
from ingest.sandbox.ns_revenue import plan_revenue
from ingest.sandbox.ns_settlement import settle_history
from ingest.sandbox.ns_time import build_expense_reports, build_time
from ingest.sandbox.world import World

__all__ = ["SCHEMAS", "bill", "integrate", "recognise"]


def integrate(world: World) -> None:
    """Bring over customers, projects, people, signed orders, approved time and approved expenses."""
    build_masters(world)
    build_orders(world)
    build_time(world)
    build_expense_reports(world)


def bill(world: World) -> None:
    """Make charges, bill those whose day has come, credit a few invoices, and let customers pay."""
    build_charges(world)
    bill_ready_charges(world)
    settle_history(world)


def recognise(world: World) -> None:
    """Plan and recognise revenue month by month; post the ledger with accruals, costs, recharges and revaluations."""
    revenue = plan_revenue(world)
    post_history(world, revenue)
    post_accruals(world)
    post_costs(world)
    post_recharges(world)
    post_revaluations(world, revenue)
