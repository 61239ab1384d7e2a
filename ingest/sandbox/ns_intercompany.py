"""Work of one legal entity for another in the sandbox's NetSuite: group finance recharges it at the end of each month.

Approved hours on lines of agreements count in the month whose cut-off was still ahead when they were approved. Whoever
employed the person on the day is owed them, at the intercompany rate of that month in its own currency, by the entity
that signed the agreement. One advanced intercompany journal per pair and month: four lines a project, all marked for
elimination and naming the other entity. The performer debits what is due from the contractor and credits recharge
income; the contractor debits recharge cost and credits what is due, at the rate of exchange of the month's last day.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ingest.sandbox.firm import CURRENCIES, Firm
from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_accounts import DUE_FROM, DUE_TO, RECHARGE_COST, RECHARGE_INCOME, account_id
from ingest.sandbox.ns_amounts import exchange, money, quantum, worth_of
from ingest.sandbox.ns_documents import append, journal_postings
from ingest.sandbox.ns_ids import JOURNAL, identity
from ingest.sandbox.ns_ledger import Journals, journal_headers
from ingest.sandbox.ns_links import currency_ids, subsidiary_ids
from ingest.sandbox.ns_orders import with_rate
from ingest.sandbox.ns_periods import month_ends
from ingest.sandbox.ns_work import approved_work, work_projects
from ingest.sandbox.world import World

__all__ = [
    "SIDES",
    "Rate",
    "journals_for",
    "line_of",
    "post_recharges",
    "rates_of",
    "recharge_lines",
    "recharges",
]

#: Of an hour in the books of a firm that counts in USD, and what it became at the start of the last year.
_HOUR, _RAISED = 120, 126
_JOURNALS = JOURNAL + 500_000_000
_LINE_KEYS = 600_000_000_000_000_000  # unique keys of these lines start here

#: The lines of a project in order: whose books, which account, and the side it stands on.
SIDES: tuple[tuple[str, str, int], ...] = (
    ("performer", DUE_FROM, 1),
    ("performer", RECHARGE_INCOME, -1),
    ("contractor", RECHARGE_COST, 1),
    ("contractor", DUE_TO, -1),
)


@dataclass(frozen=True)
class Rate:
    """What an hour of an entity's people costs the others, from a month on (`None`: from the beginning)."""

    performer: str
    rate: int
    currency: str
    from_month: int | None


def rates_of(firm: Firm) -> tuple[Rate, ...]:
    """The intercompany policy of a firm: a rate per entity, raised once."""
    raised = firm.last_month.year * 12  # the number of its January
    return tuple(
        Rate(one.code, max(1, round(price * CURRENCIES[one.currency].per_usd)), one.currency, month)
        for one in firm.entities
        for price, month in ((_HOUR, None), (_RAISED, raised))
    )


def post_recharges(world: World) -> None:
    """Post the recharges of every month whose revenue run is done."""
    rows = recharges(world)
    if rows.height:
        append(world, journals_for(world, rows))


def recharges(world: World) -> pl.DataFrame:
    """One row a project, pair and month with approved work.

    performer, contractor (subsidiaries), job, sow, month, journal, time (ten-thousandths of hours), rate and worth
    (hundredths), iso, currency, step, base (of the contractor's books).
    """
    entities = subsidiary_ids(world)
    mine = entities.select(performer="subsidiary", code="entity_code", iso="base")
    other = entities.select(contractor="subsidiary", contracting="entity_code", base="base")
    rows = approved_work(world).join(work_projects(world), on="workspace_id", how="inner")
    rows = rows.join(other, on="contracting", how="inner").filter(pl.col("performer") != pl.col("contractor"))
    keys = ["performer", "contractor", "job", "sow", "base", "month"]
    rows = rows.group_by(keys).agg(pl.col("time").sum()).filter(pl.col("time") > 0)
    rows = rows.join(mine, on="performer", how="inner").join(currency_ids(world), on="iso", how="left")
    priced = rows.sort("month").join_asof(
        _rates(world.firm), on="month", by="code", strategy="backward", check_sortedness=False
    )
    priced = priced.with_columns(journal=_number(), step=quantum("iso")).with_columns(worth=worth_of("time", "rate"))
    return priced.sort("month", "performer", "contractor", pl.col("job").cast(pl.Int64))


