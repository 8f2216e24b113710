"""Contracts and people are heard on the day on which something begins or ends, and not before."""

from dataclasses import replace

import numpy as np
import pytest
from segment_cases import Move, at_percentile, crowd, days, months, path, quick_scheme, rows, text
from segment_cases import entities as plain_entities

from dagster_project.reclassification.effective import Calendar
from dagster_project.reclassification.scope import Words
from dagster_project.segmentation.assignments import OPEN_DAY
from dagster_project.segmentation.engine import _Run, evaluate, evaluated_months
from dagster_project.segmentation.told import Promises, Told, Wishes

SPINE = months("2024-01", 12)
AS_OF = "2024-12-31"
CODES = ("S1", "S2", "S3", "S4", "N0", "D0", "X0")


def day_of(value):
    return OPEN_DAY if value is None else days(value)


def contracts(*rows):
    """Each: name, entity, tier or None, known, begins, ends, and when a newer version is known."""
    full = [(*row, None)[:7] for row in rows]
    name, entity, tier, known, first, end, until = zip(*full, strict=True)
    return Promises(
        list(name),
        np.array(entity, dtype=np.int64),
        np.array([-1 if one is None else CODES.index(one) for one in tier]),
        *(np.array([day_of(one) for one in column]) for column in (known, until, first, end)),
    )


def wishes(*rows):
    """Each: entity, segment, moment, effective day, last moment or None."""
    entity, segment, moment, effective, until = zip(*rows, strict=True)
    count = len(rows)
    return Wishes(
        *([f"{kind}-{k}" for k in range(count)] for kind in ("SR", "words", "route", "who")),
        np.array(entity, dtype=np.int64),
        np.array([CODES.index(one) for one in segment]),
        *(np.array([day_of(one) for one in column]) for column in (moment, effective, until)),
        np.arange(count),
        np.array([one is not None for one in until]),
        np.zeros(count, dtype=bool),
    )


def story(percentile, told, scheme=None, as_of=AS_OF):
    facts = crowd(SPINE) + [(0, m, at_percentile(percentile)) for m in SPINE]
    scheme = scheme or quick_scheme()
    return evaluate(plain_entities(101), rows(*facts), scheme, as_of, told)


def moves(outcome):
    """After, first day, cause and day of decision of customer 0."""
    found = [e for e in outcome.events if e.entity == 0 and e.before]
    return [(e.after, text(e.valid_from_day), e.cause, text(e.recorded_day)) for e in found]


def test_contract_counts_from_its_first_day_when_it_was_known_before():
    floor = contracts(("K", 0, "S2", "2024-03-01", "2024-04-10", "2025-04-10"))
    assert moves(story(10, Told(floor)))[1:] == [
        ("S2", "2024-04-10", "CONTRACT_FLOOR", "2024-04-10")
    ]


def test_contract_that_comes_late_reaches_back_to_its_first_day():
    floor = contracts(("K", 0, "S2", "2024-06-20", "2024-04-10", "2025-04-10"))
    assert moves(story(10, Told(floor)))[1:] == [
        ("S2", "2024-04-10", "CONTRACT_FLOOR", "2024-06-20")
    ]


def test_known_contract_reaches_back_no_second_time():
    # In force all along, but the customer slept and wakes up below the floor in October.
    floor = contracts(("K", 0, "S1", "2024-01-01", "2024-01-01", None))
    spine = months("2024-01", 2) + months("2024-10", 3)
    facts = crowd(SPINE) + [(0, m, at_percentile(10)) for m in spine]
    scheme = quick_scheme(dormant_min_days=180)
    found = moves(evaluate(plain_entities(101), rows(*facts), scheme, AS_OF, Told(floor)))
    assert [(after, cause) for after, _, cause, _ in found] == [
        ("S1", "CONTRACT_FLOOR"),
        ("D0", "RULE"),
        ("S1", "CONTRACT_FLOOR"),
    ]
    assert found[-1][1] == found[-1][3]


def test_newer_version_takes_the_place_of_the_older_on_the_day_on_which_it_is_known():
    floor = contracts(
        ("K", 0, "S1", "2024-02-01", "2024-02-01", None, "2024-07-15"),
        ("K", 0, "S3", "2024-07-15", "2024-02-01", None),
    )
    scheme = quick_scheme(down=Move(1, 0, 0))
    found = moves(story(10, Told(floor), scheme))
    assert [after for after, *_ in found] == ["S1", "S2", "S3"]
    assert found[1][3] == "2024-07-15"
    # Each step waits until the one before it is in force; the newer floor ends the fall.
    assert found[-1][0] == "S3"


