"""The compare step against a bare DuckDB full join: two relations of time lines, the same files, the same wide rows.

A side has `rows` lines of ten columns. The other side is in another order, lacks 0.5% of them, has 0.5% of its own,
1% of the common lines differ (one of them by a single cent in ten) and 0.1% of the keys stand there twice, half of them
exact repeats. Both read and compare all ten columns. The bare join knows nothing of duplicates, classes or money and
writes the differing rows wide.

    python -m benchmarks.compare [--rows 5000000] [--out DIR]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from app.database import connect
from reconcile.compare import compare_relations
from reconcile.rule import Field, Tolerance

FIELDS = ("project_code", "resource", "work_date", "hours", "rate", "amount", "currency", "status", "updated_at")


def generate(folder: Path, rows: int) -> tuple[Path, Path]:
    """Write both sides, the second in another row order."""
    left, right = folder / f"a_{rows}.parquet", folder / f"b_{rows}.parquet"
    if left.exists() and right.exists():
        return left, right
    folder.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect()
    con.execute("set threads = 2")

    def dice(salt: int, sides: int) -> str:
        return f"cast(hash(i, {salt}) % {sides} as bigint)"

    con.execute(
        f"create table a as select i, 'TE' || lpad(cast(i as varchar), 10, '0') as id, "
        f"case when {dice(1, 100)} > 0 then 'PRJ-' || lpad(cast({dice(2, 12500)} as varchar), 6, '0') end "
        "as project_code, "
        f"'R' || lpad(cast({dice(3, 20000)} as varchar), 6, '0') as resource, "
        f"date '2025-01-01' + cast({dice(4, 450)} as integer) as work_date, "
        f"cast(cast({dice(5, 40)} * 25 + 25 as decimal(18,2)) * 0.01 as decimal(9,2)) as hours, "
        f"case when {dice(6, 50)} > 0 then cast(90 + {dice(7, 200)} as decimal(12,4)) end as rate, "
        f"cast((100 + {dice(8, 300000)}) * 0.01 as decimal(18,2)) as amount, "
        f"case {dice(9, 4)} when 0 then 'EUR' when 1 then 'GBP' else 'USD' end as currency, "
        f"case {dice(10, 3)} when 0 then 'approved' when 1 then 'posted' else 'billed' end as status, "
        f"timestamp '2026-01-01' + to_seconds({dice(11, 7000000)}) as updated_at from range({rows}) as t(i)"
    )
    columns = "id, project_code, resource, work_date, hours, rate, amount, currency, status, updated_at"
    con.execute(f"copy (select {columns} from a order by i) to '{left}' (format parquet, row_group_size 500000)")
    # of a thousand lines: 5 gone, 5 new, 10 changed, 1 repeated
    kind = dice(20, 1000)
    con.execute(
        f"create table b as select hash(i, 99) as place, "
        f"case when {kind} between 5 and 9 then 'TX' || substr(id, 3) else id end as id, "
        f"case when {kind} = 18 then 'PRJ-999999' else project_code end as project_code, resource, "
        f"case when {kind} = 19 then work_date + 1 else work_date end as work_date, "
        f"cast(case when {kind} between 10 and 12 then hours + 1 else hours end as decimal(9,2)) as hours, "
        f"cast(case when {kind} between 13 and 14 then rate + 5 else rate end as decimal(12,4)) as rate, "
        f"cast(case when {kind} between 10 and 14 then amount + 7 when {kind} = 17 then amount + 0.01 else amount end "
        f"as decimal(18,2)) as amount, currency, "
        f"case when {kind} between 15 and 16 then 'open' else status end as status, updated_at from a "
        f"where {kind} >= 5 union all select hash(i, 98), id, project_code, resource, work_date, "
        f"hours, rate, cast(case when i % 2 = 0 then amount else amount + 3 end as decimal(18,2)), "
        f"currency, status, updated_at from a where {kind} = 20"
    )
    con.execute(f"copy (select {columns} from b order by place) to '{right}' (format parquet, row_group_size 500000)")
    con.close()
    return left, right


def bare(con: duckdb.DuckDBPyConnection, left: str, right: str) -> int:
    """A full outer join that writes every differing row wide; no duplicates, no classes, no money."""
    differs = " or ".join(f"a.{name} is distinct from b.{name}" for name in FIELDS)
    columns = ", ".join(f"{side}.{name} as {side}_{name}" for side in "ab" for name in ("id", *FIELDS))
    con.execute(
        f"create or replace table bare as select {columns} "
        f"from {left} as a full outer join {right} as b on a.id = b.id "
        f"where a.id is null or b.id is null or {differs}"
    )
    return int(con.execute("select count(*) from bare").fetchone()[0])  # type: ignore[index]


def ours(con: duckdb.DuckDBPyConnection, left: str, right: str, cent: bool = False) -> int:
    """The compare step, with classes, money and records, all breaks written."""
    fields = [Field(name) for name in FIELDS]
    if cent:
        fields = [Field(n, tolerance=Tolerance.absolute("0.01")) if n == "amount" else Field(n) for n in FIELDS]
    found = compare_relations(con, left, right, ["id"], fields, amount="amount", currency="currency", into="compared")
    assert found.is_proved, "the breaks do not explain the difference"
    return found.breaks


def worker(task: str, left: str, right: str, limit: str) -> dict[str, object]:
    """One measurement in this process: seconds on the wall and of the processor, and peak memory."""
    con = duckdb.connect() if task == "bare" else connect()
    con.execute("set threads = 2")
    con.execute("set preserve_insertion_order = false")
    if limit:
        con.execute(f"set memory_limit = '{limit}'")
    a, b = f"read_parquet('{left}')", f"read_parquet('{right}')"
    began, used = time.perf_counter(), time.process_time()
    count = bare(con, a, b) if task == "bare" else ours(con, a, b, cent=task == "cent")
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    amounts = 0
    if task != "bare":
        found = con.execute("select count(*) from compared where field = 'amount'").fetchone()
        amounts = int(found[0]) if found else 0
    return {
        "task": task,
        "seconds": round(seconds, 2),
        "cpu": round(processor, 2),
        "peak_gb": round(peak, 2),
        "breaks": count,
        "amounts": amounts,
    }


def measure(task: str, folder: Path, rows: int, limit: str = "") -> dict[str, object]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.compare", "--task", task, "--rows", str(rows), "--out", str(folder)]
    done = subprocess.run([*command, "--limit", limit], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def results(folder: Path, rows: int, repeat: int) -> list[dict[str, object]]:
    """The best of some runs of each task, with and without a memory limit, and how it compares with the bare join."""
    measure("generate", folder, rows)
    found = []
    for limit in ("", "500MB"):
        runs = [measure(task, folder, rows, limit) for _ in range(repeat) for task in ("bare", "ours", "cent")]
        best = {
            task: min((run for run in runs if run["task"] == task), key=lambda run: float(str(run["seconds"])))
            for task in ("bare", "ours", "cent")
        }
        for run in best.values():
            ratio = float(str(run["seconds"])) / float(str(best["bare"]["seconds"]))
            found.append({**run, "limit": limit or "none", "rows": rows, "ratio": round(ratio, 2)})
    return found


def main() -> None:
    """Generate, measure alternately, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--out", type=Path, default=Path(".tieout/bench"))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--task", default="")
    parser.add_argument("--limit", default="")
    given = parser.parse_args()
    if given.task:
        left, right = generate(given.out, given.rows)
        measured = {} if given.task == "generate" else worker(given.task, str(left), str(right), given.limit)
        print(json.dumps(measured))
        return
    print(f"{given.rows:,} rows a side")
    for run in results(given.out, given.rows, given.repeat):
        print(
            f"{run['task']:5} limit {run['limit']:6} {run['seconds']:6} s {run['cpu']:6} cpu s "
            f"{run['peak_gb']:5} GB {run['ratio']:5}x {run['breaks']:9,} breaks, {run['amounts']:,} of amounts"
        )


if __name__ == "__main__":
    main()
