"""Writes what is derived from the contracts: dbt contracts, ODCS documents, pages for people, column facts for SQL.

`render(root)` writes, `render(root, check=True)` only says which files differ. Both refuse a contract that changed more
than its version says, compared with the documents of a release: those of any git revision that has them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from contracts.diff import refuse_breaking
from contracts.entity import Column, Contract, entities
from contracts.odcs import odcs
from contracts.ownership import Group, Ownership, load_ownership

__all__ = ["main", "render", "rendered"]

_DO_NOT_EDIT = "Rendered from contracts/entities by `tieout render`. Do not edit by hand."
_FACTS_HEAD = (
    "Rendered from contracts/entities: the columns every claim of an entity has, and those of its mart. "
    "Do not edit by hand."
)
_ODCS = "contracts/odcs/{}.odcs.yaml"


def render(root: Path, *, check: bool = False, since: str = "HEAD") -> list[Path]:
    """Brings every derived file up to date and returns those that were not, relative to `root`; `check` writes none.

    `since` is the git revision of the release that contracts are compared with.
    """
    _refuse_breaking(root, since)
    files = rendered()
    differing = [path for path, text in files.items() if _read(root / path) != text]
    stale = [path for path in _orphans(root) if path not in files]
    if not check:
        for path in differing:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(files[path], encoding="utf-8")
        for path in stale:
            (root / path).unlink()
    return sorted([*differing, *stale])


def rendered() -> dict[Path, str]:
    """Every derived file and its text."""
    ownership = load_ownership()
    contracts = entities()
    files = {
        "models/marts/_contracts.yml": _dbt(contracts, ownership),
        "contracts/macros/entity_facts.sql": _facts_macro(contracts),
        "docs/entities/README.md": _index(contracts, ownership),
    }
    for name, contract in contracts.items():
        files[_ODCS.format(name)] = _yaml(odcs(contract, ownership))
        files[f"docs/entities/{name}.md"] = _page(contract, ownership)
    return {Path(path): text for path, text in files.items()}


def main(arguments: list[str] | None = None) -> int:
    """`python -m contracts.render [--check] [--since REVISION]`: 0 when nothing differed, else 1 with `--check`."""
    parser = argparse.ArgumentParser(prog="contracts.render", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail where a file differs")
    parser.add_argument("--since", default="HEAD", help="git revision of the release contracts are compared with")
    parser.add_argument("--root", type=Path, default=Path.cwd())
    asked = parser.parse_args(arguments)
    differing = render(asked.root, check=asked.check, since=asked.since)
    verb = "differs; run `make render`" if asked.check else "written"
    sys.stdout.writelines(f"{path}: {verb}\n" for path in differing)
    return 1 if asked.check and differing else 0


def _refuse_breaking(root: Path, since: str) -> None:
    ownership = load_ownership()
    for name, contract in entities().items():
        if released := _released(root, since, _ODCS.format(name)):
            refuse_breaking(yaml.safe_load(released), odcs(contract, ownership))


def _released(root: Path, since: str, path: str) -> str:
    """The text of a file at a git revision; empty where there is no git, no such revision or no such file."""
    try:
        command = ["git", "show", f"{since}:./{path}"]
        shown = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return ""
    return shown.stdout if shown.returncode == 0 else ""


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _orphans(root: Path) -> list[Path]:
    """Rendered files of entities, whether or not the entity is still there."""
    found = [*(root / "contracts/odcs").glob("*.odcs.yaml"), *(root / "docs/entities").glob("*.md")]
    return [path.relative_to(root) for path in sorted(found)]


def _yaml(document: Any) -> str:
    return f"# {_DO_NOT_EDIT}\n" + yaml.safe_dump(
        document, sort_keys=False, allow_unicode=True, width=120, default_flow_style=False
    )


# --- dbt ---


def _dbt(contracts: dict[str, Contract], ownership: Ownership) -> str:
    models = [_model(contract, ownership) for contract in contracts.values() if contract.is_mart]
    return _yaml({"version": 2, "models": models})


def _model(contract: Contract, ownership: Ownership) -> dict[str, Any]:
    group = ownership.group(contract.name)
    meta = {"contract_version": contract.version, "key": list(contract.key), "book_of_record": str(group.owner)}
    tests: list[Any] = [
        {
            "holds": {
                "name": f"{contract.name}_{rule.name}",
                "arguments": {"predicate": rule.predicate},
                "description": rule.message,
                "config": {"severity": "warn"},
            }
        }
        for rule in contract.rules
    ]
    if len(contract.key) > 1:
        tests.insert(0, {"unique_together": {"arguments": {"columns": list(contract.key)}}})
    return {
        "name": contract.name,
        "description": f"{contract.summary} {contract.grain}",
        "config": {"contract": {"enforced": True}, "meta": meta},
        **({"data_tests": tests} if tests else {}),
        "columns": [_dbt_column(contract, column) for column in contract.columns],
    }


def _dbt_column(contract: Contract, column: Column) -> dict[str, Any]:
    facts = {"unit": column.unit, "sign": column.sign, "time_zone": column.zone}
    meta = {name: value for name, value in facts.items() if value}
    if column.pii != "none":
        meta["pii"] = column.pii
    tests = list(_tests(contract, column))
    return {
        "name": column.name,
        "data_type": column.type.data_type,
        "description": column.meaning,
        **({"config": {"meta": meta}} if meta else {}),
        **({"data_tests": tests} if tests else {}),
    }


def _tests(contract: Contract, column: Column) -> Iterator[Any]:
    if column.is_required:
        yield "not_null"
    if contract.key == (column.name,):
        yield "unique"
    if column.among:
        yield {"accepted_values": {"arguments": {"values": list(column.among)}}}
    if column.links_to:  # warns: a record its source no longer holds is a break, not a failed build
        target = {"to": f"ref('{column.links_to}')", "field": f"{column.links_to}_id"}
        yield {"relationships": {"arguments": target, "config": {"severity": "warn"}}}


def _facts_macro(contracts: dict[str, Contract]) -> str:
    """What the claims models need to know: columns and types, enterprise ids, key."""
    lines = [
        f"{{# {_FACTS_HEAD} #}}",
        "",
        "{% macro entity_facts(entity) -%}",
        "    {%- set facts = {",
    ]
    for name, contract in contracts.items():
        said = [column for column in contract.columns if not column.is_provenance and not column.is_enterprise_id]
        ids = [column.name for column in contract.columns if column.is_enterprise_id]
        own = next((column.name for column in contract.columns if column.is_own_id), None)
        lines += [
            f"        '{name}': {{",
            "            'columns': [",
            *(f"                ['{column.name}', '{column.type.data_type}']," for column in said),
            "            ],",
            f"            'ids': {ids},",
            f"            'own_id': {repr(own) if own else 'none'},",
            f"            'key': {list(contract.key)},",
            "        },",
        ]
    return "\n".join([*lines, "    } -%}", "    {{ return(facts[entity]) }}", "{%- endmacro %}", ""])


# --- pages ---


def _index(contracts: dict[str, Contract], ownership: Ownership) -> str:
    rows = [
        (f"[{name}]({name}.md)", _cell(contract.summary), str(ownership.group(name).owner), contract.version)
        for name, contract in contracts.items()
    ]
    return _lines(
        f"<!-- {_DO_NOT_EDIT} -->",
        "# Entities",
        "",
        "The canonical record of each thing the firm deals with, chosen from what the systems claim by who owns it.",
        "",
        *_table(("entity", "what it is", "book of record", "version"), rows),
    )


def _page(contract: Contract, ownership: Ownership) -> str:
    key = ", ".join(f"`{name}`" for name in contract.key)
    group = ownership.group(contract.name)
    return _lines(
        f"<!-- {_DO_NOT_EDIT} -->",
        f"# {contract.name}",
        "",
        contract.summary,
        "",
        f"- **One row**: {contract.grain}",
        f"- **Key**: {key}",
        f"- **Version**: {contract.version}",
        f"- **Book of record**: {_owner(group)}",
        f"- **Corrections**: {_words(group.update)}; when claims differ, {_words(group.conflict)}; "
        f"queue {_words(group.queue)}; approved by {_words(group.approval)}",
        "",
        *(_mart_section(contract, ownership) if contract.is_mart else ()),
        *_rules_section(contract),
        *_claims_section(contract),
    )


def _mart_section(contract: Contract, ownership: Ownership) -> list[str]:
    def owner_of(column: Column) -> str:
        return _owner(ownership.group(contract.name, column.name))

    heads = ("column", "type", "meaning", "unit, sign, zone", "owner", "personal data")
    rows = [
        (
            f"`{column.name}`" + (" *" if column.is_required else ""),
            column.type.data_type,
            _cell(_meaning(column)),
            _cell("; ".join(fact for fact in (column.unit, column.sign, column.zone) if fact)),
            ""
            if column.is_provenance or column.is_enterprise_id
            else _owner(ownership.group(contract.name, column.name)),
            "" if column.pii == "none" else column.pii,
        )
        for column in contract.columns
    ]
    return [f"## `marts.{contract.name}`", "", "Columns marked * are never empty.", "", *_table(heads, rows), ""]


def _rules_section(contract: Contract) -> list[str]:
    if not contract.rules:
        return []
    rows = [(f"`{rule.name}`", f"`{rule.predicate}`", _cell(rule.message)) for rule in contract.rules]
    return ["## Rules across columns", "", *_table(("rule", "holds when", "else"), rows), ""]


def _claims_section(contract: Contract) -> list[str]:
    rows = [(f"`{column.name}`", column.type.data_type, _cell(_meaning(column))) for column in contract.claims]
    return [
        f"## Claims: `intermediate.int_{contract.name}__claims`",
        "",
        "What each connection says: one row per connection and source id. All else may be empty.",
        "",
        *_table(("column", "type", "meaning"), rows),
    ]


def _meaning(column: Column) -> str:
    return f"{column.meaning} One of: {', '.join(column.among)}." if column.among else column.meaning


def _owner(group: Group) -> str:
    passes = f"; {group.passes.to} once {group.passes.when}" if group.passes else ""
    fallback = f" (else {', '.join(group.fallback)})" if group.fallback else ""
    return f"{group.owner}{passes}{fallback}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (heads, tuple("---" for _ in heads), *rows)]


def _lines(*lines: str) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
