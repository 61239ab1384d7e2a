"""Where Tieout's own files are: its code, and the models that dbt builds."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from contracts.errors import TieoutError

__all__ = ["CODE", "ModelsMissing", "models_root"]

#: The folder of our packages.
CODE = Path(__file__).resolve().parent.parent
_MARK = "dbt_project.yml"


class ModelsMissing(TieoutError):
    """The models were not installed with the code."""

    def __init__(self) -> None:
        super().__init__(
            "The models that dbt builds are not installed",
            where=str(CODE),
            then="Install Tieout with pip, which puts them under share/tieout, or run it from a checkout.",
        )


@cache
def models_root() -> Path:
    """The folder of dbt_project.yml, profiles.yml, models/ and contracts/macros.

    In a checkout it is the checkout; a wheel brings it as ``share/tieout``, wherever pip puts its data. Raises
    `ModelsMissing` where neither is there.
    """
    for folder in (CODE, *_installed(), CODE / "share" / "tieout"):
        if (folder / _MARK).is_file():
            return folder
    raise ModelsMissing


def _installed() -> list[Path]:
    """Where the installed distribution says it put the models."""
    try:
        files = distribution("tieout").files or []
    except PackageNotFoundError:
        return []
    return [
        Path(str(one.locate())).resolve().parent for one in files if one.as_posix().endswith(f"share/tieout/{_MARK}")
    ]
