"""A company in which no rule moves a customer before the people whom it names have agreed.

Its policy is that of the other scenarios with one difference: the scheme enforces approvals. Up to
March the customers score like Silver or Gold; then some rise, some fall. The rule for a rise asks
twice and names the owner of the segment; the rule for a fall asks three times and names the owner
and sales. Both see the April figures on 6 May, and those of May on 6 June.
"""

import csv
import datetime as dt

import duckdb
import pytest

from dagster_project.governance import DecisionStore
from dagster_project.governance.audit.events import event_checks
from dagster_project.governance.requests import Act, Asker, fold
from dagster_project.governance.requests.impact import facts_of, impact_of
from dagster_project.governance.requests.rule_proposals import Waiting, waiting_in
from dagster_project.ingestion import land

from .small_company import ask, made
from .tiers import FIRST_DAY, Office, TierCompany, path_of, settings_of

pytestmark = pytest.mark.further

RISE = ("S3", "S2", "THRESHOLD_UP_S2", "OWNER")
FALL = ("S2", "S3", "THRESHOLD_DOWN_S2", "OWNER+SALES")
OLA, SAM = Asker("ola", "segment_owner"), Asker("sam", "sales")
RISING, FALLING = [51, 71, 71, 71, 71], [71, 41, 41, 41, 41, 41]


