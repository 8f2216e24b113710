"""The table port hands over the same rows whoever holds them."""

from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from dagster_project.analytics.tables import BATCH_ROWS, DuckDBTables, MemoryTables

ROWS = pa.table(
    {
        "entity_id": ["E1", "E2"],
        "amount": pa.array([Decimal("1.2500"), None], pa.decimal128(18, 4)),
    }
)


@pytest.fixture(params=["memory", "duckdb"])
def tables(request):
    if request.param == "memory":
        yield MemoryTables()
    else:
        with duckdb.connect() as con:
            yield DuckDBTables(con)


def test_what_is_written_is_read_with_its_types(tables):
    tables.write("analytics.rows", ROWS)
    assert tables.read("analytics.rows").cast(ROWS.schema).equals(ROWS)


def test_only_the_named_columns_are_read(tables):
    tables.write("analytics.rows", ROWS)
    assert tables.read("analytics.rows", ["amount"]).column_names == ["amount"]


def test_rows_without_a_value_where_one_is_asked_for_are_neither_read_nor_marked(tables):
    tables.write("s.t", pa.table({"a": [1, 2, 3], "b": ["x", None, "z"]}))
    assert sorted(tables.read("s.t", ["a"], "b")["a"].to_pylist()) == [1, 3]
    before = tables.digest("s.t", ["a"], present="b")
    tables.write("s.t", pa.table({"a": [1, 9, 3], "b": ["x", None, "z"]}))
    assert tables.digest("s.t", ["a"], present="b") == before
    tables.write("s.t", pa.table({"a": [1, 9, 4], "b": ["x", None, "z"]}))
    assert tables.digest("s.t", ["a"], present="b") != before


def test_pieces_are_the_rows_up_to_a_day_and_one_without_a_day_where_that_is_not_excluded(tables):
    days = pa.array([date(2025, 1, 31), date(2025, 2, 1), None])
    tables.write("s.t", pa.table({"a": [1, 2, 3], "day": days}))
    until = {"day": date(2025, 1, 31)}
    assert sorted(tables.batches("s.t", ["a"], until).read_all()["a"].to_pylist()) == [1, 3]
    assert tables.batches("s.t", ["a"], until, "day").read_all()["a"].to_pylist() == [1]


def test_many_rows_come_in_many_pieces():
    with duckdb.connect() as con:
        tables = DuckDBTables(con)
        tables.write("s.t", pa.table({"a": range(3 * BATCH_ROWS)}))
        with tables.batches("s.t", ["a"]) as reader:
            sizes = [batch.num_rows for batch in reader]
    assert sum(sizes) == 3 * BATCH_ROWS
    assert len(sizes) > 1


def test_writing_replaces_the_whole_table(tables):
    tables.write("analytics.rows", ROWS)
    tables.write("analytics.rows", ROWS.slice(0, 1))
    assert tables.read("analytics.rows").num_rows == 1


def test_an_empty_table_keeps_its_columns(tables):
    tables.write("analytics.rows", ROWS.schema.empty_table())
    assert tables.read("analytics.rows").column_names == ["entity_id", "amount"]


@pytest.mark.parametrize(
    ("rows", "is_change"),
    [
        pytest.param(ROWS, False, id="the same"),
        pytest.param(ROWS.take([1, 0]), False, id="in another order"),
        pytest.param(ROWS.take([0, 0]), True, id="one twice instead of another"),
        pytest.param(ROWS.slice(0, 1), True, id="one less"),
        pytest.param(ROWS.rename_columns(["entity_id", "cost"]), True, id="another column"),
        pytest.param(
            ROWS.cast(pa.schema([ROWS.schema.field(0), ("amount", pa.float64())])),
            True,
            id="another type",
        ),
    ],
)
def test_a_table_that_is_written_again_as_it_was_has_not_changed(rows, is_change):
    with duckdb.connect() as con:
        DuckDBTables(con).write("analytics.rows", ROWS)
        tables = DuckDBTables(con)
        tables.write("analytics.rows", rows)
        assert tables.changed == ({"analytics.rows"} if is_change else set())
        assert tables.read("analytics.rows").num_rows == rows.num_rows


@pytest.mark.spark
def test_spark_keeps_a_table_whose_first_chunk_is_empty(tmp_path, needs_spark):
    # The first evaluations of a company score nobody; Spark then took all parts for none.
    from dagster_project.analytics.tables import SparkTables
    from dagster_project.warehouse.spark import local_session

    session = local_session(tmp_path / "spark")
    try:
        tables = SparkTables(session)
        tables.write("analytics.chunks", pa.concat_tables([ROWS.schema.empty_table(), ROWS]))
        assert tables.read("analytics.chunks").sort_by("entity_id").equals(ROWS)
    finally:
        session.stop()
