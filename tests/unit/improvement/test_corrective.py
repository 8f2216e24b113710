"""An action is opened by months below target or a signal, and ends by a shift that can be seen."""

from datetime import date

import pytest

from dagster_project.improvement.corrective import effect_of, replay, trigger_of
from dagster_project.improvement.values import Series

MONTHS = [date(2025 + k // 12, k % 12 + 1, 1) for k in range(18)]


def series(values, target=0.95, signals=None):
    by_month = dict(zip(MONTHS, values, strict=False))
    return Series(
        by_month, dict.fromkeys(by_month, 100), dict.fromkeys(by_month, target), signals or {}
    )


def act(name, what, month, effective=None):
    return {
        "action_id": name,
        "act": what,
        "decided_month": MONTHS[month],
        "effective_month": None if effective is None else MONTHS[effective],
    }


def actions(of, acts=(), others=(), months=None):
    return replay("service:S1|OTIF", of, others, MONTHS[:months], acts, 4, 3, 6)


def test_three_of_four_months_below_target_open_one_action():
    found = actions(series([0.97, 0.93, 0.96, 0.92, 0.90, 0.91, 0.92]), months=7)
    assert [(one.action_id, one.opened, one.trigger) for one in found] == [
        ("service:S1|OTIF|1", MONTHS[4], "BELOW_TARGET")
    ]


def test_two_of_four_open_none():
    assert actions(series([0.97, 0.93, 0.96, 0.92]), months=4) == []


def test_unfavourable_signal_opens_one_and_a_favourable_one_does_not():
    good = [0.97] * 6
    assert trigger_of(series(good, signals={MONTHS[5]: "RUN_BELOW"}), MONTHS[:6], 4, 3) == "SIGNAL"
    assert trigger_of(series(good, signals={MONTHS[5]: "ABOVE_LIMIT"}), MONTHS[:6], 4, 3) is None


BAD = [0.90, 0.91, 0.89, 0.90, 0.91, 0.90]
CLOSED = [
    act("service:S1|OTIF|1", "plan", 4, effective=6),
    act("service:S1|OTIF|1", "start", 5),
    act("service:S1|OTIF|1", "close", 11),
]


def test_planted_fix_is_verified_by_the_shift():
    (one,) = actions(series([*BAD, *[0.97, 0.98, 0.97, 0.96, 0.98, 0.97]]), CLOSED, months=12)
    assert (one.status, one.ended, one.effect.is_shift) == ("CLOSED", MONTHS[11], True)
    assert one.effect.after - one.effect.before == pytest.approx(0.97167 - 0.90167, abs=1e-5)


def test_action_without_effect_is_opened_again_on_a_higher_level():
    found = actions(series([*BAD, *BAD]), CLOSED, months=12)
    assert [(one.status, one.level, one.trigger) for one in found] == [
        ("INEFFECTIVE", 1, "BELOW_TARGET"),
        ("OPEN", 2, "INEFFECTIVE_BEFORE"),
    ]


def test_closed_too_early_it_waits_for_its_months():
    (one,) = actions(
        series([*BAD, 0.97, 0.98]), [*CLOSED[:2], act("service:S1|OTIF|1", "close", 7)], months=8
    )
    assert (one.status, one.ended) == ("VERIFY", None)


def test_what_got_better_everywhere_was_not_the_action():
    better = [*BAD, *[0.97] * 6]
    alone = effect_of(series(better).value, [], MONTHS[6], MONTHS[11], 6)
    everywhere = effect_of(series(better).value, [series(better).value], MONTHS[6], MONTHS[11], 6)
    assert alone.helped
    assert everywhere.is_shift
    assert not everywhere.helped


def test_acts_decide_the_state():
    found = [actions(series(BAD), CLOSED[:k], months=6)[0].status for k in range(3)]
    assert found == ["OPEN", "PLANNED", "DOING"]
