"""From warehouse tables to analytics tables: complete, consistent, the same every time."""

from collections import defaultdict
from datetime import date, datetime

import duckdb
import pytest
from segment_warehouse import activity_rows, warehouse

from dagster_project.analytics.tables import DuckDBTables
from dagster_project.errors import TierlineError
from dagster_project.segmentation.output import SCHEMAS
from dagster_project.segmentation.run import OUTPUTS, run_segmentation

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
        for name in OUTPUTS:
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