def _rates(firm: Firm) -> pl.DataFrame:
    """code, month, rate (hundredths), sorted by month."""
    known = rates_of(firm)
    return pl.DataFrame(
        {
            "code": [one.performer for one in known],
            "month": [one.from_month or 0 for one in known],
            "rate": [one.rate * 100 for one in known],
        },
        schema={"code": pl.String, "month": pl.Int64, "rate": pl.Int64},
    ).sort("month", "code")


def journals_for(world: World, rows: pl.DataFrame) -> Journals:
    """The journals of rows of `recharges`: one per pair and month, in the performer's currency."""
    days = month_ends(world.firm, 23)
    rows = rows.join(days, on="month", how="left", maintain_order="left")
    rows = with_rate(rows, world, "end").with_columns(transaction="journal", own_rate=pl.lit(1_000_000, dtype=pl.Int64))
    parts = [
        rows.with_columns(
            line=line_of(side), number=pl.col("job").cast(pl.Int64) * len(SIDES) + side,
            account=pl.lit(account_id(account)), amount=pl.col("worth") * sign,
            subsidiary=pl.col(whose), counterparty=pl.col("contractor" if whose == "performer" else "performer"),
            rate_micro=pl.col("own_rate" if whose == "performer" else "rate_micro"),
            base_step=pl.col("step") if whose == "performer" else quantum("base"),
        )
        for side, (whose, account, sign) in enumerate(SIDES)
    ]  # fmt: skip
    moves = pl.concat(parts).with_columns(in_base=exchange("amount", "rate_micro", "base_step"))
    return Journals(_heads(moves), _lines(moves), journal_postings(moves))


def _number() -> pl.Expr:
    """The journal of a pair and month."""
    pair = pl.col("performer").cast(pl.Int64) * 100 + pl.col("contractor").cast(pl.Int64)
    return identity(_JOURNALS + pair * 1000 + pl.col("month") % 1000)


def line_of(side: int) -> pl.Expr:
    """The line of a project in its journal, by its place in `SIDES`."""
    return identity(pl.col("job").cast(pl.Int64) * len(SIDES) + side)


def _heads(moves: pl.DataFrame) -> pl.DataFrame:
    heads = moves.group_by("transaction", maintain_order=True).agg(
        pl.col("currency", "month", "end", "ran", "own_rate").first(),
        total=pl.col("amount").filter(pl.col("amount") > 0).sum(),
    )
    return journal_headers(heads, pl.lit("Intercompany recharge of time"), rate="own_rate")


def _lines(moves: pl.DataFrame) -> pl.DataFrame:
    key = (pl.col("number") * 1000 + pl.col("month") % 1000) * 100 + pl.col("performer").cast(pl.Int64)
    return recharge_lines(
        moves,
        made="ran",
        uniquekey=identity(key + _LINE_KEYS),
        linesequencenumber=pl.int_range(pl.len()).over("transaction"),
        memo=pl.lit("Recharge ") + pl.col("sow"),
    )


def recharge_lines(rows: pl.DataFrame, *, made: str, **more: pl.Expr) -> pl.DataFrame:
    """Lines of intercompany journals of rows with line, subsidiary, counterparty, job, amount, in_base (hundredths).

    `made` names the column with the time of entry; `more` are fields besides.
    """
    return conform(
        "transactionline",
        rows.select(
            "transaction", "subsidiary",
            id="line",
            mainline=pl.lit(False),
            taxline=pl.lit(False),
            entity="job",
            duetofromsubsidiary="counterparty",
            eliminate=pl.lit(True),
            foreignamount=money("amount"),
            netamount=money("in_base"),
            linelastmodifieddate=made,
            **more,
        ),
    )  # fmt: skip
