"""What a day brings: families that change or end, merges, and what rules wait for."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from segment_warehouse import activity_rows, warehouse

from dagster_project.segmentation.happened import happened, merged_segment, too_late
from dagster_project.segmentation.history import Family
from dagster_project.segmentation.run import run_segmentation
from dagster_project.segmentation.told import Told, Wishes

AS_OF = "2024-12-31"
DAY = date(2024, 5, 14)
RULES = "policy.reclass_rule"


def days(*values):
    return np.array(values, dtype=np.int64)


def with_rule(tables, event, target="S4"):
    """A rule that moves whoever has an event."""
    rules = tables.read(RULES).to_pylist()
    rule = next(row for row in rules if row["rule_id"] == "MERGED")
    rule = rule | {"rule_id": "WAITS", "trigger_event": event, "target_segment": target}
    tables.write(RULES, pa.Table.from_pylist([*rules, rule], schema=tables.read(RULES).schema))
    return tables


def with_happening(tables, entity, kind):
    rows = [{"entity_id": entity, "event_kind": kind, "event_date": DAY}]
    tables.write("intermediate.int_segment__happening", pa.Table.from_pylist(rows))
    return tables


def with_column(tables, **columns):
    name = "intermediate.int_segment__entity"
    found = [row | dict.fromkeys(columns) for row in tables.read(name).to_pylist()]
    for column, (entity, value) in columns.items():
        for row in found:
            if row["entity_id"] == entity:
                row[column] = value
    tables.write(name, pa.Table.from_pylist(found))
    return tables


def events(tables, rule):
    found = tables.read("analytics.segment_event").to_pylist()
    return [(r["entity_id"], r["valid_from"]) for r in found if r["rule_id"] == rule]


@pytest.mark.parametrize("kind", ["CREDIT_HOLD", "SPLIT"])
def test_rule_acts_at_the_end_of_the_day_on_which_it_happened(kind):
    tables = with_happening(with_rule(warehouse(), kind), "E03", kind)
    run_segmentation(tables, AS_OF)
    assert events(tables, "WAITS") == [("E03", date(2024, 5, 15))]


def test_what_no_rule_waits_for_changes_nothing():
    plain, stopped = warehouse(), with_happening(warehouse(), "E03", "CREDIT_HOLD")
    for tables in (plain, stopped):
        run_segmentation(tables, AS_OF)
    name = "analytics.segment_event"
    assert stopped.read(name).equals(plain.read(name))


def test_entity_that_everyone_left_ends_on_the_day_and_is_not_scored_again():
    tables = with_column(warehouse(), dissolved_date=("E03", DAY))
    run_segmentation(tables, AS_OF)
    assert events(tables, "DISSOLVED") == [("E03", DAY)]
    totals = tables.read("analytics.segment_total").to_pylist()
    last = max(row["evaluation_month"] for row in totals if row["entity_id"] == "E03")
    assert last == date(2024, 4, 1)


def test_nothing_is_believed_of_a_merged_entity_from_the_end_of_that_day_on():
    tables = with_column(
        warehouse(), merged_date=("E03", DAY), merged_into_entity_id=("E03", "E04")
    )
    run_segmentation(tables, AS_OF)
    rows = tables.read("analytics.segment_assignment").to_pylist()
    own = [row for row in rows if row["entity_id"] == "E03"]
    assert max(row["recorded_to"].date() for row in own) == date(2024, 5, 15)
    assert any(row["recorded_to"].year == 9999 for row in rows if row["entity_id"] == "E04")


def test_the_order_of_the_rows_changes_nothing():
    found = []
    for rows in (activity_rows(), activity_rows()[::-1]):
        tables = with_column(
            warehouse(rows), merged_date=("E03", DAY), merged_into_entity_id=("E03", "E04")
        )
        run_segmentation(tables, AS_OF)
        found.append(tables.read("analytics.segment_assignment"))
    assert found[0].equals(found[1])


def test_requests_that_come_after_the_merge_are_named():
    family = Family(merged_day=days(100, 999), merged_into=days(1, -1))
    wishes = Wishes(request_id=["A", "B", "C"], entity=days(0, 0, 1), moment=days(99, 100, 100))
    assert too_late(family, wishes) == ["B"]


def test_best_segment_of_those_who_are_merged_counts():
    family = Family(merged_day=days(100, 100, 200, 999), merged_into=days(3, 3, 3, -1))
    assert merged_segment(family, 100, days(2, 1, 0, 3), 7).tolist() == [-1, -1, -1, 1]
    assert merged_segment(family, 101, days(2, 1, 0, 3), 7) is None


def test_events_are_those_of_the_day():
    family = Family(since_day=days(100, 101), merged_day=days(999, 100), merged_into=days(-1, 0))
    told = Told(family=family, happened={"SPLIT": (days(1), days(100))})
    found = happened(told, 100, days(0, 1))
    assert {kind: mask.tolist() for kind, mask in found.items()} == {
        "SPLIT": [False, True],
        "ACQUISITION": [True, False],
        "MERGE": [True, False],
    }
