"""Writes the events of a CSV file in another format: `convert.py FORMAT EVENTS.csv OUTPUT`."""

import gzip
import shutil
import sys

import duckdb

# One line of a web server's log for each event; its address, size and status come from the event.
LINE = """
    concat(
        '10.', user_id % 200, '.', user_id // 200 % 250, '.', user_id // 50000 % 250,
        ' - ', CASE WHEN user_id % 3 = 0 THEN concat('user', user_id) ELSE '-' END,
        ' [', strftime(ts, '%d/%b/%Y:%H:%M:%S'), ' +0000] "GET /', region, '/', category, '?id=', user_id,
        ' HTTP/1.1" ',
        CASE WHEN quantity = 1 THEN 200 WHEN quantity = 2 THEN 304 WHEN quantity = 3 THEN 404 ELSE 500 END,
        ' ', CAST(price * 100 AS BIGINT), ' "https://shop.example/', category,
        '" "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"'
    )
"""

COPIES = {
    "ndjson": ("SELECT * FROM events", "FORMAT json"),
    "parquet": ("SELECT * FROM events", "FORMAT parquet"),
    "log": (f"SELECT {LINE} FROM events", "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\t'"),
}


def main(kind, events, output):
    if kind == "gzip":
        with open(events, "rb") as plain, gzip.open(output, "wb", compresslevel=6) as packed:
            shutil.copyfileobj(plain, packed, 1 << 20)
        return
    query, options = COPIES[kind]
    connection = duckdb.connect()
    connection.execute(
        f"CREATE VIEW events AS SELECT * FROM read_csv('{events}', types = {{'ts': 'TIMESTAMP'}})"
    )
    connection.execute(f"COPY ({query}) TO '{output}' ({options})")


if __name__ == "__main__":
    main(*sys.argv[1:])
