"""One stage of the chain on a synthetic firm, in a process of its own: rows, seconds, peak memory.

python -m benchmarks.stages sandbox .tieout/bench/firm_200 --size 200
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app import pipeline, publish, warehouse
from app.project import Project

__all__ = ["STAGES", "Measured", "measure"]

Measured = dict[str, object]


def _sandbox(folder: Path, size: int) -> int:
    """Rows the firm's systems export."""
    from ingest.sandbox import new

    return sum(new(folder, size=size, seed=7, faults="typical").rows.values())


def _land(folder: Path, _size: int) -> int:
    """Rows landed."""
    landings = pipeline.land(Project.load(folder))
    return sum(stream.rows_new for landing in landings.values() for stream in landing.streams)


def _build(folder: Path, _size: int) -> int:
    """Rows of claims and canonical records."""
    pipeline.build(Project.load(folder))
    return _rows(
        folder, "select sum(estimated_size) from duckdb_tables() where schema_name in ('intermediate', 'marts')"
    )


def _revenue(folder: Path, _size: int) -> int:
    """Rows of evidence: the models of evidence, the computation, and the models of what is computed."""
    from app.build import build_models, project_vars
    from reconcile.revenue.run import recompute_revenue

    project = Project.load(folder)
    day = pipeline.as_of(project)
    variables = project_vars(project, day)
    build_models(project.warehouse, variables, select="evidence")
    with warehouse.opened(project) as con:
        found = recompute_revenue(con, project.policies(), as_of=day)
    build_models(project.warehouse, variables, select="path:models/revenue,tag:computed")
    return found.events


def _reconcile(folder: Path, _size: int) -> int:
    """Rows the rules read."""
    pipeline.reconcile(Project.load(folder))
    return _rows(
        folder, "select sum(rows_read) from recon.proofs where measure = 'rows' or shape not in ('pair', 'presence')"
    )


def _plan(folder: Path, _size: int) -> int:
    """Breaks that were given corrections or not."""
    pipeline.plan(Project.load(folder))
    return _rows(folder, "select count(*) from recon.breaks")


def _publish(folder: Path, _size: int) -> int:
    """Rows of the snapshot."""
    project = Project.load(folder)
    pipeline.publish_run(project)
    with publish.open_current(project) as con:
        return int(con.execute("select sum(estimated_size) from duckdb_tables()").fetchone()[0])  # type: ignore[index]


def _again(folder: Path, _size: int) -> int:
    """A whole run over the same exports: nothing to do."""
    summary = pipeline.run(Project.load(folder))
    if not summary.is_unchanged:
        raise SystemExit("the second run was not recognised as the same")
    return _rows(folder, "select sum(rows_new + rows_unchanged) from raw.loads")


#: What is measured, in the order in which it happens.
STAGES: dict[str, Callable[[Path, int], int]] = {
    "sandbox": _sandbox,
    "land": _land,
    "build": _build,
    "revenue": _revenue,
    "reconcile": _reconcile,
    "plan": _plan,
    "publish": _publish,
    "second run, unchanged": _again,
}


def _rows(folder: Path, query: str) -> int:
    with warehouse.opened(Project.load(folder)) as con:
        found = con.execute(query).fetchone()
    return int(found[0] or 0) if found else 0


def measure(stage: str, folder: Path, size: int) -> Measured:
    """The stage in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.stages", stage, str(folder), "--size", str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{stage} of {size} consultants failed:\n{done.stderr or done.stdout}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Run one stage and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", choices=list(STAGES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=200)
    given = parser.parse_args()
    began = time.perf_counter()
    rows = STAGES[given.stage](given.folder, given.size)
    seconds = time.perf_counter() - began
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(
        json.dumps({"stage": given.stage, "rows": rows, "seconds": round(seconds, 2), "peak_gb": round(peak / 1e6, 2)})
    )


if __name__ == "__main__":
    main()
