"""TPC-H tables at scale 0.01 with the official answers, made once by an environment of their own.

The generator is an extension that exists for DuckDB 1.5.5 only, so it cannot run in the
project's environment. Usable as a script: ``python tests/reference/tpch_data.py FOLDER``.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = [
    "duckdb==1.5.5",
    "duckdb-extensions==1.5.5",
    "duckdb-extension-tpch==1.5.5",
    "pyarrow",
]
TABLES = ["customer", "orders", "lineitem", "part", "partsupp", "supplier", "nation", "region"]
SCALE = "0.01"

GENERATE = """
import sys
from pathlib import Path
import duckdb, duckdb_extensions
duckdb_extensions.import_extension("tpch")
con = duckdb.connect()
con.execute("load tpch")
con.execute("call dbgen(sf={scale})")
for table in {tables}:
    con.execute(f"copy (from {{table}} order by all) to '{{sys.argv[1]}}/{{table}}.parquet'")
con.execute(
    "copy (select query_nr, answer from tpch_answers() where scale_factor = {scale})"
    f" to '{{sys.argv[1]}}/answers.parquet'"
)
"""


class NoTpchError(RuntimeError):
    """The generator cannot be installed here."""


def make_tpch(folder: Path) -> Path:
    """Write the tables and ``answers.parquet`` into a folder; once, then they are reused.

    Raises:
        NoTpchError: Its environment cannot be built, for example without a package index.
    """
    done = folder / "answers.parquet"
    if done.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    python = _environment(folder / "generator")
    script = GENERATE.format(scale=SCALE, tables=TABLES)
    _run([str(python), "-c", script, str(folder)])
    shutil.rmtree(folder / "generator")
    return folder


def _environment(folder: Path) -> Path:
    python = folder / "bin" / "python"
    uv = shutil.which("uv")
    if uv:
        _run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
        _run([uv, "pip", "install", "--quiet", "--python", str(python), *REQUIREMENTS])
    else:
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS])
    return python


def _run(command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    try:
        subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=300, env=environment
        )
    except (OSError, subprocess.SubprocessError) as error:
        detail = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        raise NoTpchError(detail[-1] if detail else "unknown") from error


if __name__ == "__main__":
    print(make_tpch(Path(sys.argv[1])))
