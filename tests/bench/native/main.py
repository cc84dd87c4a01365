"""Runs one query several times in a native engine and prints times and rows as JSON.

Reads from standard input a JSON object: `engine`, `workload`, `query` (of the workload, with `name`, `sql` and
`sqls`), `tables`, `runs`, `threads`. Times in the rows become ISO 8601 in UTC, decimals numbers.
"""

import datetime
import decimal
import importlib
import json
import os
import sys
import time


def plain(value):
    """What JSON has no form for, as the other engines give it."""
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"a {type(value).__name__} in a result")


def timed(run, runs):
    """Milliseconds of each run, and the rows of the last."""
    millis = []
    for _ in range(runs):
        begin = time.perf_counter()
        rows = run()
        millis.append((time.perf_counter() - begin) * 1e3)
    return millis, rows


def without_nan(rows):
    """JSON has no NaN, and engines do not agree where SQL's null would be right."""
    return [[None if value != value else value for value in row] for row in rows]


def main(request):
    # Polars reads this when it is imported.
    os.environ["POLARS_MAX_THREADS"] = str(request["threads"])
    engine = importlib.import_module("with_" + request["engine"]).start(request)
    millis, rows = timed(engine["run"], request["runs"])
    answer = {
        "version": engine["version"],
        "threads": engine.get("threads", request["threads"]),
        "millis": millis,
        "rows": without_nan(rows),
    }
    if request["query"].get("again") and "load" in engine:
        (answer["loadMillis"],), _ = timed(engine["load"], 1)
        answer["againMillis"], _ = timed(engine["run"], request["runs"])
    json.dump(answer, sys.stdout, default=plain)


try:
    main(json.load(sys.stdin))
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
