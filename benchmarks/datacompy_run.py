"""datacompy on the two files of the compare benchmark. Runs in an environment of its own, without Tieout.

.venv-datacompy/bin/python datacompy_run.py LEFT.parquet RIGHT.parquet
"""

from __future__ import annotations

import json
import resource
import sys
import time

import pandas as pd
from datacompy import PandasCompare


def main() -> None:
    """Compare on the id and print what it took."""
    began, used = time.perf_counter(), time.process_time()
    left, right = (pd.read_parquet(path) for path in sys.argv[1:3])
    found = PandasCompare(left, right, join_columns="id")
    unequal = int(found.count_matching_rows())
    alone = len(found.df1_unq_rows) + len(found.df2_unq_rows)
    print(
        json.dumps(
            {
                "task": "datacompy",
                "seconds": round(time.perf_counter() - began, 2),
                "cpu": round(time.process_time() - used, 2),
                "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024, 2),
                "breaks": len(found.intersect_rows) - unequal + alone,
            }
        )
    )


if __name__ == "__main__":
    main()
