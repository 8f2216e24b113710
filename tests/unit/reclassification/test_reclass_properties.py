"""What must hold for any rules and any customers."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reclass_cases import (
    SEGMENTS,
    bands,
    day,
    months,
    once,
    play,
    rule,
    rules_of,
    scores,
)

from dagster_project.reclassification.metrics import Metric
from dagster_project.reclassification.scope import Words
from dagster_project.reclassification.state import begin

SIZE, MONTHS = 24, 14
COUNTRIES = ("DE", "FR", "PL")


@st.composite
def rule_tables(draw):
    """The bands of the default scheme with drawn waits, and some rules of other kinds."""
    rows = bands(
        up=draw(st.integers(1, 3)),
        down=draw(st.integers(1, 3)),
        min_dwell_days=draw(st.sampled_from([0, 60, 90])),
        cool_off_after_override_days=draw(st.sampled_from([0, 60])),
        respects_parent=draw(st.sampled_from(["INDEPENDENT", "INHERIT", "MAX_OF_FAMILY"])),
        freeze_windows=draw(st.sampled_from(["[]", '["11-01/12-31"]', '["QUARTER_END(20)"]'])),
        effective_policy=draw(st.sampled_from(["IMMEDIATE", "NEXT_MONTH", "AFTER_NOTICE(45)"])),
    )
    extra = [
        rule("TREND", aggregation="TREND", window_n=6, threshold_up=3, priority=5),
        rule("RANK", operator="RANK_TOP_PCT", threshold_up=10, scope_filter="country_code = 'DE'"),
        rule("Z", operator="ZSCORE", direction="DOWN", threshold_down=-1.2, priority=70),
        rule("FALL", operator="CHANGE_PCT", direction="DOWN", threshold_down=-30, window_n=3),
        rule("AVG", aggregation="P90", window_n=6, threshold_up=80, min_dwell_days=90),
    ]
    return rows + draw(st.lists(st.sampled_from(extra), unique_by=lambda row: row["rule_id"]))


def story(seed):
    """Scores with gaps, parents, floors, overrides and legal exclusions that come and go."""
    rng = np.random.default_rng(seed)
    values = np.clip(50 + np.cumsum(rng.normal(0, 12, (SIZE, MONTHS)), axis=1), 0, 100)
    values[rng.random((SIZE, MONTHS)) < 0.1] = np.nan
    parent = np.where(rng.random(SIZE) < 0.3, rng.integers(0, 4, SIZE), -1)
    parent[:4] = -1
    told = []
    for _ in range(MONTHS):
        told.append(
            {
                "floor": np.where(rng.random(SIZE) < 0.2, rng.integers(0, 3, SIZE), -1),
                "override": np.where(rng.random(SIZE) < 0.1, rng.integers(0, 4, SIZE), -1),
                "legal": rng.random(SIZE) < 0.02,
            }
        )
    countries = Words(rng.integers(0, 3, SIZE), COUNTRIES)
    first = rng.integers(0, 5, SIZE)
    return values, parent, told, countries, first


def evaluations(values, parent, told, countries, everything=True):
    for inputs, extra in zip(months(scores(*values)), told, strict=True):
        given_now = {**inputs.attributes, "country_code": countries}
        more = extra | {"parent": parent} if everything else {}
        yield replace(inputs, attributes=given_now, **more)


def begun(rule_set, first):
    return begin(rule_set, np.full(len(first), day("2020-01-01")), first)


def same_state(one, other):
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in fields(one)
    )


@settings(max_examples=25, deadline=None)
@given(rule_tables(), st.integers(0, 10_000), st.randoms())
def test_order_of_rules_and_customers_changes_nothing(rows, seed, random):
    values, parent, told, countries, first = story(seed)
    shuffled = [*rows]
    random.shuffle(shuffled)
    order = np.array(random.sample(range(SIZE), SIZE))
    place = np.empty(SIZE, dtype=np.int64)
    place[order] = np.arange(SIZE)
    moved_parent = np.where(parent[order] >= 0, place[parent[order]], -1)
    one, other = rules_of(*rows), rules_of(*shuffled)
    assert one.version == other.version
    names = np.array([f"C{k}" for k in range(SIZE)])
    made, _, _ = play(one, begun(one, first), evaluations(values, parent, told, countries))
    again, _, _ = play(
        other,
        begun(other, first[order]),
        evaluations(
            values[order],
            moved_parent,
            [{name: told_[name][order] for name in told_} for told_ in told],
            Words(countries.codes[order], COUNTRIES),
        ),
    )
    for a, b in zip(made, again, strict=True):
        tables = a.table(names.tolist()), b.table(names[order].tolist())
        rows_a, rows_b = (table.sort_by("entity_id").to_pylist() for table in tables)
        assert [{**r, "reason": ""} for r in rows_a] == [{**r, "reason": ""} for r in rows_b]
        losers = a.loser_table(names.tolist()), b.loser_table(names[order].tolist())
        keys = [sorted(map(str, table.to_pylist())) for table in losers]
        assert keys[0] == keys[1]


@settings(max_examples=25, deadline=None)
@given(rule_tables(), st.integers(0, 10_000), st.integers(1, MONTHS - 1))
def test_replay_from_scratch_equals_going_on(rows, seed, cut):
    values, parent, told, countries, first = story(seed)
    rule_set = rules_of(*rows)
    every = [*evaluations(values, parent, told, countries)]
    _, path, whole = play(rule_set, begun(rule_set, first), every)
    _, _, middle = play(rule_set, begun(rule_set, first), every[:cut])
    _, rest, end = play(rule_set, middle, every[cut:])
    assert same_state(whole, end)
    assert path[cut:] == rest


@settings(max_examples=25, deadline=None)
@given(rule_tables(), st.integers(0, 10_000))
def test_rules_move_one_step_never_inside_the_dwell_and_never_in_a_frozen_season(rows, seed):
    values, parent, told, countries, first = story(seed)
    rule_set = rules_of(*rows)
    by_id = {found.rule_id: found for found in rule_set.rules}
    since = dict.fromkeys(range(SIZE), day("2020-01-01"))
    state = begun(rule_set, first)
    for inputs in evaluations(values, parent, told, countries, everything=False):
        made, _, state = play(rule_set, state, [inputs])
        moves = made[0].moves()
        assert len({move[0] for move in moves}) == len(moves)
        for entity, before, after, valid, name in moves:
            assert abs(SEGMENTS.number(before) - SEGMENTS.number(after)) == 1
            assert inputs.day - since[entity] >= by_id[name].min_dwell_days
            windows = by_id[name].freeze_windows
            assert not any(window.covers(inputs.day, inputs.calendar) for window in windows)
            since[entity] = valid


@settings(max_examples=25, deadline=None)
@given(rule_tables(), st.integers(0, 10_000))
def test_contract_floor_is_never_undercut_and_every_loser_is_named(rows, seed):
    values, parent, told, countries, first = story(seed)
    rule_set = rules_of(*rows)
    names = {found.rule_id for found in rule_set.rules}
    state = begun(rule_set, first)
    for inputs in evaluations(values, parent, told, countries):
        made, _, state = play(rule_set, state, [inputs])
        in_tier = state.segment < SEGMENTS.tier_count
        promised = in_tier & (inputs.floor >= 0)
        assert (state.segment[promised] <= inputs.floor[promised]).all()
        for entity, loser, blocker in made[0].blocked():
            assert loser in names | {"INHERIT", "MAX_OF_FAMILY", "MANUAL_OVERRIDE"} | {
                "OVERRIDE_EXPIRED"
            }
            assert blocker not in ("KEEP", "RULE", "")
            assert (entity, loser) != (entity, blocker)
        proposals = made[0]
        assert len(np.unique(proposals.entity)) == len(proposals.entity)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(78, 84.999), min_size=20, max_size=20),
    st.sampled_from(["S1", "S2"]),
    st.integers(1, 3),
)
def test_score_that_stays_inside_the_band_never_flips(values, tier, needed):
    rule_set = rules_of(*bands(up=needed, down=needed))
    first = np.array([SEGMENTS.number(tier)])
    made, path, _ = play(rule_set, begun(rule_set, first), months(scores(values)))
    assert {segment for segments in path for segment in segments} == {tier}
    assert not any(proposals.moves() for proposals in made)


def test_without_the_band_the_same_score_does_flip():
    # The property above would be worthless if nothing could flip.
    narrow = rules_of(
        rule("IN", target_segment="S1", threshold_up=80),
        rule("OUT", target_segment="S1", direction="DOWN", threshold_down=80),
    )
    made, _, _ = play(narrow, begun(narrow, np.array([1])), months(scores([79, 81] * 6)))
    assert sum(len(proposals.moves()) for proposals in made) == 11


@pytest.mark.parametrize("seed", range(3))
def test_evaluating_a_subset_alone_gives_the_same_moves_where_no_rank_is_asked(seed):
    values, _, told, countries, first = story(seed)
    rule_set = rules_of(*bands())
    few = np.arange(0, SIZE, 3)
    _, path, _ = play(
        rule_set,
        begun(rule_set, first),
        evaluations(values, None, told, countries, everything=False),
    )
    _, part, _ = play(
        rule_set,
        begun(rule_set, first[few]),
        months({"score": Metric(values[few])}),
    )
    assert [[segments[k] for k in few] for segments in path] == part


def test_engine_leaves_the_state_that_it_was_given_untouched():
    rule_set = rules_of(*bands(up=1))
    state = begun(rule_set, np.array([1, 2]))
    copies = {field.name: getattr(state, field.name).copy() for field in fields(state)}
    once(rule_set, state, scores([90.0], [90.0]))
    assert all(np.array_equal(getattr(state, name), kept) for name, kept in copies.items())
