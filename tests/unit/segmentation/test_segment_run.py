"""From warehouse tables to analytics tables: complete, consistent, the same every time."""

from collections import defaultdict
from datetime import date, datetime

import duckdb
import pyarrow as pa
import pytest
from segment_warehouse import activity_rows, warehouse

from dagster_project.analytics.tables import DuckDBTables
from dagster_project.errors import TierlineError, UsageError
from dagster_project.segmentation import run
from dagster_project.segmentation.run import OUTPUTS, run_segmentation
from dagster_project.segmentation.schemas import SCHEMAS

AS_OF = "2024-12-31"
OPEN = datetime(9999, 12, 31)


@pytest.fixture(scope="module")
def tables():
    tables = warehouse()
    run_segmentation(tables, AS_OF)
    return tables


def rows(tables, name):
    return tables.read(f"analytics.{name}").to_pylist()


def test_summary_counts_every_entity_once():
    summary = run_segmentation(warehouse(), AS_OF)["service"]
    assert sum(summary["entities_by_segment"].values()) == 40
    assert summary["entities_by_segment"]["X0"] == 1
    assert summary["last_evaluation_month"] == "2024-11"


def test_tables_have_their_declared_types(tables):
    for name in OUTPUTS:
        assert tables.read(f"analytics.{name}").schema.equals(SCHEMAS[name])


def test_contributions_add_up_to_the_score_to_the_last_digit(tables):
    parts = defaultdict(int)
    for row in rows(tables, "segment_score"):
        parts[row["entity_id"], row["evaluation_month"]] += row["contribution"]
    scored = {
        (row["entity_id"], row["evaluation_month"]): row["score"]
        for row in rows(tables, "segment_total")
        if row["score"] is not None
    }
    assert parts == scored


def test_rank_is_the_place_by_score(tables):
    by_month = defaultdict(list)
    for row in rows(tables, "segment_total"):
        if row["score"] is not None:
            by_month[row["evaluation_month"]].append((row["score"], row["score_rank"]))
    for month in by_month.values():
        assert all(rank == 1 + sum(s > score for s, _ in month) for score, rank in month)


def test_events_form_a_chain_per_entity(tables):
    last = {}
    for row in sorted(
        rows(tables, "segment_event"), key=lambda r: (r["entity_id"], r["event_seq"])
    ):
        before = last.get(row["entity_id"])
        assert row["event_seq"] == (before["event_seq"] + 1 if before else 1)
        assert row["from_segment_code"] == (before["to_segment_code"] if before else None)
        last[row["entity_id"]] = row
    ids = [row["event_id"] for row in rows(tables, "segment_event")]
    assert len(ids) == len(set(ids))


def test_latest_beliefs_tell_the_last_decision_of_each_entity(tables):
    decided = {r["entity_id"]: r["to_segment_code"] for r in rows(tables, "segment_event")}
    open_rows = {
        r["entity_id"]: r["segment_code"]
        for r in rows(tables, "segment_assignment")
        if r["recorded_to"] == OPEN and r["valid_to"] == date(9999, 12, 31)
    }
    assert open_rows == decided


def test_a_later_day_only_adds_decisions_and_closes_beliefs():
    early, late = warehouse(), warehouse()
    run_segmentation(early, "2024-06-30")
    run_segmentation(late, AS_OF)
    assert all(row in rows(late, "segment_event") for row in rows(early, "segment_event"))
    key = ("entity_id", "segment_code", "valid_from", "valid_to", "recorded_from", "event_id")
    known = {tuple(row[k] for k in key) for row in rows(late, "segment_assignment")}
    assert {tuple(row[k] for k in key) for row in rows(early, "segment_assignment")} <= known


def test_row_order_and_engine_make_no_difference(tables):
    with duckdb.connect() as con:
        other, source = DuckDBTables(con), warehouse(activity_rows()[::-1])
        for name, table in source.tables.items():
            other.write(name, table)
        run_segmentation(other, AS_OF)
        # A mark is of one engine: each hashes its rows in its own way.
        for name in [name for name in OUTPUTS if name != "segment_mark"]:
            found = other.read(f"analytics.{name}").cast(SCHEMAS[name])
            keys = [(c, "ascending") for c in SCHEMAS[name].names[:4]]
            expected = tables.read(f"analytics.{name}")
            assert found.sort_by(keys).equals(expected.sort_by(keys)), name


