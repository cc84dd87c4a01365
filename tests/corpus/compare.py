"""Compares the rows that the corpus expects with those that DuckDB reads, and prints where they differ.

    python3 tests/corpus/compare.py [part of a case's name]

Needs the package duckdb. A difference is no mistake by itself: the two understand different things by some files.
Cases with options are left out.
"""

import os
import sys

import duckdb

HERE = os.path.dirname(os.path.abspath(__file__))


def expected(path):
    """The columns and rows that a case expects."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if "--- rows\n" not in text:
        return None, text
    head, rows = text.split("--- rows\n")
    rows = rows.split("--- bad")[0].splitlines()
    columns = head.split("--- columns\n")[1].splitlines()
    return columns, [row.split(" | ") for row in rows]


def shown(value):
    """A value of DuckDB as the corpus writes it."""
    if value is None:
        return "∅"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    text = str(value) or "''"
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    same = 0
    for case in sorted(os.listdir(HERE)):
        folder = os.path.join(HERE, case)
        if not case.startswith("csv-") or wanted not in case or not os.path.isdir(folder):
            continue
        files = [name for name in os.listdir(folder) if name not in ("expected.txt", "options.json")]
        if len(files) != 1 or os.path.exists(os.path.join(folder, "options.json")):
            continue
        columns, rows = expected(os.path.join(folder, "expected.txt"))
        try:
            found = duckdb.execute("SELECT * FROM read_csv(?)", [os.path.join(folder, files[0])])
            theirs_columns = [f"{column[0]} {column[1]}" for column in found.description]
            theirs = [[shown(value) for value in row] for row in found.fetchall()]
        except duckdb.Error as error:
            theirs_columns, theirs = [str(error).splitlines()[0]], []
        if rows == theirs:
            same += 1
            continue
        print(f"== {case}\n  ours   {columns}\n  duckdb {theirs_columns}")
        for ours, other in list(zip(rows + [[]] * 200, theirs + [[]] * 200))[: max(len(rows), len(theirs))]:
            if ours != other:
                print(f"  ours   {' | '.join(ours)}\n  duckdb {' | '.join(other)}")
    print(f"{same} cases are the same")


if __name__ == "__main__":
    main()
