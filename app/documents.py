"""Renders what is written once in code for those who read docs or dbt: glossary, checks, and what each page shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from app.figures import rendered as rendered_figures
from app.page import Page, pages
from app.revenue_data.differences import rendered as rendered_differences
from contracts.metric_page import metrics_page
from contracts.metric_sql import reference, rendered_models
from contracts.registry import discover

__all__ = ["render_documents", "rendered_documents"]

_DO_NOT_EDIT = "Rendered by `tieout render`; do not edit."


def render_documents(root: Path, *, check: bool = False) -> list[Path]:
    """Write the files, or with `check` only compare; returns those that were (or are) behind."""
    behind = []
    for name, text in rendered_documents().items():
        path = root / name
        if not path.is_file() or path.read_text("utf-8") != text:
            behind.append(Path(name))
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
    return behind


def rendered_documents() -> dict[str, str]:
    """File -> its text."""
    return {
        "docs/glossary.md": _glossary(),
        "docs/checks.md": _checks(),
        "docs/figures.md": f"<!-- {_DO_NOT_EDIT} -->\n{rendered_figures()}",
        "docs/metrics.md": f"<!-- {_DO_NOT_EDIT} -->\n{metrics_page()}",
        "docs/differences.md": f"<!-- {_DO_NOT_EDIT} -->\n{rendered_differences()}",
        **rendered_models(),
        "models/marts/_exposures.yml": _exposures(),
    }


def _glossary() -> str:
    """The docstring of `contracts` as a page."""
    import contracts

    lines = (contracts.__doc__ or "").splitlines()
    terms = [line for line in lines[2:] if line[:1].strip() and "  " in line.strip()]
    rows = [f"| {word.strip()} | {meaning.strip()} |" for word, meaning in (line.split("  ", 1) for line in terms)]
    return "\n".join(
        [f"<!-- {_DO_NOT_EDIT} -->", "# Glossary", "",
         "One word per idea, in files, tables, columns, commands and pages.", "",
         "| word | meaning |", "|---|---|", *rows, ""]
    )  # fmt: skip


def _checks() -> str:
    """Every rule with its docstring, in the order of its check."""
    rules: dict[str, Any] = discover("reconcile.rules", "RULE")
    ordered = sorted(rules.items(), key=lambda item: (item[1].check, item[0]))
    lines = [
        f"<!-- {_DO_NOT_EDIT} -->",
        "# Checks",
        "",
        "| check | rule | entity | shape | severity | caused by |",
        "|---|---|---|---|---|---|",
    ]
    for name, rule in ordered:
        causes = ", ".join(dict.fromkeys(check for check, _ in rule.caused_by)) or "itself"
        lines.append(
            f"| [{rule.check}](#{name}) | {name} | {rule.entity} | {rule.shape} | {rule.severity} | {causes} |"
        )
    lines += ["", "## Causes and consequences", "", _doc("reconcile.roots")]
    for name, rule in ordered:
        lines += ["", f"## {name}", "", f"{rule.check}, {rule.shape}, {rule.severity}", ""]
        lines.append(_doc(f"reconcile.rules.{name}"))
    return "\n".join([*lines, ""])


def _doc(module: str) -> str:
    from importlib import import_module

    return (import_module(module).__doc__ or "").strip()


def _exposures() -> str:
    """What each page of the dashboard reads, so that dbt's lineage ends at the number a person sees."""
    document = {"version": 2, "exposures": [_exposure(page) for page in pages()]}
    return f"# {_DO_NOT_EDIT}\n" + yaml.safe_dump(document, sort_keys=False, width=140, allow_unicode=True)


def _exposure(page: Page) -> dict[str, Any]:
    read = sorted({reference(one.relation) for one in page.shown if not one.relation.startswith("recon.")})
    return {
        "name": page.path,
        "label": page.title,
        "type": "dashboard",
        "maturity": "high",
        # the first page of the menu opens at the bare address
        "url": f"http://localhost:8501/{'' if page == pages()[0] else page.path}",
        "owner": {"name": "Finance operations"},
        "description": "; ".join(f"{one.metric}: {one.meaning}" for one in page.shown),
        **({"depends_on": read} if read else {}),
    }
