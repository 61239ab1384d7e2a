"""The page of all metrics, for people: what each means, how it is made, who owns it, and what no system states."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contracts.metric import Metric, Part, Term, metrics, terms
from contracts.registry import discover

__all__ = ["metrics_page"]

_INTRODUCTION = """\
# Metrics

One definition per metric, for SQL, the dashboard and the command alike. A metric is the sum of its terms, or the ratio
of two such sums; a term is a sum over rows of a published relation. So every value can be added up again and followed
to its records:

```
tieout explain 'metric:backlog[agreement=SOW-2025-010,period=2026-02,role=PSA]'
```

- `metrics.metric`: this page as a table; `metrics.metric_parts`: which terms each metric adds up.
- `metrics.metric_terms`: every term by month, agreement, customer, project, legal entity, currency and book.
- `metrics.metric_values`: every metric by month, legal entity, currency and book, per role that holds it.

Amounts are in document currency and are never added across currencies, except where the meaning says base currency.
Ratios are cut off after six decimals. A role names whose figure it is: CRM, PSA, ERP, REVREC, GL (the general ledger),
RECOMPUTED (what the signed agreement and the evidence of delivery support) and TIEOUT (what reconciliation found). The
first role of a metric answers when none is asked for.
"""
_RELATION = re.compile(r"\b(?:marts|metrics|revenue|recon)\.\w+")


def metrics_page() -> str:
    """`docs/metrics.md` without its first line."""
    held = [metric for metric in metrics().values() if metric.is_available]
    missing = [metric for metric in metrics().values() if not metric.is_available]
    return "\n".join(
        [
            _INTRODUCTION,
            *_index(),
            *(line for metric in held for line in _section(metric)),
            "## Not available",
            "",
            "These have a definition and no value, because the systems of the firm do not hold what they are made of.",
            "",
            "| metric | meaning | formula | why there is no value |",
            "|---|---|---|---|",
            *(f"| `{one.name}` | {one.meaning} | {_cell(one.formula)} | {one.not_held} |" for one in missing),
            "",
            "## Terms",
            "",
            "Where each term is read. An amount counts where its condition holds.",
            "",
            "| term | meaning | relations | condition | amount |",
            "|---|---|---|---|---|",
            *(_term(term) for term in terms().values()),
            "",
        ]
    )


def _index() -> Iterator[str]:
    """Names by family, so that a reader finds the variant meant."""
    for family, listed in discover("contracts.metrics", "METRICS").items():
        names = ", ".join(
            f"[{one.name}](#{one.name})" if one.is_available else f"{one.name} (not held)" for one in listed
        )
        yield f"- **{family}**: {names}"
    yield ""


def _section(metric: Metric) -> Iterator[str]:
    yield from (f"## {metric.name}", "", f"**{metric.title}.** {metric.meaning}", "")
    yield f"- Formula: {metric.formula}"
    yield f"- Unit: {metric.unit}; {metric.aim}; owner: {str(metric.owner).replace('_', ' ')}"
    yield f"- Source: {metric.source}"
    yield f"- Roles: {', '.join(metric.roles)}; asked by {', '.join(metric.keys)}"
    if metric.streams:
        yield f"- Not held where one of these is not exported: {', '.join(metric.streams)}"
    if metric.now_only:
        yield "- Known for the month of the run only"
    if metric.variants:
        yield f"- Not to be mixed with: {', '.join(metric.variants)}"
    yield from ("", "| side | term | counts | months | roles |", "|---|---|---|---|---|")
    for side, parts in (("value", metric.parts), ("divisor", metric.divisor)):
        yield from (_part(side, part, metric) for part in parts)
    yield ""


def _part(side: str, part: Part, metric: Metric) -> str:
    how = str(metric.shape) if metric.shape.place else f"{part.factor:+d}"
    of = part.of or ", ".join(part.roles or metric.roles)
    return f"| {side} | `{part.term.name}` | {how} | {part.span} | {of} |"


def _term(term: Term) -> str:
    relations = ", ".join(f"`{name}`" for name in dict.fromkeys(_RELATION.findall(term.rows.source)))
    condition = " and ".join(one for one in (term.rows.where, term.where) if one)
    shown = f"`{_cell(condition)}`" if condition else ""
    return f"| `{term.name}` | {term.meaning} | {relations} | {shown} | `{_cell(term.amount)}` |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
