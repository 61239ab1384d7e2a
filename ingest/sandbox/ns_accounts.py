"""The chart of accounts, items and revenue rules of the sandbox's NetSuite: which line posts to which account."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

__all__ = [
    "ACCOUNTS",
    "ACCRUED_BILLS",
    "ACCRUED_REVENUE",
    "ACCRUED_TIME",
    "AS_CHARGED",
    "AS_INCURRED",
    "DUE_FROM",
    "DUE_TO",
    "EXPENSE_ITEM",
    "INTERNAL_ITEM",
    "ITEMS",
    "LABOUR_ABSORBED",
    "LABOUR_COST",
    "ON_ACCEPTANCE",
    "ON_OUTCOME",
    "OUTCOME_ITEM",
    "OVERHEAD",
    "OVERHEAD_ABSORBED",
    "PAYABLE",
    "PERCENT_COMPLETE",
    "RECHARGE_COST",
    "RECHARGE_INCOME",
    "STRAIGHT_LINE",
    "SUBCONTRACTOR_COST",
    "TIME_ITEM",
    "TIME_ONLY_RULES",
    "Account",
    "Item",
    "account_id",
    "account_rows",
    "item_accounts",
    "item_rows",
]

AS_CHARGED = "As Charged - Project Revenue"
AS_INCURRED = "As Incurred - Reimbursable Expense"
PERCENT_COMPLETE = "Percent Complete - Hours"
STRAIGHT_LINE = "Straight-line, exact days"
ON_ACCEPTANCE = "Event - Acceptance"
ON_OUTCOME = "Event - Outcome"

#: Rules whose right to payment waits for nothing but time: their unbilled revenue is a receivable (group "TM").
TIME_ONLY_RULES: tuple[str, ...] = (AS_CHARGED, AS_INCURRED)


@dataclass(frozen=True)
class Account:
    """An account of the general ledger: number, name and type as NetSuite has them."""

    number: str
    name: str
    kind: str


@dataclass(frozen=True)
class Item:
    """A service item: its billing type, revenue account and rule. All but internal time bill through account 2400."""

    id: str
    name: str
    billing_type: str | None
    income: str
    rule: str | None
    plans_on: str | None


ACCOUNTS: tuple[Account, ...] = (
    Account("1000", "Bank", "Bank"),
    Account("1100", "Accounts receivable", "AcctRec"),
    Account("1250", "Contract assets", "OthCurrAsset"),
    Account("1260", "Unbilled receivable", "OthCurrAsset"),
    Account("1300", "Intercompany due from", "OthCurrAsset"),
    Account("2100", "Employee expenses payable", "OthCurrLiab"),
    Account("2200", "Sales tax payable", "OthCurrLiab"),
    Account("2300", "Customer deposits", "OthCurrLiab"),
    Account("2350", "Intercompany due to", "OthCurrLiab"),
    Account("2400", "Deferred revenue", "DeferRevenue"),
    Account("2450", "Refund liability", "OthCurrLiab"),
    Account("4000", "Revenue T&M", "Income"),
    Account("4010", "Revenue fixed fee", "Income"),
    Account("4020", "Revenue managed service", "Income"),
    Account("4030", "Revenue milestone", "Income"),
    Account("4040", "Revenue reimbursed expense", "Income"),
    Account("6000", "Labour cost", "COGS"),
    Account("6100", "Travel cost", "Expense"),
    Account("7800", "Exchange gain and loss", "OthIncome"),
    Account("9990", "Rounding and suspense", "OthExpense"),
    Account("1270", "Accrued time not approved", "OthCurrAsset"),
    Account("4090", "Accrued revenue of unapproved time", "Income"),
    Account("4600", "Intercompany service income", "Income"),
    Account("6600", "Intercompany service cost", "COGS"),
    Account("2000", "Accounts payable", "AcctPay"),
    Account("2050", "Accrued supplier bills", "OthCurrLiab"),
    Account("6050", "Labour absorbed by projects", "COGS"),
    Account("6200", "Subcontractor cost", "COGS"),
    Account("6300", "Overhead of projects", "COGS"),
    Account("6350", "Overhead absorbed by projects", "COGS"),
)

ITEMS: tuple[Item, ...] = (
    Item("11", "Consulting - time and materials", "T&M", "4000", AS_CHARGED, "Project Progress"),
    Item("12", "Consulting - fixed fee", "Fixed Fee", "4010", PERCENT_COMPLETE, "Revenue Arrangement Creation"),
    Item("13", "Managed service", "Managed Service", "4020", STRAIGHT_LINE, "Revenue Arrangement Creation"),
    Item("14", "Milestone delivery", "Milestone", "4030", ON_ACCEPTANCE, "Revenue Arrangement Creation"),
    Item("15", "Reimbursable expense", None, "4040", AS_INCURRED, "Project Progress"),
    Item("16", "Internal time", None, "4000", None, None),
    Item("17", "Success fee", None, "4010", ON_OUTCOME, "Revenue Arrangement Creation"),
)
#: Finance's own accounts for its month-end estimate of time it has not received.
ACCRUED_TIME, ACCRUED_REVENUE = "1270", "4090"
#: What one legal entity is owed by another, and earns from it; what the other pays, and owes.
DUE_FROM, RECHARGE_INCOME, RECHARGE_COST, DUE_TO = "1300", "4600", "6600", "2350"

#: What own staff costs on projects, and what the payroll is relieved of by it.
LABOUR_COST, LABOUR_ABSORBED = "6000", "6050"
#: What suppliers charge for the work of their people, owe or will bill for it.
SUBCONTRACTOR_COST, PAYABLE, ACCRUED_BILLS = "6200", "2000", "2050"
#: Overhead that somebody puts on projects.
OVERHEAD, OVERHEAD_ABSORBED = "6300", "6350"

TIME_ITEM, EXPENSE_ITEM, INTERNAL_ITEM, OUTCOME_ITEM = "11", "15", "16", "17"


def account_id(number: str) -> str:
    """The internal id of an account number."""
    return str(100 + [account.number for account in ACCOUNTS].index(number))


def account_rows() -> pl.DataFrame:
    """The rows of stream `account`."""
    return pl.DataFrame(
        {
            "id": [account_id(account.number) for account in ACCOUNTS],
            "acctnumber": [account.number for account in ACCOUNTS],
            "accttype": [account.kind for account in ACCOUNTS],
            "fullname": [f"{account.number} {account.name}" for account in ACCOUNTS],
            "isinactive": False,
            "generalrate": ["AVERAGE" if account.number >= "4000" else "CURRENT" for account in ACCOUNTS],
            "eliminate": [account.number in (DUE_FROM, RECHARGE_INCOME, RECHARGE_COST, DUE_TO) for account in ACCOUNTS],
        }
    )


def item_rows() -> pl.DataFrame:
    """The rows of stream `item`."""
    return pl.DataFrame(
        {
            "id": [item.id for item in ITEMS],
            "itemid": [item.name for item in ITEMS],
            "itemtype": "Service",
            "incomeaccount": [account_id(item.income) for item in ITEMS],
            "deferredrevenueaccount": [account_id("2400") if item.rule else None for item in ITEMS],
            "revenuerecognitionrule": [item.rule for item in ITEMS],
            "createrevenueplanson": [item.plans_on for item in ITEMS],
            "isinactive": False,
        },
        schema_overrides={"deferredrevenueaccount": pl.String},
    )


def item_accounts(items: pl.DataFrame) -> pl.DataFrame:
    """item, billing_account: what an invoice line of each item credits. Without deferral account it is the income."""
    return items.select(
        item="id",
        billing_account=pl.coalesce("deferredrevenueaccount", "incomeaccount"),
        income_account="incomeaccount",
        rule="revenuerecognitionrule",
        plans_on="createrevenueplanson",
    )
