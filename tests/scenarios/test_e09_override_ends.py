"""E09: a person sets a tier for some weeks; on the day after, the rules' own result holds again.

C-E09 scores like Silver. Anna asks for Platinum from 15 March to 20 May, and four people approve.
"""

import datetime as dt

from .tiers import TierCompany, path_of


def planted(company: TierCompany) -> None:
    company.customer("C-E09", [51])

    def ask(office):
        until = dt.date(2025, 5, 20)
        office.approve(office.request("C-E09", "S3", "S1", "2025-03-15", holds_until=until))

    company.on("2025-03-11 10:00", ask)


def test_override_holds_from_its_first_to_its_last_day(tiers):
    assert path_of(tiers, "C-E09")[1:] == [
        ("S3", "2024-08-06", "FIRST_SCORE_S3"),
        ("S1", "2025-03-15", "MANUAL_OVERRIDE"),
        ("S3", "2025-05-21", "OVERRIDE_EXPIRED"),
    ]


def test_event_names_the_request_and_the_proposal_who_approved(tiers):
    [event] = tiers(
        "select request_id, reason, proposal_id from marts.fct_segment_event"
        " where entity_id = 'C-E09' and cause = 'MANUAL_OVERRIDE'"
    )
    assert event["request_id"].startswith("SR-")
    assert event["reason"] == f"Set to S1 until 2025-05-20 by request {event['request_id']}."
    [row] = tiers(
        "select approval, approved_by, request_id from marts.mart_reclass_proposal"
        f" where proposal_id = '{event['proposal_id']}'"
    )
    assert row["request_id"] == event["request_id"]
    assert row["approval"] == "SEGMENT_OWNER+SALES+FINANCE+COMMITTEE"
    assert "committee person (committee)" in row["approved_by"]


def test_no_rule_moves_the_customer_meanwhile(tiers):
    # Its score would take Platinum away each month; the override stands above it.
    rows = tiers(
        "select cause, losers from marts.mart_reclass_proposal where entity_id = 'C-E09'"
        " and evaluation_date between date '2025-03-16' and date '2025-05-20'"
    )
    assert all(row["cause"] != "RULE" for row in rows)
