"""Runs an adapter: native files in, batches in the landing form out.

Nothing here knows a source system; that is what the SQL files are for.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import duckdb

from dagster_project.adapters.batches import WrittenBatch, write_batch
from dagster_project.adapters.feeds import get_feed, misfit, must_have, totalled
from dagster_project.adapters.sources import literal, open_sources, quote
from dagster_project.adapters.spec import AdapterSpec, load_spec
from dagster_project.errors import UsageError
from dagster_project.ingestion.contract import Column, Feed

_COPY_OPTIONS = {
    "csv": "format csv, header true, delimiter ',', quote '\"'",
    "parquet": "format parquet, compression zstd",
}


def adapt(
    name: str, source_dir: Path, out_dir: Path, as_of: str | None = None
) -> list[WrittenBatch]:
    """Turn native extracts into batches under ``<out>/<system>/<feed>/<batch_id>/``.

    The same input gives the same bytes: rows are ordered by key and the time of extraction is
    read from the data.

    Args:
        name: An adapter that ships with the project, or the path of an adapter folder.
        as_of: Day of extraction (``YYYY-MM-DD``), where it is known better than from the data.

    Raises:
        UsageError: A native file or column is missing or empty, or the adapter's SQL does not
            give what the contract asks for.
    """
    spec = load_spec(name)
    out_dir = Path(out_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out_dir, prefix=".adapt-") as folder:
        scratch = Path(folder)
        con = open_sources(spec, Path(source_dir), scratch)
        try:
            for path in spec.shared_files:
                _run(con, path.read_text(encoding="utf-8"), f"{spec.name}/{path.name}")
            extracted_at = _extracted_at(con, spec, as_of)
            batches = [
                _write_feed(con, spec, path, extracted_at, scratch, out_dir)
                for path in spec.feed_files.values()
            ]
        finally:
            con.close()
    return [batch for batch in batches if batch is not None]


def _run(con: duckdb.DuckDBPyConnection, sql: str, where: str) -> duckdb.DuckDBPyConnection:
    try:
        return con.execute(sql)
    except duckdb.Error as error:
        raise UsageError(
            f"{where} cannot be run on this extract.",
            str(error).strip(),
            "Correct the SQL, or the extract if a value in it is wrong.",
        ) from error


def _extracted_at(con: duckdb.DuckDBPyConnection, spec: AdapterSpec, as_of: str | None) -> str:
    """Give the last second of the day of extraction, so that this day counts as covered."""
    if as_of is None:
        where = f"{spec.name}/adapter.yml extracted_at"
        row = _run(con, f"select cast(({spec.extracted_at_sql}) as date)", where).fetchone()
        as_of = str(row[0]) if row and row[0] else None
    if as_of is None:
        raise UsageError(
            f"The day of extraction of {spec.name} is not known.",
            "The query in adapter.yml gave no date.",
            "Give the day yourself.",
        )
    return f"{as_of}T23:59:59Z"


def _write_feed(
    con: duckdb.DuckDBPyConnection,
    spec: AdapterSpec,
    sql_path: Path,
    extracted_at: str,
    scratch: Path,
    out_dir: Path,
) -> WrittenBatch | None:
    """Run one feed's SQL and write its batch; None where the extract has nothing for the feed."""
    where = f"{spec.name}/{sql_path.name}"
    feed = get_feed(sql_path.stem, where)
    columns = _check_columns(con, feed, sql_path.read_text(encoding="utf-8"), where)
    typed = ", ".join(
        f"cast({quote(column.name) if column.name in columns else 'null'} as {column.data_type})"
        f" as {quote(column.name)}"
        for column in feed.columns
    )
    _run(con, f"create or replace temp table typed_feed as select {typed} from native_feed", where)
    row = con.execute("select count(*) from typed_feed").fetchone()
    row_count = row[0] if row else 0
    if row_count == 0:
        if feed.required:
            raise UsageError(
                f"{where} gives no row.",
                f"{feed.system}.{feed.name} is required to start.",
                "Look at the joins and filters of the SQL, and at the extract.",
            )
        return None
    _check_key(con, feed, where)
    data_file = scratch / f"{feed.name}.{spec.data_format}"
    text = ", ".join(f"{_as_text(column)} as {quote(column.name)}" for column in feed.columns)
    order = ", ".join(f"{quote(name)} nulls first" for name in feed.key)
    con.execute(
        f"copy (select {text} from typed_feed as typed order by {order})"
        f" to {literal(str(data_file))} ({_COPY_OPTIONS[spec.data_format]})"
    )
    options = spec.feed_options.get(feed.name, {})
    batch = write_batch(
        feed,
        {data_file: row_count},
        out_dir,
        control_totals=_control_totals(con, feed),
        extracted_at=extracted_at,
        batch_prefix=f"{spec.name}-{feed.name}",
        source_system=spec.source_system,
        format=spec.data_format,
        mode=options.get("mode"),
        window_from=options.get("window_from"),
        window_to=options.get("window_to"),
    )
    return replace(batch, rows_without=_rows_without(con, feed))


def _check_columns(con: duckdb.DuckDBPyConnection, feed: Feed, sql: str, where: str) -> list[str]:
    _run(con, f"create or replace temp table native_feed as {sql}", where)
    columns = [row[0] for row in con.execute("describe native_feed").fetchall()]
    problem = misfit(feed, columns)
    if problem:
        raise UsageError(
            f"{where} does not give the columns of {feed.system}.{feed.name}.",
            problem,
            f"Expected {', '.join(feed.column_names)}.",
        )
    return columns


def _check_key(con: duckdb.DuckDBPyConnection, feed: Feed, where: str) -> None:
    key = ", ".join(map(quote, feed.key))
    twice = con.execute(
        f"select {key}, count(*) from typed_feed group by {key} having count(*) > 1"
        f" order by {key} limit 1"
    ).fetchone()
    if twice:
        named = ", ".join(f"{n} {v}" for n, v in zip(feed.key, twice[:-1], strict=True))
        raise UsageError(
            f"{where} gives {twice[-1]} rows for one key.",
            f"The key is ({', '.join(feed.key)}); for example {named}.",
            "Give each row of the feed its own key.",
        )


def _as_text(column: Column) -> str:
    """Write a value in the canonical text of the contract."""
    text = f"cast(typed.{quote(column.name)} as varchar)"
    return f"replace({text}, ' ', 'T') || 'Z'" if column.data_type == "timestamp" else text


def _rows_without(con: duckdb.DuckDBPyConnection, feed: Feed) -> dict[str, int]:
    """Count the rows that lack a value the contract asks for, by column."""
    columns = must_have(feed)
    missing = ", ".join(f"count(*) - count({quote(name)})" for name in columns)
    counts = con.execute(f"select {missing} from typed_feed").fetchone() or ()
    return {name: count for name, count in zip(columns, counts, strict=True) if count}


def _control_totals(con: duckdb.DuckDBPyConnection, feed: Feed) -> dict[str, str]:
    columns = totalled(feed)
    if not columns:
        return {}
    sums = ", ".join(f"cast(sum({quote(name)}) as varchar)" for name in columns)
    totals = con.execute(f"select {sums} from typed_feed").fetchone() or ()
    return {name: total for name, total in zip(columns, totals, strict=True) if total}
