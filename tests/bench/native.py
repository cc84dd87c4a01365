"""Runs one query several times in DuckDB or Polars and prints times and rows as JSON.

Usage: native.py ENGINE QUERY FILE RUNS THREADS. Times in the rows are milliseconds since 1970-01-01 UTC.
"""

import json
import os
import sys
import time

engine, query, path, runs, threads = sys.argv[1:]
# Polars reads this when it is imported.
os.environ["POLARS_MAX_THREADS"] = threads


def start_duckdb():
    import duckdb

    connection = duckdb.connect(config={"threads": int(threads)})
    events = f"read_csv('{path}', types = {{'ts': 'TIMESTAMP'}})"
    sql = {
        "group": f"SELECT category, count(*), avg(price), max(price) FROM {events} GROUP BY ALL ORDER BY ALL",
        "tumble": f"""SELECT epoch_ms(date_trunc('minute', ts)), region, count(*), avg(price), max(price)
            FROM {events} GROUP BY ALL ORDER BY ALL""",
    }[query]
    return duckdb.__version__, lambda: connection.execute(sql).fetchall()


def start_polars():
    import polars as pl

    # Parsing the time by its format is faster than letting Polars find out what it is.
    time_format = "%Y-%m-%dT%H:%M:%S%.3fZ"
    minute = pl.col("ts").str.to_datetime(time_format, time_unit="ms").dt.truncate("1m").dt.epoch("ms")
    keys = {"group": [pl.col("category")], "tumble": [minute.alias("minute"), pl.col("region")]}[query]
    price = pl.col("price")
    values = [pl.len(), price.mean().alias("mean"), price.max().alias("max")]

    def run():
        frame = pl.scan_csv(path).group_by(keys).agg(values).collect(engine="streaming")
        return frame.sort(frame.columns[: len(keys)]).rows()

    return pl.__version__, run


version, run = {"duckdb": start_duckdb, "polars": start_polars}[engine]()
millis = []
for _ in range(int(runs)):
    begin = time.perf_counter()
    rows = run()
    millis.append((time.perf_counter() - begin) * 1e3)
json.dump({"version": version, "threads": int(threads), "millis": millis, "rows": rows}, sys.stdout)
