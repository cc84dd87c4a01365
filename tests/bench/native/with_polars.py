"""Polars over CSV files, by expressions, with its streaming engine."""

import polars as pl
from polars import col

PRICES = [pl.len(), col("price").mean().alias("mean"), col("price").max().alias("max")]
# Parsing the time by its format is faster than letting Polars find out what it is.
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S%.3fZ"
MINUTE = col("ts").str.to_datetime(TIME_FORMAT, time_unit="ms").dt.truncate("1m").alias("minute")
KEYS = [f"id{number}" for number in range(1, 7)]
DEGREES = col("column_2")
TEMPERATURE = [DEGREES.min().alias("min"), DEGREES.mean().alias("mean"), DEGREES.max().alias("max")]


def h2o(keys, values, sums):
    """A question, and the sums of its result where that is large."""

    def ask(frame, summed):
        answer = frame.group_by(keys).agg(values)
        return answer.select(pl.len().alias("rows"), *sums) if summed else answer

    return ask


def two_largest(frame, summed):
    largest = frame.drop_nulls("v3").group_by("id6").agg(col("v3").top_k(2)).explode("v3")
    return largest.select(pl.len(), col("id6").sum(), col("v3").sum()) if summed else largest


def all_sums(*names):
    return [col(name).sum() for name in names]


BOUNDS = [col("id3").min().alias("least"), col("id3").max().alias("most")]
QUERIES = {
    ("events", "group"): lambda frame, _: frame.group_by("category").agg(PRICES),
    ("events", "tumble"): lambda frame, _: frame.group_by(MINUTE, "region").agg(PRICES),
    ("brc", "stations"): lambda frame, _: frame.group_by("column_1").agg(TEMPERATURE),
    ("h2o", "q1"): h2o(["id1"], all_sums("v1"), []),
    ("h2o", "q2"): h2o(["id1", "id2"], all_sums("v1"), []),
    ("h2o", "q3"): h2o(["id3"], [col("v1").sum(), col("v3").mean()], [*BOUNDS, *all_sums("v1", "v3")]),
    ("h2o", "q4"): h2o(["id4"], [col("v1", "v2", "v3").mean()], []),
    ("h2o", "q5"): h2o(["id6"], all_sums("v1", "v2", "v3"), all_sums("id6", "v1", "v2", "v3")),
    ("h2o", "q6"): h2o(["id4", "id5"], [col("v3").median(), col("v3").std().alias("deviation")], []),
    ("h2o", "q7"): h2o(["id3"], [(col("v1").max() - col("v2").min()).alias("range")], [*BOUNDS, *all_sums("range")]),
    ("h2o", "q8"): two_largest,
    ("h2o", "q9"): h2o(["id2", "id4"], [(pl.corr("v1", "v2") ** 2).alias("r2")], []),
    ("h2o", "q10"): h2o(
        KEYS,
        [col("v3").sum(), pl.len().alias("n")],
        [col("id1").min(), col("id2").max(), col("id3").min(), *all_sums("id4", "id5", "id6", "v3", "n")],
    ),
}


def start(request):
    ((_, table),) = request["tables"].items()
    ask = QUERIES[request["workload"], request["query"]["name"]]
    headless = "header = false" in table["duckdb"]
    names = ["column_1", "column_2"]
    options = {"separator": ";", "has_header": False, "new_columns": names} if headless else {}
    summed = request["query"].get("summed", False)
    return {
        "version": pl.__version__,
        "run": lambda: ask(pl.scan_csv(table["file"], **options), summed).collect(engine="streaming").rows(),
    }
