"""Starts local-bigquery without the network and with messages of a realistic size.

- Puts the DuckDB extensions that PyPI ships where DuckDB looks for them; it would download them otherwise.
- The Storage Read API of local-bigquery sends what DuckDB's reader gives: 1,000,000 rows, a message of 90 MB. BigQuery's
  messages are far smaller, and backpressure and cancelling cannot be tried on one message. LOCALBQ_BATCH is the rows of one.
"""
import os
import sys

import duckdb
from duckdb_extensions import import_extension

for name in ("icu", "ducklake", "spatial"):
    import_extension(name)

if sys.argv[1:] == ["extensions"]:  # `install` does only this, so that the first start is fast.
    sys.exit()

rows = int(os.environ.get("LOCALBQ_BATCH", "8192"))
original = duckdb.DuckDBPyRelation.to_arrow_reader
duckdb.DuckDBPyRelation.to_arrow_reader = lambda self, batch_size=rows: original(self, batch_size)

from local_bigquery import cli  # noqa: E402 (after what it relies on)

cli.main(sys.argv[1:])
