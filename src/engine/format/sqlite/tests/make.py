"""Makes the databases that the tests beside this read. SQLite itself writes them; run it again after a change here.

They are small, or packed, because they are kept with the code.
"""

import lzma
import os
import sqlite3
import tempfile
from pathlib import Path

HERE = Path(__file__).parent


def database(script, page_bytes=512, encoding="UTF-8"):
    """The bytes of a database after a script ran in it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "t.db")
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute(f"PRAGMA page_size = {page_bytes}")
        connection.execute(f"PRAGMA encoding = '{encoding}'")
        script(connection)
        connection.close()
        return Path(path).read_bytes()


def keep(name, data):
    (HERE / name).write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))


def large(connection):
    """Three levels of pages, rows that go on on other pages, and a column that was added later."""
    connection.execute(
        "CREATE TABLE events (id INTEGER PRIMARY KEY, name TEXT, amount REAL, note TEXT, data BLOB, at TEXT)"
    )
    rows = []
    for row in range(1200):
        name = None if row % 5 == 3 else f"name {row % 10}"
        amount = None if row % 4 == 3 else row % 4 + 0.5
        note = "abcdefghij" * (row % 5) if row % 300 else "long " * 2000
        data = b"\xca" * (row % 5)
        at = f"2024-01-{1 + row % 2:02} 10:00:00"
        rows.append((row * 3 - 1000, name, amount, note, data, at))
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.execute("ALTER TABLE events ADD COLUMN state TEXT DEFAULT 'new'")
    connection.execute("UPDATE events SET state = 'old' WHERE id % 10 = 0")
    connection.execute("COMMIT")


def wide(connection):
    """Rows whose headers are longer than what a page has of them."""
    names = [f"c{number}" for number in range(450)]
    connection.execute(f"CREATE TABLE wide ({', '.join(names)})")
    for row in range(5):
        values = [row * number if number % 3 else f"text {number}" for number in range(450)]
        connection.execute(f"INSERT INTO wide VALUES ({', '.join('?' * 450)})", values)


def kinds(connection):
    """Tables of all kinds, in UTF-16."""
    connection.execute("CREATE TABLE words (word TEXT, day DATE, n)")
    connection.executemany(
        "INSERT INTO words VALUES (?, ?, ?)",
        [("größer", "2024-02-29", 1), ("日本", "2024-03-01", 2.5), (None, None, None), ("😀", "2024-03-02", -3)],
    )
    connection.execute("CREATE TABLE pairs (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID")
    connection.execute("INSERT INTO pairs VALUES ('x', 'y')")
    connection.execute("CREATE VIEW long_words AS SELECT word FROM words WHERE length(word) > 3")
    connection.execute("CREATE TABLE counters (id INTEGER PRIMARY KEY AUTOINCREMENT)")
    connection.executemany("INSERT INTO counters VALUES (?)", [(5,), (7,), (9,)])
    connection.execute("CREATE TABLE empty (a INT, b TEXT, c REAL, d BLOB, e BOOLEAN, f DATETIME)")
    connection.execute("CREATE TABLE sums (a INT, b INT, c INT AS (a + b), d INT AS (a * b) STORED)")
    connection.execute("INSERT INTO sums VALUES (2, 3)")


def only_refused(connection):
    """No table that is read."""
    connection.execute("CREATE TABLE pairs (a TEXT PRIMARY KEY, b TEXT) WITHOUT ROWID")
    connection.execute("CREATE VIEW v AS SELECT a FROM pairs")


keep("large.db.xz", database(large))
keep("wide.db.xz", database(wide))
keep("kinds_be.db.xz", database(kinds, encoding="UTF-16be"))
keep("kinds_le.db.xz", database(kinds, page_bytes=65536, encoding="UTF-16le"))
keep("only_refused.db.xz", database(only_refused))
