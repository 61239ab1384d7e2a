"""Reads a published snapshot for the dashboard: the one place in `app/views` and `app/parts` where SQL lives.

A snapshot is immutable and opened read-only, so every answer can be kept for as long as the snapshot is shown. Amounts
stay decimals; personal data is left out in SQL, not hidden on the page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from app.filters import AGE, AGES, AS_OF, NEW, STATUSES, WENT, ActionFilter, BreakFilter, holds, pattern
from app.publish import open_snapshot
from contracts.breaks import LIVE, among, worth
from contracts.state import State
from reconcile.approvals import lay_over
from reconcile.coverage import NOT_ASKED
from reconcile.schema import own_run

__all__ = ["AGES", "STATUSES", "ActionFilter", "BreakFilter", "Row", "Snapshot"]

Row = dict[str, Any]
_NO_VALUES: list[Any] = []


@dataclass(frozen=True)
class Snapshot:
    """One published run, open for reading."""

    path: Path
    connection: duckdb.DuckDBPyConnection = field(repr=False, compare=False)
    #: Where actions are read: as published, or with what was decided since laid over them.
    actions_from: str = "recon.actions"

    @classmethod
    def open(cls, path: Path) -> Snapshot:
        """Open a published snapshot read-only."""
        return cls(path, open_snapshot(path))

    def decided(self, state: State) -> Snapshot:
        """The same snapshot with the decisions taken since it was published."""
        own = self.connection.cursor()
        return Snapshot(self.path, own, lay_over(own, state))

    def frame(self, sql: str, values: list[Any] | dict[str, Any] = _NO_VALUES) -> pl.DataFrame:
        """The answer to a query as a frame; decimals stay decimals."""
        own = self.connection if self.actions_from != "recon.actions" else self.connection.cursor()
        return own.sql(sql, params=values).pl()

    def rows(self, sql: str, values: list[Any] | dict[str, Any] = _NO_VALUES) -> list[Row]:
        """The answer to a small query, a dictionary a row."""
        return self.frame(sql, values).to_dicts()

    def one(self, sql: str, values: list[Any] | dict[str, Any] = _NO_VALUES) -> Row | None:
        """The first row of an answer, or nothing."""
        found = self.rows(sql, values)
        return found[0] if found else None

    # --- the run -------------------------------------------------------------------------------------------------

    def run(self) -> Row:
        """The run this snapshot was published by."""
        return self.one(f"select * from {own_run()}") or {}

    def proofs(self) -> pl.DataFrame:
        """The law per rule: what each side holds, what the breaks explain, and what is left, which must be zero."""
        return self.frame(
            """
            select check_id, rule, reference_role, other_role, book, currency, measure, reference_total, other_total,
                   breaks, tolerated, quarantined, excluded, residual, status
            from recon.proofs order by check_id, other_role, currency, measure
            """
        )

    def unexplained(self) -> Row:
        """What no break explains: proofs in all, those with a residual, and its money by currency (`residuals`)."""
        counts = self.one("select count(*) as proofs, count_if(residual <> 0) as failed from recon.proofs")
        money = self.rows(
            """
            select currency, sum(abs(residual)) as amount from recon.proofs
            where measure = 'money' and residual <> 0 group by currency order by currency
            """
        )
        return {**(counts or {}), "residuals": money}

    def coverage(self) -> pl.DataFrame:
        """Which checks ran, and why others did not; what was left out on purpose is not mentioned."""
        return self.frame(
            f"""
            select coverage.check_id, coverage.rule, rules.help, coverage.status, coverage.reason,
                   coverage.rows_tested, coverage.breaks
            from recon.coverage as coverage
            left join recon.rules as rules using (check_id, rule, run_id)
            where coalesce(coverage.reason, '') <> '{NOT_ASKED}'
            order by coverage.check_id
            """
        )

    def periods(self) -> list[str]:
        """The accounting periods of the run, the latest first."""
        rows = self.rows(
            f"""
            select distinct period from marts.accounting_period
            where start_on <= {AS_OF}
              and period >= (select min(period) from marts.firm_position)
            order by period desc
            """
        )
        return [row["period"] for row in rows]

    def legal_entities(self) -> dict[str, str]:
        """The firm's legal entities: code and name."""
        rows = self.rows(
            """
            select legal_entity_code as code, coalesce(max(legal_entity_name), legal_entity_code) as name
            from marts.legal_entity
            where legal_entity_code is not null and not coalesce(is_elimination, false)
            group by legal_entity_code order by legal_entity_code
            """
        )
        return {row["code"]: row["name"] for row in rows}

    def currencies(self) -> list[str]:
        """The currencies of the firm's agreements."""
        return [
            row["currency"]
            for row in self.rows("select distinct currency from marts.agreement where currency is not null order by 1")
        ]

    def choices(self, column: str) -> list[str]:
        """The distinct values of a column of the queue, for a filter."""
        rows = self.rows(f"select distinct {column} as value from recon.breaks where {column} is not null order by 1")
        return [row["value"] for row in rows]

    # --- breaks --------------------------------------------------------------------------------------------------

    def break_totals(self, chosen: BreakFilter) -> Row:
        """Count, count of causes, and money (once per cause, in base currency) of what a filter shows."""
        where, values = chosen.sql()
        return self.one(
            f"""
            select count(*) as breaks, count(distinct coalesce(root_id, break_id)) as causes,
                   {worth()} as impact
            from recon.breaks where {where}
            """,
            values,
        ) or {"breaks": 0, "causes": 0, "impact": Decimal(0)}

    def breaks(self, chosen: BreakFilter, *, limit: int | None = 50, offset: int = 0) -> pl.DataFrame:
        """The queue: largest money first. `limit` None gives everything, as the export does."""
        where, values = chosen.sql()
        page = "" if limit is None else f"limit {int(limit)} offset {int(offset)}"
        return self.frame(
            f"""
            select break_id, version, check_id, severity, status, title,
                   customer_name, agreement_number, project_code,
                   document_number, period, variance, currency, impact, age_days, owner, assignee, at_fault, cause,
                   legal_entity, first_seen, expected_by, root_id, is_root
            from recon.breaks where {where}
            order by abs(coalesce(impact, 0)) desc, severity, break_id {page}
            """,
            values,
        )

    def checks(self) -> dict[str, str]:
        """The checks that found something, each with the name of its rule."""
        rows = self.rows("select check_id, min(rule) as rule from recon.breaks group by check_id order by check_id")
        return {row["check_id"]: row["rule"] for row in rows}

    def help_of(self, check_id: str) -> str:
        """What a check asks, its usual cause and its fix."""
        row = self.one("select help from recon.rules where check_id = ?", [check_id])
        return str(row["help"] or "") if row else ""

    def break_by_id(self, break_id: str) -> Row | None:
        """One break, whole."""
        return self.one("select * from recon.breaks where break_id = ?", [break_id])

    def sides(self, break_id: str) -> pl.DataFrame:
        """What each system says about the thing the break is about."""
        return self.frame(
            """
            select side, role, connection, is_reference, present, value, amount, currency, records
            from recon.break_sides where break_id = ? order by is_reference desc, role, connection
            """,
            [break_id],
        )

    def records(self, break_id: str, limit: int = 200) -> pl.DataFrame:
        """The source records behind a break, with the address that opens each in its system."""
        return self.frame(
            """
            select side, connection, object, record_id, amount, currency, row_id, url
            from recon.break_records where break_id = ?
            order by side, abs(coalesce(amount, 0)) desc, record_id limit ?
            """,
            [break_id, limit],
        )

    def family(self, root_id: str) -> pl.DataFrame:
        """All breaks of one cause, the root first."""
        return self.frame(
            """
            select break_id, check_id, title, variance, currency, impact, is_root, status
            from recon.breaks where root_id = ? order by is_root desc, check_id, break_id limit 200
            """,
            [root_id],
        )

    def causes(self, chosen: BreakFilter, limit: int = 8) -> pl.DataFrame:
        """The top causes by money: one row per check and connection at fault."""
        where, values = chosen.sql()
        return self.frame(
            f"""
            select check_id, any_value(rule) as rule, at_fault, count(*) as breaks,
                   sum(abs(impact)) as impact, max(age_days) as oldest, min(severity) as severity
            from recon.breaks
            where is_root and money_kind <> 'none' and ({where})
            group by check_id, at_fault order by impact desc, check_id limit {int(limit)}
            """,
            values,
        )

    def ageing(self, chosen: BreakFilter) -> pl.DataFrame:
        """Money by age and severity, once per cause."""
        where, values = chosen.sql()
        return self.frame(
            f"""
            select {AGE} as age, severity, count(*) as breaks,
                   {worth()} as impact
            from recon.breaks where {where} group by all order by age, severity
            """,
            values,
        )

    # --- actions -------------------------------------------------------------------------------------------------

    def actions(self, chosen: ActionFilter, *, limit: int | None = 50, offset: int = 0) -> pl.DataFrame:
        """Proposed corrections: what would change where, for how much, who must approve."""
        where, values = chosen.sql()
        page = "" if limit is None else f"limit {int(limit)} offset {int(offset)}"
        return self.frame(
            f"""
            select action_id, version, group_id, sequence, kind, target ->> '$.connection' as connection,
                   target ->> '$.object' as object, coalesce(target ->> '$.record_id', target ->> '$.external_id')
                   as record_id, reason, impact, currency, status, approval ->> '$.required_role' as required_role,
                   approval ->> '$.policy' as policy, posting_period, breaks
            from {self.actions_from} where {where}
            order by abs(coalesce(impact, 0)) desc, group_id, sequence, action_id {page}
            """,
            values,
        )

    def action_totals(self, chosen: ActionFilter) -> Row:
        """Count and money of what a filter shows, and how many by status."""
        where, values = chosen.sql()
        return self.one(
            f"select count(*) as actions, count(distinct group_id) as corrections "
            f"from {self.actions_from} where {where}",
            values,
        ) or {"actions": 0, "corrections": 0}

    def action_by_id(self, action_id: str) -> Row | None:
        """One action, whole."""
        return self.one(f"select * from {self.actions_from} where action_id = ?", [action_id])

    def action_kinds(self) -> list[str]:
        """The kinds of correction that this run proposes."""
        return [row["kind"] for row in self.rows("select distinct kind from recon.actions order by kind")]

    # --- the firm and its agreements -----------------------------------------------------------------------------

    def positions(self, period: str, legal_entity: str, currency: str, base: str) -> pl.DataFrame:
        """What each role holds at the end of a period (empty: now): one row per role and measure.

        With a currency, amounts of agreements in that currency; without, everything in base currency at the closing
        rate of the period's end. `amount` is null where the role does not hold the measure.
        """
        return self.frame(
            f"""
            {self._converted()}
            select role, measure, sum(amount) as amount
            from converted
            where period = coalesce(nullif($period, ''), (select max(period) from marts.firm_position))
              and ($entity = '' or legal_entity_code = $entity) and ($currency = '' or currency = $currency)
            group by role, measure order by role, measure
            """,
            {"period": period, "entity": legal_entity, "currency": currency, "base": base},
        )

    def history(self, legal_entity: str, currency: str, base: str) -> pl.DataFrame:
        """Each measure by month from the role that owns it, for the chart."""
        owners = (
            "(('backlog', 'CRM'), ('billed', 'ERP'), ('recognised', 'REVREC'), ('deferred', 'GL'), ('unbilled', 'GL'))"
        )
        return self.frame(
            f"""
            {self._converted()}
            select period, measure, sum(amount) as amount
            from converted
            where (measure, role) in {owners} and amount is not null
              and ($entity = '' or legal_entity_code = $entity) and ($currency = '' or currency = $currency)
            group by period, measure order by period, measure
            """,
            {"entity": legal_entity, "currency": currency, "base": base},
        )

    @staticmethod
    def _converted() -> str:
        """Figures of the firm, one row per measure, in the chosen currency or in base currency at the period's end."""
        return f"""
            with long as (
                unpivot (
                    select period, legal_entity_id, currency, role, sold_to_date_amount as contracted,
                           backlog_amount as backlog, billed_to_date_amount as billed,
                           recognised_to_date_amount as recognised, deferred_amount as deferred,
                           unbilled_amount as unbilled, cash_to_date_amount as cash
                    from marts.firm_position
                ) on contracted, backlog, billed, recognised, deferred, unbilled, cash into name measure value held
            ),
            ends as (
                select period, least(max(end_on), {AS_OF}) as end_on
                from marts.accounting_period group by period
            ),
            closing as (
                select ends.period, rates.from_currency, max_by(rates.exchange_rate, rates.effective_on) as rate
                from ends join marts.exchange_rate as rates
                  on rates.effective_on <= ends.end_on and rates.to_currency = $base
                group by all
            ),
            converted as (
                select long.period, entities.legal_entity_code, long.currency, long.role, long.measure,
                       case when $currency <> '' or long.currency = $base then long.held
                            else cast(long.held * cast(closing.rate as decimal(19, 6)) as decimal(18, 4)) end as amount
                from long
                left join marts.legal_entity as entities using (legal_entity_id)
                left join closing on closing.period = long.period and closing.from_currency = long.currency
            )
        """

    def agreements(self, search: str, legal_entity: str, currency: str) -> pl.DataFrame:
        """Agreements with their figures side by side; those whose identity does not hold lead."""
        return self.frame(
            f"""
            select position.agreement_id, agreement_number, customer_name, legal_entity_code, state, billing_type,
                   currency, sold_amount, delivered_amount, billed_amount, recognised_amount, cash_amount,
                   backlog_amount, contract_liability_amount,
                   contract_asset_amount + unbilled_receivable_amount as unbilled_amount, identity_difference_amount,
                   coalesce(standing.breaks, 0) as breaks
            from marts.agreement_position as position
            left join (
                select agreement_id, count(*) as breaks from recon.breaks
                where {among("status", LIVE)} group by agreement_id
            ) as standing using (agreement_id)
            where position.book = 'primary'
              and {holds("agreement_number, agreement_name, customer_name", "$search")}
              and ($entity = '' or legal_entity_code = $entity) and ($currency = '' or currency = $currency)
            order by abs(identity_difference_amount) desc nulls last, breaks desc, sold_amount desc, agreement_number
            """,
            {"search": pattern(search), "entity": legal_entity, "currency": currency},
        )

    def agreement(self, agreement_id: str) -> Row | None:
        """One agreement with its figures and identity."""
        return self.one(
            "select * from marts.agreement_position where agreement_id = ? and book = 'primary'", [agreement_id]
        )

    def agreement_by_role(self, agreement_id: str) -> pl.DataFrame:
        """What each role says of each measure of an agreement, and how many records say it."""
        return self.frame(
            """
            select measure, role, max(connection) as connection, sum(amount) as amount, count(*) as records
            from marts.agreement_evidence where agreement_id = $agreement group by measure, role
            union all
            select 'delivered' as measure, 'PSA' as role, max(entry.connection),
                   (select max(delivered_amount) from marts.agreement_position where agreement_id = $agreement),
                   count(*)
            from marts.time_entry as entry
            where entry.project_id in (select project_id from marts.project where agreement_id = $agreement)
              and entry.state = 'approved'
            having count(*) > 0
            order by measure, role
            """,
            {"agreement": agreement_id},
        )

    def agreement_months(self, agreement_id: str) -> pl.DataFrame:
        """Billed, recognised and paid by month of an agreement, from the roles that own them."""
        return self.frame(
            """
            select period, measure, sum(sum(amount)) over (partition by measure order by period) as amount
            from marts.agreement_evidence
            where agreement_id = ? and period is not null
              and (measure, role) in (('billed', 'ERP'), ('recognised', 'REVREC'), ('cash', 'ERP'))
            group by period, measure order by measure, period
            """,
            [agreement_id],
        )

    def evidence(self, agreement_id: str, measure: str, role: str, *, limit: int = 200) -> pl.DataFrame:
        """The claims behind one figure of an agreement, largest first."""
        if measure == "delivered":
            return self.frame(
                """
                select connection, object, source_id, row_id, strftime(work_on, '%Y-%m') as period,
                       concat_ws(' ', cast(work_on as varchar), role_name) as label, hours as amount, 'h' as currency
                from marts.time_entry
                where project_id in (select project_id from marts.project where agreement_id = ?) and state = 'approved'
                order by work_on desc, source_id limit ?
                """,
                [agreement_id, limit],
            )
        return self.frame(
            """
            select connection, object, source_id, row_id, period, label, amount, currency
            from marts.agreement_evidence where agreement_id = ? and measure = ? and role = ?
            order by abs(amount) desc, source_id limit ?
            """,
            [agreement_id, measure, role, limit],
        )

    def changes(self, chosen: BreakFilter) -> Row:
        """What came and went since the run before: counts, and money once per cause."""
        where, values = chosen.sql()
        return (
            self.one(
                f"""
                select count(*) filter (where {NEW}) as new, count(*) filter (where {WENT}) as gone,
                       {worth(NEW)} as new_impact,
                       {worth(WENT)} as gone_impact
                from recon.breaks where {where}
                """,
                values,
            )
            or {}
        )

    def role_names(self) -> dict[str, str]:
        """The connections that play each role, for the headings."""
        rows = self.rows(
            """
            select role, string_agg(distinct connection, ', ' order by connection) as names
            from marts.agreement_evidence group by role
            """
        )
        return {row["role"]: row["names"] for row in rows}