def test_contract_without_floor_is_heard_only_where_a_rule_waits_for_it():
    bare = contracts(("K", 0, None, "2024-05-15", "2024-05-15", "2024-09-15"))
    assert moves(story(10, Told(bare))) == moves(story(10, Told()))
    waits = {
        "rule_id": "SIGNED",
        "priority": "5",
        "trigger_event": "CONTRACT_SIGNED",
        "cadence": "EVENT",
        "direction": "TO_SPECIFIC",
        "target_segment": "S1",
        "max_steps": "9",
        "metric_id": "",
        "explain_template": "A contract was signed.",
    }
    scheme = quick_scheme()
    plain = next(row for row in scheme.rules if row["rule_id"] == "REACTIVATED_NEW")
    scheme = replace(scheme, rules=(*scheme.rules, {**plain, "scope_filter": "", **waits}))
    assert ("S1", "2024-05-15", "RULE", "2024-05-15") in moves(story(10, Told(bare), scheme))


def test_request_moves_once_and_the_rules_go_on_from_there():
    asked = wishes((0, "S1", "2024-05-20", "2024-05-20", None))
    found = moves(story(10, Told(wishes=asked), quick_scheme(down=Move(1, 0, 0))))
    assert found[1] == ("S1", "2024-05-20", "CHANGE_REQUEST", "2024-05-20")
    assert [after for after, *_ in found[2:]] == ["S2", "S3", "S4"]


def test_override_holds_until_its_end_whatever_the_rules_say():
    asked = wishes((0, "S1", "2024-05-20", "2024-05-20", "2024-09-11"))
    found = moves(story(10, Told(wishes=asked), quick_scheme(down=Move(1, 0, 0))))
    assert found[1:] == [
        ("S1", "2024-05-20", "MANUAL_OVERRIDE", "2024-05-20"),
        ("S4", "2024-09-11", "OVERRIDE_EXPIRED", "2024-09-11"),
    ]


def test_request_that_was_approved_late_reaches_back_to_its_effective_day():
    asked = wishes((0, "S1", "2024-05-20", "2024-05-02", None))
    assert moves(story(10, Told(wishes=asked)))[1][1:3] == ("2024-05-02", "CHANGE_REQUEST")


def test_nothing_reaches_into_a_period_that_was_closed_by_then():
    closed = {
        "closed_moment": np.array([days("2024-05-10"), days("2024-06-30")]),
        "closed_until": np.array([days("2024-05-01"), days("2024-06-01")]),
    }
    late = contracts(("K", 0, "S2", "2024-06-20", "2024-03-10", None))
    outcome = story(10, Told(late, **closed))
    # April is closed on 20 June, May is not yet.
    assert moves(outcome)[1][:2] == ("S2", "2024-05-01")
    (ruling,) = [one for one in outcome.rulings if one.month is None]
    assert ruling.proposals.restates.tolist() == [True]


def test_what_begins_after_the_logical_date_is_not_heard_yet():
    floor = contracts(("K", 0, "S2", "2024-03-01", "2024-08-10", None))
    assert moves(story(10, Told(floor), as_of="2024-08-08")) == moves(
        story(10, Told(), as_of="2024-08-08")
    )
    # The day that begins when the logical date ends is.
    assert moves(story(10, Told(floor), as_of="2024-08-09"))[-1][1] == "2024-08-10"


def random_told(seed, count=60):
    """Contracts and requests of many customers, over the year."""
    rng = np.random.default_rng(seed)
    first = days("2024-01-01") + rng.integers(0, 330, 40)
    known = first + rng.integers(-20, 60, 40)
    promises = Promises(
        [f"K{k:02d}" for k in range(40)],
        rng.integers(0, count, 40),
        rng.integers(0, 4, 40),
        known,
        np.full(40, OPEN_DAY),
        first,
        first + rng.integers(30, 400, 40),
    )
    moment = days("2024-02-01") + rng.integers(0, 300, 30)
    until = moment + rng.integers(5, 120, 30)
    lasting = rng.random(30) < 0.5
    asked = Wishes(
        *([f"{kind}{k}" for k in range(30)] for kind in ("SR", "w", "a", "p")),
        rng.integers(0, count, 30),
        rng.integers(0, 4, 30),
        moment,
        moment - rng.integers(0, 30, 30),
        np.where(lasting, until, OPEN_DAY),
        np.arange(30),
        lasting,
        rng.random(30) < 0.2,
    )
    closed = np.array([days(m) for m in months("2024-02", 11)])
    return Told(promises, asked, closed_moment=closed + 9, closed_until=closed)


def population(seed, count=60):
    rng = np.random.default_rng(seed)
    facts = [
        (e, m, int(rng.integers(1, 100_000)))
        for m in SPINE
        for e in range(count)
        if rng.random() > 0.2
    ]
    return plain_entities(count), rows(*facts)


@pytest.mark.parametrize("seed", range(4))
def test_looking_only_at_those_concerned_is_looking_at_everybody(seed):
    people, activity = population(seed)
    scheme, told = quick_scheme(up=Move(2, 30, 0), down=Move(2, 60, 20)), random_told(seed)
    few = evaluate(people, activity, scheme, AS_OF, told)
    run = _Run(people, activity, scheme, evaluated_months(activity, scheme, AS_OF), told)
    run.needs_everybody = True
    run.replay(days(AS_OF) + 1)
    assert sorted(few.events, key=repr) == sorted(run.outcome.events, key=repr)
    causes = {event.cause for event in few.events}
    assert {"CONTRACT_FLOOR", "MANUAL_OVERRIDE", "CHANGE_REQUEST", "OVERRIDE_EXPIRED"} <= causes


