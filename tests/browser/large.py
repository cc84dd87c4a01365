"""Writes one file of each format with the same events, each of at least so many bytes of text, and says as JSON what
DuckDB finds in the events: large.py EVENTS.csv FOLDER BYTES [FORMAT...]. Formats whose file is there are left alone."""
import bz2
import csv
import gzip
import io
import json
import lzma
import os
import sqlite3
import struct
import sys
import tarfile
import zipfile
import zlib

import duckdb
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet

EVENTS, FOLDER, BYTES = sys.argv[1], sys.argv[2], int(sys.argv[3])
CHOSEN = sys.argv[4:]
os.makedirs(FOLDER, exist_ok=True)
SOURCE = os.path.join(FOLDER, 'events.csv')
GROUPS = 'SELECT category, count(*), sum(quantity), max(price), min(ts) FROM {} GROUP BY 1 ORDER BY 1'
LINES = 'SELECT count(*), sum(length(line)), max(line) FROM {}'
STATUS = 'SELECT status, count(*), sum(bytes) FROM {} GROUP BY 1 ORDER BY 1'


def cut():
    """As many whole lines of the events as there shall be."""
    with open(EVENTS, 'rb') as events, open(SOURCE, 'wb') as out:
        left = BYTES
        while left > 0 and (piece := events.read(min(left, 1 << 24))):
            out.write(piece)
            left -= len(piece)
        out.write(events.readline())


def connection():
    db = duckdb.connect()
    db.execute(f"CREATE VIEW events AS FROM read_csv('{SOURCE}', types = {{'ts': 'TIMESTAMP'}})")
    return db


def table():
    kinds = pyarrow.csv.ConvertOptions(column_types={'ts': pyarrow.timestamp('ms', tz='UTC')})
    events = pyarrow.csv.read_csv(SOURCE, convert_options=kinds)
    return events.set_column(0, 'ts', events['ts'].cast(pyarrow.timestamp('ms')))


def rows():
    with open(SOURCE, newline='', encoding='utf-8') as text:
        yield from csv.reader(text)


def copy(path, options, query='FROM events'):
    connection().execute(f"COPY ({query}) TO '{path}' ({options})")


def json_document(path):
    copy(path + '.lines', 'FORMAT json')
    with open(path + '.lines', encoding='utf-8') as lines, open(path, 'w', encoding='utf-8') as out:
        out.write('{"made": "today", "events": [\n')
        before = ''
        for line in lines:
            out.write(before + line.rstrip('\n'))
            before = ',\n'
        out.write('\n]}\n')
    os.remove(path + '.lines')


def parquet(path):
    pyarrow.parquet.write_table(table(), path, compression='zstd', use_dictionary=['category', 'region'], row_group_size=200_000)


def arrow(path, writer):
    with pyarrow.OSFile(path, 'wb') as out:
        events = table()
        with writer(out, events.schema) as ipc:
            ipc.write_table(events, max_chunksize=65_536)


def log(path):
    copy(path, "FORMAT csv, HEADER false, QUOTE '', DELIMITER E'\\t'", '''SELECT format(
        '10.{}.{}.{} - - [{}] "GET /{}/{} HTTP/1.1" {} {} "-" "curl/8.0"', user_id % 250, user_id % 199, user_id % 97,
        strftime(ts, '%d/%b/%Y:%H:%M:%S +0000'), region, category, 200 + quantity, CAST(price * 100 AS BIGINT)) FROM events''')


def fixed_width(path):
    copy(path, "FORMAT csv, HEADER false, QUOTE '', DELIMITER E'\\t'", '''SELECT
        'ts                        user_id   category        price     quantity' AS line UNION ALL SELECT format(
        '{:<24}  {:>8}  {:<14}  {:>8}  {:>8}', strftime(ts, '%Y-%m-%d %H:%M:%S.%g'), user_id, category,
        format('{:.2f}', price), quantity) FROM events''')


def sqlite(path):
    db = sqlite3.connect(path)
    db.execute('CREATE TABLE events (ts TEXT, user_id INTEGER, category TEXT, region TEXT, price REAL, quantity INTEGER, comment TEXT)')
    all_rows = rows()
    next(all_rows)
    db.executemany('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)', ([c or None for c in row] for row in all_rows))
    db.commit()
    db.close()


def text(path):
    with open(SOURCE, 'rb') as events, open(path, 'wb') as out:
        out.write(b'Some prose to begin with\n')
        for line in events:
            out.write(line.replace(b',', b' ').replace(b'"', b''))


def long_number(value):
    value = value << 1 if value >= 0 else (-value << 1) - 1
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def avro(path):
    """Each block of 10,000 rows as the CSV has them."""
    def string(value):
        value = value.encode()
        return long_number(len(value)) + value
    kinds = {'user_id': 'long', 'price': 'double', 'quantity': 'long'}
    all_rows = rows()
    names = next(all_rows)
    fields = [{'name': name, 'type': kinds.get(name, 'string')} for name in names]
    schema = json.dumps({'type': 'record', 'name': 'event', 'fields': fields})
    sync = bytes(range(16))
    encode = {'long': lambda v: long_number(int(v)), 'double': lambda v: struct.pack('<d', float(v)), 'string': string}
    encoders = [encode[kinds.get(name, 'string')] for name in names]
    with open(path, 'wb') as out:
        out.write(b'Obj\x01' + long_number(1) + string('avro.schema') + string(schema) + long_number(0) + sync)
        block, count = [], 0

        def flush():
            body = b''.join(block)
            out.write(long_number(count) + long_number(len(body)) + body + sync)
        for row in all_rows:
            block.extend(e(v) for e, v in zip(encoders, row))
            count += 1
            if count == 10_000:
                flush()
                block, count = [], 0
        if count:
            flush()


