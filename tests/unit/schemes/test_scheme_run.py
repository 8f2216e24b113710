"""The analyses read what was known of the closed month, and are kept while that is unchanged."""

from datetime import date, datetime

import duckdb
import pyarrow as pa
import pytest

from dagster_project.analytics.tables import DuckDBTables, MemoryTables
from dagster_project.errors import RedError
from dagster_project.schemes.closed import Closed, last_closed, segments_then
from dagster_project.schemes.reader import read_rows
from dagster_project.schemes.run import run_schemes
from dagster_project.settings import SEEDS_DIR

NOVEMBER = Closed(2025 * 12 + 10, 5)


def policy(lag, first_known=datetime(2024, 1, 1, 4)):
    scheme = {"status": ["ACTIVE"], "record_lag_days": [lag], "initial_load_days": [7]}
    known = pa.array([first_known], pa.timestamp("us"))
    return MemoryTables(
        {
            "policy.segment_scheme": pa.table(scheme),
            "intermediate.int_order__header": pa.table({"known_at": known}),
        }
    )


@pytest.mark.parametrize(
    ("as_of", "month"),
    [
        ("2025-12-04", date(2025, 10, 1)),
        ("2025-12-05", date(2025, 11, 1)),
        ("2025-12-31", date(2025, 11, 1)),
        ("2026-01-05", date(2025, 12, 1)),
    ],
)
def test_a_month_is_closed_when_its_evaluation_has_come(as_of, month):
    assert last_closed(policy(5), as_of).start == month


def test_what_came_with_the_first_load_counts_as_known_in_time():
    loaded_later = last_closed(policy(5, datetime(2025, 12, 20, 4)), "2025-12-31")
    assert loaded_later.evaluated_at == datetime(2025, 12, 6)
    assert datetime(2025, 12, 26, 23) < loaded_later.known_at < datetime(2025, 12, 27)
    assert last_closed(policy(5), "2025-12-31").known_at == datetime(2025, 12, 6)


def test_closed_month_knows_its_days():
    assert NOVEMBER.end == date(2025, 11, 30)
    assert NOVEMBER.known_at == NOVEMBER.evaluated_at == datetime(2025, 12, 6)
    assert NOVEMBER.before(11) == date(2024, 12, 1)


def test_segment_is_the_one_that_was_believed_at_the_evaluation():
    rows = [
        # Believed first, replaced in February by a restatement that nobody knew in December.
        ("E1", "S1", datetime(2025, 6, 1), datetime(2026, 2, 1)),
        ("E1", "S2", datetime(2026, 2, 1), datetime(9999, 12, 31)),
    ]
    table = pa.table(
        {
            "scheme_id": ["service"] * 2,
            "entity_id": [row[0] for row in rows],
            "segment_code": [row[1] for row in rows],
            "valid_from": [date(2025, 6, 1)] * 2,
            "valid_to": [date(9999, 12, 31)] * 2,
            "recorded_from": pa.array([row[2] for row in rows], pa.timestamp("us")),
            "recorded_to": pa.array([row[3] for row in rows], pa.timestamp("us")),
        }
    )
    found = segments_then(MemoryTables({"analytics.segment_assignment": table}), NOVEMBER)
    assert found["segment_code"].to_pylist() == ["S1"]


def tables_of(kind, rows):
    table = pa.table({"a": [row[0] for row in rows], "day": [row[1] for row in rows]})
    if kind == "memory":
        return MemoryTables({"s.t": table})
    warehouse = DuckDBTables(duckdb.connect())
    warehouse.write("s.t", table)
    return warehouse


@pytest.mark.parametrize("kind", ["memory", "duckdb"])
def test_digest_tells_rows_but_not_their_order_nor_what_lies_beyond_the_bound(kind):
    until = {"day": date(2025, 11, 30)}
    first, second = ("x", date(2025, 11, 1)), ("y", date(2025, 11, 2))
    later, other = ("z", date(2025, 12, 1)), ("w", date(2025, 11, 2))

    def digest(*rows):
        return tables_of(kind, rows).digest("s.t", ("a", "day"), until)

    assert digest(first, second) == digest(second, first) == digest(first, second, later)
    assert digest(first, second) != digest(first, other)
    assert digest(first, second) != digest(first, second, second)


def test_active_scheme_that_needs_signatures_stops_the_build_until_three_are_there():
    folder = SEEDS_DIR / "policy"
    seeds = {
        f"policy.{name}": pa.Table.from_pylist(read_rows(folder / f"{name}.csv"))
        for name in ("scheme_setting", "scheme_purpose")
    }
    purposes = seeds["policy.scheme_purpose"]
    asked = pa.array(["true"] + ["false"] * (purposes.num_rows - 1))
    place = purposes.schema.get_field_index("needs_signoff")
    seeds["policy.scheme_purpose"] = purposes.set_column(place, "needs_signoff", asked)
    names = ("seq", "role", "scheme_id", "scheme_version", "verdict")
    nobody = pa.table({name: pa.array([], pa.string()) for name in names})
    tables = MemoryTables(policy(5).tables | seeds | {"intermediate.int_scheme__signoff": nobody})
    with pytest.raises(RedError, match="no sign-off of version 1 by supply_chain, sales, finance"):
        run_schemes(tables, "2025-12-31")
