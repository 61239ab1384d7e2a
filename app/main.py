"""The dashboard: `tieout app` runs this file. It opens the published snapshot, sets the selectors, and shows a page."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app import decide, parts
from app.format import day
from app.page import Page, pages
from app.project import Project
from app.publish import current, snapshots
from contracts.errors import TieoutError
from contracts.registry import discover

__all__ = ["main", "prepare"]

#: What Streamlit reserves for the first page, which is shown at ``/``; nobody types it.
_ROOT = "root"


def main() -> None:
    """Draw the menu, the selectors and the page of the address."""
    st.set_page_config(page_title="Tieout", page_icon=":material/balance:", layout="wide")
    found = pages()
    menu = [
        st.Page(page.show, title=page.title, icon=page.icon, url_path=page.path if index else _ROOT, default=not index)
        for index, page in enumerate(found)
    ]
    st.session_state["pages"] = {page.path: entry for page, entry in zip(found, menu, strict=True)}
    chosen = st.navigation([*menu, _by_name(found[0], menu[0])])
    try:
        if prepare():
            chosen.run()
    except TieoutError as error:
        st.error(str(error))


def _by_name(first: Page, entry: StreamlitPage) -> StreamlitPage:
    """The first page under its own address: Streamlit knows it only as ``/``, and would call ``/today`` not found."""

    def lead_home() -> None:
        run = parts.query("run")  # the selectors keep their values by themselves
        st.switch_page(entry, query_params={"run": run} if run else {})

    return st.Page(lead_home, title=first.title, icon=first.icon, url_path=first.path, visibility="hidden")


def prepare() -> bool:
    """Set the view of this session from the sidebar; false, and a word about what to do, when nothing is published."""
    project = _project()
    runs = snapshots(project)
    if not runs:
        parts.empty("Nothing has been published yet", "Run `tieout run` in the folder of the project, then reload.")
        return False
    with st.sidebar:
        st.markdown(f"**{project.firm}**")
        chosen = _chosen_run(runs)
        newest = current(project)
        if newest and newest.run_id != chosen.stem:
            st.caption("An earlier run: look at it as it was published. Decisions are taken on the newest.")
        snapshot = parts.open_snapshot(str(chosen))
        run = snapshot.run()
        period = parts.choose("Up to period", snapshot.periods(), key="period", every="Now")
        entities = snapshot.legal_entities()
        legal_entity = parts.choose("Legal entity", list(entities), key="entity", spelt=lambda code: entities[code])
        currency = parts.choose("Currency", snapshot.currencies(), key="currency")
        person = st.selectbox("Deciding as", decide.persons(project) or [""], key="person", bind="query-params")
    if newest is None:
        st.warning(
            "The snapshot of the newest run is missing; this is an earlier one. Run `tieout run`, then reload.",
            icon=":material/history:",
        )
    st.session_state["view"] = parts.View(
        project=project,
        snapshot=snapshot,
        run=run,
        period=period,
        legal_entity=legal_entity,
        currency=currency,
        person=person or "",
        systems=_system_names(project),
        entities=entities,
    )
    return True


def _chosen_run(runs: list[Path]) -> Path:
    """The run in view: the newest, also for a page left open while it ran, unless address or selector say another."""
    names = [path.stem for path in runs]
    asked = parts.query("run")
    picked = st.selectbox(
        "Run",
        names,
        index=names.index(asked) if asked in names else 0,
        format_func=_run_name,
        key=f"run-{asked or names[0]}",
        help="The newest run leads. Earlier ones stay as they were published.",
    )
    if asked and asked not in names:
        st.warning(f"Run {asked} is not kept here; the newest is shown.", icon=":material/history:")
    if picked != (asked or names[0]):
        st.query_params["run"] = picked
    return runs[names.index(picked)]


def _run_name(run_id: str) -> str:
    """``RUN-2026-03-06-B3381B46DDAE`` as a person names it: ``6 Mar 2026 · B3381B``."""
    try:
        _, year, month, number, rest = run_id.split("-", 4)
        return f"{day(dt.date(int(year), int(month), int(number)))} · {rest[:6]}"
    except ValueError:
        return run_id


def _system_names(project: Project) -> dict[str, str]:
    """Connection -> the name people know: the vendor's, where the connection is named after its system."""
    titles = {one.name: str(one.title) for one in discover("ingest.systems", "SYSTEM").values()}
    return {
        name: titles.get(one.system, name) if name == one.system else name for name, one in project.connections.items()
    }


@st.cache_resource(show_spinner=False)
def _load(folder: str, changed: float) -> Project:  # noqa: ARG001 - a changed file is read again
    return Project.load(folder)


def _project() -> Project:
    folder = Path(os.environ.get("TIEOUT_PROJECT", "."))
    file = folder / "tieout.yml"
    return _load(str(folder.resolve()), file.stat().st_mtime if file.is_file() else 0.0)


if __name__ == "__main__":
    main()
