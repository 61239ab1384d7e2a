"""What a page of the dashboard is: a function that shows it, its place in the menu, and the numbers it stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contracts.registry import discover

__all__ = ["Page", "Shown", "pages"]


@dataclass(frozen=True)
class Shown:
    """One number or list a page shows: the metric it is or is made of, what it says of it, and where it is read.

    `metric` is a name of the registry of metrics. These entries are the lineage's last step: dbt exposures are rendered
    from them, so that the manifest and the dashboard cannot drift apart.
    """

    metric: str
    meaning: str
    relation: str


@dataclass(frozen=True)
class Page:
    """One page. `show` draws it; `order` is its place in the menu; `path` is its address."""

    title: str
    path: str
    icon: str
    order: int
    show: Callable[[], None]
    shown: tuple[Shown, ...] = ()


def pages() -> list[Page]:
    """All pages dropped into `app/views/`, in menu order."""
    return sorted(discover("app.views", "PAGE").values(), key=lambda page: page.order)
