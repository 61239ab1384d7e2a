"""The models keep to the SQL both engines know, read sources in staging only, and are all described."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from app.home import models_root
from contracts.registry import discover

ROOT = models_root()
MODELS = sorted((ROOT / "models").rglob("*.sql"))
#: What only one engine knows, or means differently: it belongs into a macro with a twin.
NOT_PORTABLE = (
    r"\bunion all by name\b", r"\bpivot\b", r"\bcolumns\s*\(", r"\basof\b", r"(?<![\w.])hash\s*\(", r"::",
    r"\bstrftime\s*\(",
    r"\bdate_diff\s*\(", r"\bisodow\s*\(", r"\bjson_extract\w*\s*\(", r"\bpositional join\b", r"(?<!/)//(?!/)",
)  # fmt: skip


def _code(path: Path) -> str:
    """A model without its comments and without what is inside `{{ }}`."""
    text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
    return re.sub(r"\{[{%#].*?[}%#]\}", "", text, flags=re.DOTALL).lower()


def _described() -> set[str]:
    names: set[str] = set()
    for path in (ROOT / "models").rglob("*.yml"):
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        names |= {model["name"] for model in document.get("models", []) if model.get("description")}
    return names


@pytest.mark.parametrize("pattern", NOT_PORTABLE)
def test_models_use_only_what_both_engines_know(pattern: str) -> None:
    found = [str(path.relative_to(ROOT)) for path in MODELS if re.search(pattern, _code(path))]
    assert found == []


def test_amounts_are_widened_before_they_are_multiplied() -> None:
    """Two decimals of 18 digits are multiplied in 18 digits: a hundred million times a rate overflows."""
    product = re.compile(r"to_minor_unit\(\s*+(?!share_of|whole_division|safe_divide)((?!widened)[^,])*\*")
    found = [str(path.relative_to(ROOT)) for path in MODELS if product.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_only_staging_reads_the_vendors_streams() -> None:
    systems = "|".join(discover("ingest.systems", "SYSTEM"))
    reads = re.compile(rf"source\('({systems})'|current_rows\(")
    outside = [
        path for path in MODELS if "staging" not in path.parts and reads.search(path.read_text(encoding="utf-8"))
    ]
    assert outside == []


def test_every_model_says_what_it_is() -> None:
    described = _described()
    silent = [
        path.stem for path in MODELS if path.stem not in described and "\n-- " not in "\n" + path.read_text("utf-8")
    ]
    assert silent == []


def test_every_stream_of_a_system_has_its_staging_model() -> None:
    for system in discover("ingest.systems", "SYSTEM").values():
        texts = "".join(path.read_text(encoding="utf-8") for path in MODELS if path.parent.name == system.name)
        missing = [
            stream.name for stream in system.streams if f"current_rows('{system.name}', '{stream.name}'" not in texts
        ]
        assert missing == [], system.name
