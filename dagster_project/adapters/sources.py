"""Native files as views: every column text, one view per file, named after it."""

from pathlib import Path

import duckdb

from dagster_project.adapters.spec import ADAPTERS_DIR, AdapterSpec
from dagster_project.errors import UsageError
from dagster_project.settings import SEEDS_DIR

_SUFFIXES = (".parquet", ".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".jsonl", ".json")
_DUCKDB_ENCODINGS = {"utf-8", "utf8"}


def open_sources(spec: AdapterSpec, source_dir: Path, scratch: Path) -> duckdb.DuckDBPyConnection:
    """Open an in-memory database that shows the native files as views.

    Raises:
        UsageError: A file or column is missing, or a file is empty or cannot be read.
    """
    if not source_dir.is_dir():
        raise UsageError(
            f"There is no folder {source_dir}.",
            "An adapter reads the native files from one folder.",
            f"Give the folder that holds {', '.join(spec.inputs)}.",
        )
    con = duckdb.connect()
    # One thread and a fixed order: the same input must give the same bytes.
    con.execute("set threads = 1; set TimeZone = 'UTC'; set preserve_insertion_order = true")
    _load_countries(con)
    con.execute((ADAPTERS_DIR / "_macros.sql").read_text(encoding="utf-8"))
    for table, columns in spec.inputs.items():
        path = _find(spec, source_dir, table)
        _create_view(con, spec, table, columns, path, scratch)
    return con


def quote(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text literal."""
    return "'" + text.replace("'", "''") + "'"


def _load_countries(con: duckdb.DuckDBPyConnection) -> None:
    for seed in ("country", "country_alias"):
        path = literal(str(SEEDS_DIR / "reference" / f"{seed}.csv"))
        con.execute(f"create view {seed} as from read_csv({path}, all_varchar = true)")
    con.execute(
        """
        create table country_lookup as
        with named as (
            select name_en as name, country_code from country
            union all select name_es, country_code from country
            union all select country_code, country_code from country
            union all select alias, country_code from country_alias
        )
        select distinct lower(spelling) as name_key, country_code
        from (
            select name as spelling, country_code from named
            union all select strip_accents(name), country_code from named
            union all select replace(name, ' & ', ' and '), country_code from named
        )
        """
    )


def _find(spec: AdapterSpec, source_dir: Path, table: str) -> Path:
    for suffix in _SUFFIXES:
        path = source_dir / f"{table}{suffix}"
        if path.is_file():
            return path
    found = sorted(path.name for path in source_dir.iterdir() if path.is_file())
    raise UsageError(
        f"The extract for {spec.name} lacks the file {table}.csv (or .csv.gz, .parquet, .jsonl).",
        f"Found in {source_dir}: {', '.join(found) or 'nothing'}.",
        f"The adapter needs {', '.join(spec.inputs)}.",
    )


def _create_view(
    con: duckdb.DuckDBPyConnection,
    spec: AdapterSpec,
    table: str,
    expected: list[str],
    path: Path,
    scratch: Path,
) -> None:
    reader = _reader(spec, path, scratch)
    try:
        found = [row[0] for row in con.execute(f"describe from {reader}").fetchall()]
    except (duckdb.Error, UnicodeError) as error:
        raise UsageError(
            f"{path.name} cannot be read.", str(error).splitlines()[0], "Check the csv options."
        ) from error
    # Exports differ in case and stray blanks of a header; that is no missing column.
    by_key = {_key(name): name for name in found}
    missing = [name for name in expected if _key(name) not in by_key]
    if missing:
        raise UsageError(
            f"{path.name} lacks the column {', '.join(map(repr, missing))}.",
            f"Expected {expected}; found {found}.",
            f"Correct the export, or the inputs in {spec.name}/adapter.yml.",
        )
    renamed = {by_key[_key(name)]: name for name in expected}
    columns = ", ".join(
        f"cast({quote(name)} as varchar) as {quote(renamed.get(name, name))}" for name in found
    )
    con.execute(f"create view {quote(table)} as select {columns} from {reader}")
    if con.execute(f"select 1 from {quote(table)} limit 1").fetchone() is None:
        raise UsageError(
            f"{path.name} is empty.",
            "It has a header and no rows.",
            "Export it again; an extract without rows is not landed.",
        )


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _reader(spec: AdapterSpec, path: Path, scratch: Path) -> str:
    name = path.name.removesuffix(".gz")
    if name.endswith(".parquet"):
        return f"read_parquet({literal(str(path.absolute()))})"
    if name.endswith((".jsonl", ".json")):
        return f"read_json({literal(str(path.absolute()))})"
    options = {"delimiter": "\t" if name.endswith(".tsv") else ",", "quote": '"'} | spec.csv
    encoding = options.get("encoding", "utf-8").lower()
    if encoding not in _DUCKDB_ENCODINGS:
        path = _to_utf8(path, encoding, scratch)
    return (
        f"read_csv({literal(str(path.absolute()))}, all_varchar = true, header = true,"
        f" delim = {literal(options['delimiter'])}, quote = {literal(options['quote'])},"
        f" escape = {literal(options.get('escape', options['quote']))})"
    )


def _to_utf8(path: Path, encoding: str, scratch: Path) -> Path:
    """Write a UTF-8 copy: the database reads few encodings by itself."""
    import gzip
    import shutil

    copy = scratch / path.name.removesuffix(".gz")
    opener = gzip.open if path.suffix == ".gz" else open
    with (
        opener(path, "rt", encoding=encoding, newline="") as native,
        copy.open("w", encoding="utf-8", newline="") as utf8,
    ):
        shutil.copyfileobj(native, utf8)
    return copy
