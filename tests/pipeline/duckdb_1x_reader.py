"""What a reader does, run by an old DuckDB in an environment of its own; imports nothing of ours.

Polls ``current`` until the file ``stop`` appears in the home. Each look prints one JSON line: the
builds that the tables and the manifest name, or the error.
"""

import json
import sys
from pathlib import Path

import duckdb

LOOK = """
    select build_id from fct_order_line union
    select build_id from dim_customer union
    select build_id from release_info
"""


def look(home: Path) -> dict[str, object]:
    release = (home / "current").resolve()
    manifest = json.loads((release / "manifest.json").read_text())
    connection = duckdb.connect(str(home / "current" / "marts.duckdb"), read_only=True)
    builds = sorted(row[0] for row in connection.execute(LOOK).fetchall())
    connection.close()
    parquet = f"{release}/parquet/fct_order_line/*.parquet"
    packed = duckdb.execute(f"select distinct build_id from '{parquet}'").fetchall()
    return {"duckdb": builds, "folder": [manifest["build_id"], *(row[0] for row in packed)]}


def main(home: Path) -> None:
    print(json.dumps({"version": duckdb.__version__}), flush=True)
    while not (home / "stop").exists():
        try:
            found = look(home)
        except Exception as error:  # every failure of a reader is a finding of the test
            found = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
