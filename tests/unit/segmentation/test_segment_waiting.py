"""Where approvals are enforced, people have the last word about what rules propose.

Forty customers and two years, replayed by the policy that ships with the one setting changed.
"""

from dataclasses import replace

import numpy as np
import pytest
from segment_warehouse import warehouse

from dagster_project.segmentation.engine import evaluate
from dagster_project.segmentation.run import read_activity, read_entities, read_policy
from dagster_project.segmentation.told import Told, Verdicts

AS_OF = "2024-12-31"


@pytest.fixture(scope="module")
def company():
    tables = warehouse()
    entities = read_entities(tables)
    (scheme,) = read_policy(tables)
    return entities, read_activity(tables, entities), scheme


def outcome_of(company, verdicts=None, enforced=True):
    entities, activity, scheme = company
    scheme = replace(scheme, approval_enforced=enforced)
    return evaluate(entities, activity, scheme, AS_OF, Told(verdicts=verdicts or Verdicts()))


def waiting_in(outcome, *states):
    """Entity, segment before and after, and day since which it waits."""
    states = states or ("WAITING",)
    return [
        (int(r.entity[k]), int(r.proposals.before[k]), int(r.proposals.after[k]), one.since_day)
        for r in outcome.rulings
        for k, one in sorted(r.standing.items())
        if one.state in states
    ]


def saying(said, is_yes=True, days=1):
    """Verdicts that count some days after the proposals."""
    said = sorted(said, key=lambda one: one[3])
    columns = np.array(said, dtype=np.int64).reshape(-1, 4)
    return Verdicts(
        [f"R{k}" for k in range(len(said))],
        ["ola (segment_owner)"] * len(said),
        *(columns[:, k] for k in range(4)),
        columns[:, 3] + days,
        np.full(len(said), is_yes),
    )


def approving_everything(company):
    """Everybody approves on the day of the proposal, however often rules propose."""
    agreed = []
    while True:
        outcome = outcome_of(company, saying(agreed))
        # The first day first: what follows from its approvals is not known before.
        new = set(waiting_in(outcome, "WAITING", "RENEWED", "LAPSED"))
        first = min((one[3] for one in new), default=None)
        if first is None:
            return outcome
        agreed += sorted(one for one in new if one[3] == first)


def moves(outcome):
    return [
        (e.entity, e.before, e.after, e.valid_from_day, e.rule)
        for e in sorted(outcome.events, key=lambda e: (e.entity, e.recorded_day))
    ]


def by_thresholds(outcome):
    return [event for event in outcome.events if event.rule.startswith("THRESHOLD")]


def test_without_the_setting_nothing_waits_and_rules_move(company):
    outcome = outcome_of(company, enforced=False)
    assert waiting_in(outcome) == []
    assert by_thresholds(outcome)


def test_with_it_no_rule_that_names_people_moves_anybody_alone(company):
    outcome = outcome_of(company)
    assert by_thresholds(outcome) == []
    assert waiting_in(outcome)
    # First tiers and dormancy ask nobody.
    assert any(event.rule.startswith("FIRST_SCORE") for event in outcome.events)


def test_if_everything_is_approved_at_once_the_paths_are_those_without_the_setting(company):
    assert moves(approving_everything(company)) == moves(outcome_of(company, enforced=False))


def test_an_approved_event_names_the_request_and_the_day_of_its_proposal(company):
    for event in by_thresholds(approving_everything(company)):
        assert event.request_id.startswith("R")
        assert event.recorded_day == event.proposed_day + 1


def test_a_rejection_moves_nobody_and_the_proposal_is_rejected(company):
    waiting = waiting_in(outcome_of(company))[:1]
    outcome = outcome_of(company, saying(waiting, is_yes=False))
    states = [one.state for r in outcome.rulings for one in r.standing.values()]
    assert states.count("REJECTED") == 1
    assert by_thresholds(outcome) == []


def test_after_a_rejection_the_rules_cool_off_as_long_as_they_say(company):
    entities, activity, scheme = company
    days = {"cool_off_after_override_days": "365"}
    rules = tuple(
        {**row, **days} if str(row["rule_id"]).startswith("THRESHOLD") else row
        for row in scheme.rules
    )
    calm = (entities, activity, replace(scheme, rules=rules))
    first = min(
        (
            (int(r.entity[k]), int(r.proposals.before[k]), int(r.proposals.after[k]), s.since_day)
            for r in outcome_of(calm).rulings
            for k, s in r.standing.items()
        ),
        key=lambda one: one[3],
    )
    outcome = outcome_of(calm, saying([first], is_yes=False))
    later = [
        r.proposals.day
        for r in outcome.rulings
        for k in r.standing
        if int(r.entity[k]) == first[0] and r.proposals.day > first[3]
    ]
    assert all(day - first[3] > 365 for day in later)


@pytest.mark.parametrize("column", range(1, 4), ids=["from", "to", "since"])
def test_a_verdict_about_another_move_counts_for_nothing(company, column):
    one = list(waiting_in(outcome_of(company))[0])
    one[column] += 1
    outcome = outcome_of(company, saying([tuple(one)], days=1 if column < 3 else 0))
    assert by_thresholds(outcome) == []


def test_the_same_verdicts_in_the_same_order_give_the_same_events(company):
    said = saying(waiting_in(outcome_of(company)), days=2)
    first, second = outcome_of(company, said), outcome_of(company, said)
    assert first.events == second.events
    assert by_thresholds(first)