def through(path, opener):
    with open(SOURCE, 'rb') as source, opener(path) as out:
        while piece := source.read(1 << 20):
            out.write(piece)


def bgzip(path):
    with open(SOURCE, 'rb') as source, open(path, 'wb') as out:
        while True:
            piece = source.read(65_280)
            deflate = zlib.compressobj(1, zlib.DEFLATED, -15)
            body = deflate.compress(piece) + deflate.flush()
            out.write(b'\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0' + struct.pack('<H', len(body) + 25) + body)
            out.write(struct.pack('<II', zlib.crc32(piece), len(piece)))
            if not piece:
                break


def zstd(path, frame=None):
    with open(SOURCE, 'rb') as source, open(path, 'wb') as out:
        if frame is None:
            with pyarrow.CompressedOutputStream(pyarrow.PythonFile(out, 'w'), 'zstd') as packed:
                while piece := source.read(1 << 20):
                    packed.write(piece)
            return
        while piece := source.read(frame):
            out.write(pyarrow.compress(piece, 'zstd', asbytes=True))


def lz4(path):
    with open(SOURCE, 'rb') as source, pyarrow.CompressedOutputStream(path, 'lz4') as packed:
        while piece := source.read(1 << 20):
            packed.write(piece)


def zipped(path):
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(SOURCE, 'events.csv')


def tar_gz(path):
    with tarfile.open(path, 'w:gz', compresslevel=1) as archive:
        archive.add(SOURCE, 'events.csv')


def encoded(path, encoding):
    with open(SOURCE, encoding='utf-8', newline='') as source, open(path, 'w', encoding=encoding, newline='') as out:
        while piece := source.read(1 << 20):
            out.write(piece)


FORMATS = {
    'csv': ('csv', lambda p: through(p, lambda p: open(p, 'wb')), GROUPS),
    'ndjson': ('ndjson', lambda p: copy(p, 'FORMAT json'), GROUPS),
    'json array': ('json', lambda p: copy(p, 'FORMAT json, ARRAY true'), GROUPS),
    'json document': ('json', json_document, GROUPS),
    'parquet': ('parquet', parquet, GROUPS),
    'arrow file': ('arrow', lambda p: arrow(p, pyarrow.ipc.new_file), GROUPS),
    'arrow stream': ('arrows', lambda p: arrow(p, pyarrow.ipc.new_stream), GROUPS),
    'feather': ('feather', lambda p: pyarrow.feather.write_feather(table(), p, compression='zstd'), GROUPS),
    'avro': ('avro', avro, GROUPS),
    'sqlite': ('db', sqlite, GROUPS),
    'log': ('log', log, STATUS),
    'fixed width': ('txt', fixed_width, GROUPS),
    'text': ('txt', text, LINES),
    'gzip': ('csv.gz', lambda p: through(p, lambda p: gzip.open(p, 'wb', 1)), GROUPS),
    'bgzip': ('csv.gz', bgzip, GROUPS),
    'zstd': ('csv.zst', zstd, GROUPS),
    'zstd frames': ('csv.zst', lambda p: zstd(p, 1 << 20), GROUPS),
    'bzip2': ('csv.bz2', lambda p: through(p, lambda p: bz2.open(p, 'wb', 1)), GROUPS),
    'xz': ('csv.xz', lambda p: through(p, lambda p: lzma.open(p, 'wb', preset=0)), GROUPS),
    'lz4': ('csv.lz4', lz4, GROUPS),
    'zip': ('zip', zipped, GROUPS),
    'tar.gz': ('tar.gz', tar_gz, GROUPS),
    'utf-16': ('csv', lambda p: encoded(p, 'utf-16'), GROUPS),
}


def expected(name, sql):
    db = connection()
    if sql == STATUS:
        db.execute('CREATE VIEW log AS SELECT 200 + quantity AS status, CAST(price * 100 AS BIGINT) AS bytes FROM events')
        return db.execute(sql.format('log')).fetchall()
    if sql == LINES:
        path = os.path.join(FOLDER, 'text.txt')
        options = "columns = {'line': 'VARCHAR'}, delim = '\\t', quote = '', escape = '', header = false, auto_detect = false"
        return db.execute(f"SELECT count(*), sum(strlen(line)), max(line) FROM read_csv('{path}', {options})").fetchall()
    return db.execute(sql.format('events')).fetchall()


if not os.path.exists(SOURCE):
    cut()
told = []
for name, (ending, make, sql) in FORMATS.items():
    if CHOSEN and name not in CHOSEN:
        continue
    path = os.path.join(FOLDER, f"{name.replace(' ', '_')}.{ending}")
    if not os.path.exists(path):
        print(f'writing {path}', file=sys.stderr)
        make(path + '.part')
        os.rename(path + '.part', path)
    found = [[value.isoformat() if hasattr(value, 'isoformat') else value for value in row] for row in expected(name, sql)]
    told.append({'name': name, 'path': path, 'sql': sql.format('t'), 'expected': found})
print(json.dumps(told, default=float))