@pytest.mark.parametrize("seed", range(4))
def test_a_longer_history_only_appends(seed):
    people, activity = population(seed)
    scheme, told = quick_scheme(), random_told(seed)
    whole = evaluate(people, activity, scheme, AS_OF, told).events
    for as_of in ("2024-04-17", "2024-08-06", "2024-11-30"):
        assert [e for e in whole if e.recorded_day <= days(as_of) + 1] == (
            evaluate(people, activity, scheme, as_of, told).events
        )


@pytest.mark.parametrize("seed", range(2))
def test_order_of_contracts_and_requests_changes_nothing(seed):
    people, activity = population(seed)
    told = random_told(seed)
    turn = np.random.default_rng(seed).permutation(40)
    p = told.promises
    other = Promises([p.name[k] for k in turn], *(v[turn] for v in list(vars(p).values())[1:]))
    there, back = (
        [replace(e, place=-1) for e in evaluate(people, activity, quick_scheme(), AS_OF, t).events]
        for t in (told, replace(told, promises=other))
    )
    assert there == back


def test_rules_may_ask_for_traits_of_the_customer():
    scheme = quick_scheme()
    first = {"rule_id": "GERMAN", "priority": "1", "scope_filter": "country_code = 'DE'"}
    first |= {"target_segment": "S1", "direction": "TO_SPECIFIC", "metric_id": "", "operator": ""}
    plain = next(row for row in scheme.rules if row["rule_id"] == "REACTIVATED_NEW")
    scheme = replace(scheme, rules=(*scheme.rules, {**plain, **first}))
    people = plain_entities(101)
    codes = np.full(101, -1)
    codes[0] = 0
    people = replace(people, traits={"country_code": Words(codes, ("DE",))})
    facts = crowd(SPINE) + [(0, m, at_percentile(10)) for m in SPINE]
    outcome = evaluate(people, rows(*facts), scheme, AS_OF)
    assert path(outcome)[0] == ("N0", "S1")
    assert all(e.rule != "GERMAN" for e in outcome.events if e.entity)


@pytest.mark.parametrize(
    ("metric", "aggregation", "n", "limit", "lifted"),
    [
        ("revenue", "SUM", 3, 25_000, True),
        ("orders", "SUM", 3, 4, False),
        ("margin", "RATIO", 3, 0, True),
    ],
)
def test_rules_may_measure_the_months_of_a_customer(metric, aggregation, n, limit, lifted):
    rule = {"rule_id": "MEASURED", "priority": "1", "metric_id": metric, "window_n": str(n)}
    rule |= {"aggregation": aggregation, "window_unit": "MONTH", "window_offset": "0"}
    rule |= {
        "operator": ">=",
        "threshold_up": str(limit),
        "direction": "UP",
        "target_segment": "S3",
    }
    scheme = quick_scheme()
    plain = next(row for row in scheme.rules if row["rule_id"] == "THRESHOLD_UP_S3")
    scheme = replace(
        scheme, rules=(*scheme.rules, {**plain, "consecutive_evaluations": "1", **rule})
    )
    facts = crowd(SPINE) + [(0, m, 9_600) for m in SPINE]
    found = [
        e.rule
        for e in evaluate(plain_entities(101), rows(*facts), scheme, AS_OF).events
        if e.entity == 0
    ]
    assert ("MEASURED" in found) == lifted


@pytest.mark.parametrize(
    ("cadence", "calendar", "moved"),
    [
        ("MONTHLY", Calendar.of_months(2020, 2030), "2024-03-06"),
        ("QUARTERLY", Calendar.of_months(2020, 2030), "2024-04-06"),
        ("QUARTERLY", Calendar.of_months(2020, 2030, start_month=2), "2024-05-06"),
        ("ANNUAL", Calendar.of_months(2020, 2030, start_month=7), "2024-07-06"),
    ],
)
def test_rule_looks_when_its_fiscal_period_has_ended(cadence, calendar, moved):
    rule = {"rule_id": "MEASURED", "priority": "1", "metric_id": "orders", "threshold_up": "1"}
    rule |= {"cadence": cadence, "consecutive_evaluations": "1", "target_segment": "S1"}
    scheme = quick_scheme(up=Move(99, 0, 0), down=Move(99, 0, 0))
    plain = next(row for row in scheme.rules if row["rule_id"] == "THRESHOLD_UP_S3")
    plain = {**plain, "max_steps": "3", "valid_from": "2024-02-20"}
    scheme = replace(scheme, rules=(*scheme.rules, {**plain, **rule}))
    assert moves(story(10, Told(calendar=calendar), scheme))[1][2:] == ("RULE", moved)
