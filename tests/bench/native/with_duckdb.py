"""DuckDB over files, and over tables into which they were loaded."""

import duckdb


def start(request):
    connection = duckdb.connect(config={"threads": request["threads"]})
    sql = request["query"]["sqls"].get("duckdb", request["query"]["sql"])

    def create(kind, place):
        connection.execute(f"CREATE SCHEMA {place}")
        for name, table in request["tables"].items():
            file = table["file"].replace("'", "''")
            options = "".join(f", {option}" for option in [table["duckdb"]] if option)
            reader = table.get("reader", "read_csv")
            connection.execute(f"CREATE {kind} {place}.{name} AS SELECT * FROM {reader}('{file}'{options})")
        connection.execute(f"SET schema = '{place}'")

    create("VIEW", "files")
    return {
        "version": duckdb.__version__,
        "run": lambda: connection.execute(sql).fetchall(),
        "load": lambda: create("TABLE", "loaded"),
    }
