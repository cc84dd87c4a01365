"""Spark with as many local threads, over CSV files. It needs Java 17 or newer."""

from pyspark.sql import SparkSession


def start(request):
    builder = SparkSession.builder.master(f"local[{request['threads']}]").appName("millrace-bench")
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(request["threads"]),
        "spark.driver.memory": "4g",
        "spark.ui.enabled": "false",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    for name, table in request["tables"].items():
        reader = spark.read.schema(table["spark"]).options(header=True, escape='"')
        reader.csv(table["file"]).createOrReplaceTempView(name)
    sql = request["query"]["sqls"].get("spark", request["query"]["sql"])
    return {"version": spark.version, "run": lambda: [list(row) for row in spark.sql(sql).collect()]}
