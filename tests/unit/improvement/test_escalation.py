"""A breach that nobody acknowledges goes up, level by level; the clock is frozen."""

import csv
from datetime import UTC, datetime, timedelta

import pytest

from dagster_project.errors import UsageError
from dagster_project.improvement.escalation import (
    MOVES,
    Act,
    check_act,
    levels_of,
    parse_levels,
    standing,
)
from dagster_project.settings import SEEDS_DIR

T = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def after(hours: float) -> datetime:
    return T + timedelta(hours=hours)


def levels(segment="service:S1"):
    with (SEEDS_DIR / "policy" / "escalation_rule.csv").open(newline="") as handle:
        return levels_of(parse_levels(csv.DictReader(handle)), segment)


@pytest.mark.parametrize(
    ("hours", "level", "role"),
    [
        (0.99, 0, None),
        (1, 1, "key_account_manager"),
        (3.99, 1, "key_account_manager"),
        (4, 2, "head_of_supply_chain"),
        (24, 3, "managing_director"),
        (240, 3, "managing_director"),
    ],
)
def test_unacknowledged_platinum_breach_escalates_after_one_hour_then_four(hours, level, role):
    found = standing(T, [], levels(), after(hours))
    assert (found.state, found.level, found.role) == ("OPEN", level, role)


def test_acknowledged_in_time_it_stays_where_it_is():
    found = standing(T, [Act("ack", after(0.5))], levels(), after(100))
    assert (found.state, found.level, found.next_at) == ("ACK", 0, None)
    assert found.clock == timedelta(minutes=30)


def test_acknowledged_late_it_has_escalated_and_goes_no_further():
    assert standing(T, [Act("ack", after(2))], levels(), after(100)).level == 1


def test_acknowledgement_after_the_moment_asked_about_does_not_count():
    assert standing(T, [Act("ack", after(5))], levels(), after(4)).level == 2


def test_clock_stands_still_in_a_pause():
    acts = [Act("pause", after(0.5)), Act("resume", after(10))]
    assert standing(T, acts, levels(), after(10.4)).level == 0
    assert standing(T, acts, levels(), after(10.5)).level == 1
    paused = standing(T, acts[:1], levels(), after(9))
    assert (paused.level, paused.is_paused, paused.next_at) == (0, True, None)


def test_it_is_told_when_the_next_level_is_reached():
    assert standing(T, [], levels(), after(0.5)).next_at == after(1)
    assert standing(T, [], levels(), after(2)).next_at == after(4)
    assert standing(T, [], levels(), after(30)).next_at is None


def test_lower_tier_has_more_time_and_whoever_has_no_tier_has_that_of_the_last():
    assert standing(T, [], levels("service:S4"), after(23)).level == 0
    assert levels("service:N0") == levels("service:S4")


def test_order_in_which_acts_are_read_does_not_matter():
    acts = [Act("ack", after(1)), Act("contain", after(2)), Act("pause", after(0.2))]
    now = after(3)
    assert standing(T, acts, levels(), now) == standing(T, acts[::-1], levels(), now)


@pytest.mark.parametrize("act", MOVES)
@pytest.mark.parametrize("done", range(6))
def test_only_the_next_state_can_be_reached(act, done):
    before = [Act(name, after(k)) for k, name in enumerate(list(MOVES)[:done])]
    said = {"cause": "TRANSPORT", "evidence": "waybill 7"}
    if list(MOVES)[done : done + 1] == [act]:
        check_act("O-1|LATE", before, act, said)
    else:
        with pytest.raises(UsageError, match=r"O-1\|LATE"):
            check_act("O-1|LATE", before, act, said)


@pytest.mark.parametrize(
    ("acts", "act", "why"),
    [
        (["ack", "contain"], "rca", "does not say cause and evidence"),
        ([], "step", "does not say step"),
        ([], "pause", "does not say pause_reason"),
        (["pause"], "pause", "stands still already"),
        ([], "resume", "runs already"),
        (list(MOVES), "step", "It is CLOSED"),
    ],
)
def test_act_that_does_not_fit_is_refused_with_the_reason(acts, act, why):
    before = [Act(name, after(k)) for k, name in enumerate(acts)]
    said = {"pause_reason": "FORCE_MAJEURE"} if acts == ["pause"] else {}
    with pytest.raises(UsageError, match=why):
        check_act("O-1|LATE", before, act, said)


def test_levels_that_do_not_come_later_are_refused():
    rows = [
        {"segment_code": "S1", "level": 1, "after_hours": 4, "role": "a"},
        {"segment_code": "S1", "level": 2, "after_hours": 4, "role": "b"},
    ]
    with pytest.raises(UsageError, match="segment S1, level 2, column after_hours"):
        parse_levels(rows)
