"""All benchmarks, and their results as a page: `make bench`.

Each stage of the chain on firms of several sizes, the compare step against a bare join and against datacompy, and the
matching of company names. Every measurement runs in a process of its own; nothing else should run beside it.

    python -m benchmarks [--sizes 200 2000 20000] [--rows 5000000] [--only stages compare datacompy names] [--out FILE]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path

from benchmarks import compare, stages

HERE = Path(__file__).resolve().parent
PARTS = ("stages", "compare", "datacompy", "names")
_ENVIRONMENT = HERE / ".venv-datacompy"


def stages_of(folder: Path, sizes: Iterable[int]) -> list[str]:
    """A table of stages for each size."""
    lines = [
        "## The chain",
        "",
        "| consultants | stage | rows | seconds | rows / s | peak GB |",
        "|---:|---|---:|---:|---:|---:|",
    ]
    for size in sizes:
        firm = folder / f"firm_{size}"
        shutil.rmtree(firm, ignore_errors=True)
        for stage in stages.STAGES:
            told(f"{stage}, {size:,} consultants")
            one = stages.measure(stage, firm, size)
            rows, seconds = int(str(one["rows"])), float(str(one["seconds"]))
            pace = f"{rows / seconds:,.0f}" if seconds else "-"
            lines.append(f"| {size:,} | {stage} | {rows:,} | {seconds:,.2f} | {pace} | {one['peak_gb']} |")
    lines += [
        "",
        "Rows: exported (sandbox), landed (land), of claims and canonical records (build), read by the rules "
        "(reconcile), breaks (plan), in the snapshot (publish), exported (second run).",
    ]
    return lines


def compared(folder: Path, rows: int, repeat: int) -> list[str]:
    """The compare step against a bare full join of DuckDB."""
    told(f"compare, {rows:,} rows a side")
    names = {
        "bare": "bare full outer join, differing rows written wide",
        "ours": "compare step: classes, money, proof",
        "cent": "the same, one cent tolerated",
    }
    head = ("what", "memory limit", "seconds", "CPU s", "peak GB", "against bare", "differences")
    lines = [
        f"## The compare step, {rows:,} rows a side",
        "",
        f"| {' | '.join(head)} |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {names[str(run['task'])]} | {run['limit']} | {run['seconds']} | {run['cpu']} | {run['peak_gb']} "
        f"| {run['ratio']} | {run['breaks']:,} |"
        for run in compare.results(folder, rows, repeat)
    ]
    return lines


def by_datacompy(folder: Path, rows: int) -> list[str]:
    """datacompy on the same files, in an environment of its own that is made when it is not there."""
    compare.generate(folder, rows)
    told(f"datacompy, {rows:,} rows a side")
    python = _ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(_ENVIRONMENT, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "datacompy", "pyarrow"], check=True)
    files = [str(folder / f"{side}_{rows}.parquet") for side in "ab"]
    done = subprocess.run([python, str(HERE / "datacompy_run.py"), *files], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = f"ended by signal {-done.returncode}" if done.returncode < 0 else done.stderr.strip().splitlines()[-1]
        return [f"datacompy on the same files did not finish: {reason}"]
    one = json.loads(done.stdout.splitlines()[-1])
    return [
        f"datacompy on the same files, one run: {one['seconds']} s, {one['cpu']} CPU s, {one['peak_gb']} GB, "
        f"{one['breaks']:,} rows that differ.",
    ]


def named(size: int) -> list[str]:
    """Matching of company names."""
    told(f"names, {size:,} a side")
    command = [sys.executable, "-m", "benchmarks.names", "--size", str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return ["## Company names", "", *done.stdout.splitlines()]


def machine() -> str:
    """What was measured on, in a sentence."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("duckdb", "polars", "dbt-core"))
    return f"{os.cpu_count()} processors, {memory:.0f} GB of memory, Python {platform.python_version()}, {versions}."


def told(text: str) -> None:
    """Say what is being measured."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 2_000, 20_000], help="consultants")
    parser.add_argument("--rows", type=int, default=5_000_000, help="rows a side of the compare step")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--names", type=int, default=50_000, help="company names a side")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--work", type=Path, default=Path(".tieout/bench"))
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    given = parser.parse_args()
    parts = {
        "stages": lambda: stages_of(given.work, given.sizes),
        "compare": lambda: compared(given.work, given.rows, given.repeat),
        "datacompy": lambda: by_datacompy(given.work, given.rows),
        "names": lambda: named(given.names),
    }
    lines = ["# Results", "", f"Measured by `make bench` on {machine()}"]
    for name in PARTS:
        if name in given.only:
            lines += ["", *parts[name]()]
            given.out.write_text("\n".join(lines) + "\n", "utf-8")
    told(f"written to {given.out}")


if __name__ == "__main__":
    main()
