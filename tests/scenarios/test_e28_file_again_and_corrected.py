"""E28: the same file is delivered twice; then a corrected one supersedes it."""

from datetime import datetime

from .world import write_batch

FEED = ("crm", "sales_visit")
WINDOW = {
    "mode": "DELTA",
    "window_from": "2025-06-01T00:00:00Z",
    "window_to": "2025-06-08T00:00:00Z",
}


def visits(*minutes):
    return [
        {
            "visit_id": f"E28-{number}",
            "account_id": "E28-A",
            "rep_id": "E28-R",
            "visited_at": "2025-06-03T09:00:00Z",
            "duration_minutes": duration,
            "visit_type": "CALL",
            "_op": "I",
        }
        for number, duration in enumerate(minutes, start=1)
    ]


def delivered(root):
    first, corrected = visits(30, 45), visits(30, 60, 15)
    write_batch(root, *FEED, "E28-FIRST", first, extracted_at="2025-06-08T01:00:00Z", **WINDOW)
    write_batch(root, *FEED, "E28-AGAIN", first, extracted_at="2025-06-09T01:00:00Z", **WINDOW)
    write_batch(
        root,
        *FEED,
        "E28-FIXED",
        corrected,
        extracted_at="2025-06-10T01:00:00Z",
        supersedes_batch_id="E28-FIRST",
        **WINDOW,
    )


def test_the_second_is_skipped_by_its_content_and_the_first_is_superseded(ask):
    rows = ask(
        "select batch_id, status, inactive_reason, is_active from staging.stg_landing__batch"
        " where batch_id like 'E28-%' order by batch_id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("E28-AGAIN", "duplicate", None, False),
        ("E28-FIRST", "accepted", "superseded", False),
        ("E28-FIXED", "accepted", None, True),
    ]


def test_only_the_corrected_rows_stand_and_each_once(ask):
    rows = ask(
        "select visit_id, cast(duration_minutes as int) as minutes, _known_at"
        " from staging.stg_crm__sales_visit where visit_id like 'E28-%' order by visit_id"
    )
    assert [(row["visit_id"], row["minutes"]) for row in rows] == [
        ("E28-1", 30),
        ("E28-2", 60),
        ("E28-3", 15),
    ]
    # The correction takes the place in time of what it corrects.
    assert {row["_known_at"] for row in rows} == {datetime(2025, 6, 8, 1)}


def test_the_counts_tie_again_from_landing_to_staging(ask):
    rows = ask(
        "select control_id, dimension, status from marts.fct_control_result"
        " where dimension like 'feed=crm.sales_visit%' and control_id in ('R-12', 'R-13')"
        " order by control_id, dimension"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("R-12", "feed=crm.sales_visit", "PASS"),
        ("R-13", "feed=crm.sales_visit|hop=landing", "PASS"),
        ("R-13", "feed=crm.sales_visit|hop=raw", "PASS"),
        ("R-13", "feed=crm.sales_visit|hop=staging", "PASS"),
    ]
