"""Asks DuckDB's sniff_csv about the files that tests/sniffing makes, and prints its shares beside Millrace's.

    python3 tests/bench/sniffing.py

Needs cargo, and the package duckdb. Both see the same files in one run.
"""

import json
import os
import subprocess
import sys
import tempfile

import duckdb

ASPECTS = ["delimiter", "quote", "header", "types", "all of these"]
# Types that stand for the ones of the truth.
SAME = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMP", "TIMESTAMP_S": "TIMESTAMP", "TIMESTAMP_MS": "TIMESTAMP"}


def duckdb_verdict(path, truth):
    """Whether delimiter, quote, header and types are right."""
    try:
        row = duckdb.execute(
            "SELECT Delimiter, Quote, HasHeader, Columns FROM sniff_csv(?)", [path]
        ).fetchone()
    except duckdb.Error:
        return [False] * 4
    delimiter, quote, header, columns = row
    types = [SAME.get(column["type"], column["type"]) for column in columns]
    return [
        delimiter == truth["delimiter"],
        not truth["quote"] or quote == truth["quote"],
        header == truth["header"],
        types == truth["types"],
    ]


def main():
    with tempfile.TemporaryDirectory() as folder:
        command = ["cargo", "test", "--test", "sniffing"]
        subprocess.run(command, check=True, env={**os.environ, "MILLRACE_SNIFF_FOLDER": folder})
        with open(os.path.join(folder, "truth.json"), encoding="utf-8") as file:
            truths = json.load(file)
        verdicts = {"Millrace": [], f"DuckDB {duckdb.__version__}": []}
        for truth in truths:
            ours, theirs = verdicts.values()
            ours.append(truth["millrace"])
            theirs.append(duckdb_verdict(os.path.join(folder, truth["file"]), truth))
    print(f"{len(truths)} files; right, in percent:")
    for engine, rows in verdicts.items():
        counts = [sum(row[aspect] for row in rows) for aspect in range(4)] + [sum(all(row) for row in rows)]
        shares = [f"{aspect} {100 * count / len(rows):.1f}" for aspect, count in zip(ASPECTS, counts)]
        print(f"{engine}: {', '.join(shares)}")


if __name__ == "__main__":
    sys.exit(main())