def decision(act, entity, move, *people, since="2025-05-06"):
    """What people decide about the proposal that waits since a day."""
    before, after, rule, route = move
    first = dt.date.fromisoformat(since)
    proposal = Waiting(
        *("any", "service", entity, rule, before, after, route, first, first, "as the rule says")
    )

    def decide(office: Office) -> None:
        for who in people:
            opening = proposal.opening(None)
            office.desk.decide(proposal.request_id, act, who, "seen", opening=opening)

    return decide


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The company at the end of June, after one build."""
    root = tmp_path_factory.mktemp("approvals")
    company = TierCompany()
    for name in ("UNDECIDED", "AGREED", "AGREED-LATE", "REJECTED"):
        company.customer(f"C-{name}", RISING)
    company.customer("C-FELL-BACK", [51, 71, 71, 51, 51])
    for name in ("ONE-OF-TWO", "BOTH", "CONTRACT"):
        company.customer(f"C-{name}", FALLING)
    signed = {"start_date": "2025-05-10", "signed_date": "2025-05-10"}
    company.contract("K-CONTRACT", "C-CONTRACT", tier_floor="S2", **signed)
    yes, no = Act.APPROVE, Act.REJECT
    company.on("2025-05-20 10:00", decision(yes, "C-AGREED", RISE, OLA))
    company.on("2025-06-03 10:00", decision(yes, "C-AGREED-LATE", RISE, OLA))
    company.on("2025-05-20 11:00", decision(no, "C-REJECTED", RISE, OLA))
    company.on("2025-05-20 12:00", decision(yes, "C-ONE-OF-TWO", FALL, OLA))
    company.on("2025-05-20 13:00", decision(yes, "C-BOTH", FALL, OLA))
    company.on("2025-06-10 10:00", decision(yes, "C-BOTH", FALL, SAM))
    company.on("2025-05-20 14:00", decision(yes, "C-CONTRACT", FALL, OLA, SAM))
    company.write(root)
    path = root / "policy" / "segment_scheme.csv"
    rows = list(csv.DictReader(path.open(newline="")))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"approval_enforced": "true"} for row in rows)
    settings = settings_of(root, FIRST_DAY)
    land(settings, from_dir=root / "first")
    company.decide(settings, until=FIRST_DAY)
    made(settings)
    return settings


@pytest.fixture
def waiting(built):
    """Run a query on the marts of the company."""
    return lambda query: ask(built, query)


def proposals_of(waiting, entity):
    """Day of each proposal of a move between tiers, what became of it, and for whom it waits."""
    rows = waiting(
        "select cast(evaluation_date as varchar) as day, approval_state, waits_for"
        f" from marts.mart_reclass_proposal where entity_id = '{entity}'"
        " and approval_state not in ('NOT_NEEDED') order by evaluation_date"
    )
    return [(row["day"], row["approval_state"], row["waits_for"]) for row in rows]


def test_what_needs_no_approval_happens_at_once(waiting):
    assert path_of(waiting, "C-UNDECIDED") == [
        ("N0", "2024-07-05", "FIRST_SEEN"),
        ("S3", "2024-08-06", "FIRST_SCORE_S3"),
    ]


def test_a_rise_that_nobody_decided_waits_for_the_owner_and_is_renewed_each_month(waiting):
    assert proposals_of(waiting, "C-UNDECIDED") == [
        ("2025-05-06", "RENEWED", None),
        ("2025-06-06", "WAITING", "segment_owner"),
    ]
    [row] = waiting(
        "select cast(waiting_since_date as varchar) as since, is_move, effective_date,"
        " to_segment_code from marts.mart_reclass_proposal where entity_id = 'C-UNDECIDED'"
        " and approval_state = 'WAITING'"
    )
    assert row == {
        "since": "2025-05-06",
        "is_move": False,
        "effective_date": None,
        "to_segment_code": "S2",
    }


def test_an_approved_rise_holds_from_the_month_after_the_approval(waiting):
    assert path_of(waiting, "C-AGREED")[2:] == [("S2", "2025-06-01", "THRESHOLD_UP_S2")]
    [event] = waiting(
        "select cast(recorded_at as date)::varchar as decided, request_id, proposal_id"
        " from marts.fct_segment_event where entity_id = 'C-AGREED' and event_seq = 3"
    )
    assert event["decided"] == "2025-05-21"
    [proposal] = waiting(
        "select approval_state, approved_by, request_id, is_move,"
        " cast(evaluation_date as varchar) as proposed, cast(effective_date as varchar) as first"
        f" from marts.mart_reclass_proposal where proposal_id = '{event['proposal_id']}'"
    )
    assert proposal == {
        "approval_state": "APPROVED",
        "approved_by": "ola (segment_owner)",
        "request_id": event["request_id"],
        "is_move": True,
        "proposed": "2025-05-06",
        "first": "2025-06-01",
    }


def test_an_approval_in_june_of_what_was_proposed_in_may_holds_from_july(waiting):
    assert path_of(waiting, "C-AGREED-LATE")[2:] == [("S2", "2025-07-01", "THRESHOLD_UP_S2")]


def test_a_rejected_rise_does_not_happen_and_the_rule_may_ask_again_next_month(waiting):
    assert path_of(waiting, "C-REJECTED")[-1][0] == "S3"
    assert proposals_of(waiting, "C-REJECTED") == [
        ("2025-05-06", "REJECTED", None),
        ("2025-06-06", "WAITING", "segment_owner"),
    ]


def test_a_proposal_lapses_when_the_score_no_longer_supports_it(waiting):
    assert path_of(waiting, "C-FELL-BACK")[-1][0] == "S3"
    assert proposals_of(waiting, "C-FELL-BACK") == [("2025-05-06", "LAPSED", None)]


def test_a_fall_needs_owner_and_sales_and_one_of_them_is_not_enough(waiting):
    assert path_of(waiting, "C-ONE-OF-TWO")[-1][0] == "S2"
    assert proposals_of(waiting, "C-ONE-OF-TWO")[-1] == (
        "2025-06-06",
        "WAITING",
        "segment_owner sales",
    )


def test_an_approval_before_a_renewal_still_counts_and_notice_runs_from_the_last_one(waiting):
    # Sales agrees on 10 June: thirty days of notice, then the next fiscal period.
    assert path_of(waiting, "C-BOTH")[-1] == ("S3", "2025-08-01", "THRESHOLD_DOWN_S2")
    [row] = waiting(
        "select approved_by from marts.mart_reclass_proposal where entity_id = 'C-BOTH'"
        " and approval_state = 'APPROVED'"
    )
    assert row["approved_by"] == "ola (segment_owner); sam (sales)"


def test_a_contract_that_began_meanwhile_is_stronger_than_the_approval(waiting):
    assert path_of(waiting, "C-CONTRACT")[-1][0] == "S2"
    assert proposals_of(waiting, "C-CONTRACT")[0] == ("2025-05-06", "LAPSED", None)


def test_every_move_of_a_rule_that_names_people_has_their_approval(waiting):
    [row] = waiting(
        "select count(*) as moves from marts.fct_segment_event as event"
        " inner join marts.mart_reclass_proposal as proposal using (proposal_id)"
        " where proposal.approval <> 'AUTO' and event.cause = 'RULE'"
        " and (proposal.approval_state <> 'APPROVED' or proposal.approved_by is null)"
    )
    assert row["moves"] == 0


def test_a_request_below_a_contract_is_a_violation_before_anybody_approves(built):
    day, ranks = dt.date(2025, 6, 30), {"S1": 1, "S2": 2, "S3": 3, "S4": 4}
    with duckdb.connect(str(built.warehouse_path), read_only=True) as con:
        con.execute("use warehouse.marts")
        facts = facts_of(con, ["C-CONTRACT", "C-BOTH"], "service", day)
        waits = waiting_in(con)
    below = impact_of(facts["C-CONTRACT"], "S3", ranks, effective=dt.date(2025, 8, 1))
    assert (below.has_floor_conflict, below.contract_floor) == (True, "S2")
    assert (below.contract_id, below.contract_end_date) == ("K-CONTRACT", None)
    assert below.revenue_at_risk == facts["C-CONTRACT"].revenue_12_months > 0
    assert facts["C-CONTRACT"].promised_orders == facts["C-CONTRACT"].open_orders > 0
    free = impact_of(facts["C-BOTH"], "S3", ranks, effective=dt.date(2025, 8, 1))
    assert (free.has_floor_conflict, free.contract_id) == (False, None)
    # What people are asked is what they already half decided: one request per waiting move.
    names = {one.entity_id: one.request_id for one in waits}
    assert {"C-UNDECIDED", "C-REJECTED", "C-ONE-OF-TWO"} <= set(names)
    log = fold(DecisionStore(built.decisions_url).read())
    assert log.requests[names["C-ONE-OF-TWO"]].roles_missing == ("sales",)


def test_the_record_of_such_a_company_is_in_order(built, waiting):
    found = waiting("select check_id, status, detail from marts.audit_control_result")
    status = {row["check_id"]: row["status"] for row in found}
    assert {name for name in status if status[name] == "FAIL"} == set(), found
    assert (status["A3"], status["A4"], status["A5"]) == ("PASS", "PASS", "PASS")
    assert status["A8"] == "NO_DATA"
    decisions = DecisionStore(built.decisions_url).read()
    asking = [f"service|{move[2]}" for move in (RISE, FALL)]
    with duckdb.connect(str(built.warehouse_path), read_only=True) as con:
        con.execute("use warehouse.marts")
        rules = [row[0] for row in con.execute("select rule_id from fct_segment_event").fetchall()]
        results = event_checks(con, rules, decisions, asking)
    assert {one.status for one in results.values()} == {"PASS"}