def test_activity_of_an_unknown_entity_is_refused():
    stray = activity_rows()[:1]
    stray[0]["entity_id"] = "nobody"
    with pytest.raises(TierlineError, match="int_segment__entity"):
        run_segmentation(warehouse(stray), AS_OF)


def test_company_without_any_activity_gets_first_segments_and_empty_scores():
    tables = warehouse([])
    summary = run_segmentation(tables, AS_OF)["service"]
    assert summary["evaluations"] == 0
    assert tables.read("analytics.segment_score").num_rows == 0
    assert len(rows(tables, "segment_assignment")) == 40


@pytest.fixture
def spied(monkeypatch):
    """Counts how often the engine replays."""
    calls = []
    real = run.evaluate
    monkeypatch.setattr(run, "evaluate", lambda *given: calls.append(1) or real(*given))
    return calls


def test_day_that_closes_no_month_replays_nothing_and_keeps_the_tables(spied):
    tables = warehouse()
    first = run_segmentation(tables, "2024-12-20")
    kept = {name: tables.tables[f"analytics.{name}"] for name in OUTPUTS}
    rows = activity_rows()
    rows[-1] |= {"known_month": date(2025, 1, 1), "activity_month": date(2025, 1, 1)}
    rows[-1]["orders_count"] = 99
    tables.tables["intermediate.int_customer__month"] = warehouse(activity_rows() + rows[-1:]).read(
        "intermediate.int_customer__month"
    )
    assert run_segmentation(tables, "2024-12-21") == first
    assert len(spied) == 1
    assert all(tables.tables[f"analytics.{name}"] is table for name, table in kept.items())


@pytest.mark.parametrize(
    ("relation", "column", "value"),
    [
        pytest.param("policy.reclass_rule", "min_dwell_days", "91", id="a rule"),
        pytest.param("policy.segment_threshold", "threshold_up", "84", id="a threshold"),
        pytest.param("policy.scheme_attribute", "weight", "0.5", id="a weight"),
        pytest.param("intermediate.int_segment__entity", "is_excluded", True, id="an exclusion"),
        pytest.param("intermediate.int_customer__month", "orders_count", 7, id="a known order"),
    ],
)
def test_whatever_the_result_follows_from_makes_a_new_replay(spied, relation, column, value):
    tables = warehouse()
    run_segmentation(tables, "2024-12-20")
    table = tables.tables[relation]
    rows = table.to_pylist()
    place = 12 if relation.endswith("rule") else 0
    assert rows[place][column] != value
    rows[place][column] = value
    tables.tables[relation] = pa.Table.from_pylist(rows, schema=table.schema)
    run_segmentation(tables, "2024-12-20")
    assert len(spied) == 2


def test_day_that_closes_a_month_replays(spied):
    tables = warehouse()
    run_segmentation(tables, "2024-12-04")
    run_segmentation(tables, "2024-12-05")
    assert len(spied) == 2


def test_mistake_in_a_rule_stops_the_build_with_row_column_and_cure_and_writes_nothing():
    tables = warehouse()
    table = tables.tables["policy.reclass_rule"]
    rows = table.to_pylist()
    rows[13]["freeze_windows"] = '["13-01/13-31"]'
    rows[15]["max_steps"] = "many"
    tables.tables["policy.reclass_rule"] = pa.Table.from_pylist(rows, schema=table.schema)
    with pytest.raises(UsageError) as caught:
        run_segmentation(tables, AS_OF)
    assert "reclass_rule.csv, row 15" in caught.value.why
    assert "column freeze_windows" in caught.value.why
    assert "1 more mistakes follow" in caught.value.why
    assert caught.value.fix
    assert not any(name.startswith("analytics.") for name in tables.tables)
