"""Edge cases of reclassification, as far as rules alone decide them (E02 to E12, E51 to E60)."""

import uuid

import numpy as np
import pytest
from reclass_cases import (
    SEGMENTS,
    attributes,
    bands,
    codes,
    day,
    default_rows,
    months,
    of_customer,
    once,
    play,
    rule,
    rules_of,
    scores,
    start,
    text,
)

from dagster_project.reclassification.effective import NEVER
from dagster_project.reclassification.engine import evaluate
from dagster_project.reclassification.metrics import Metric
from dagster_project.reclassification.state import (
    begin,
    carry,
    floors_on,
    overrides_on,
    refuse,
)
from dagster_project.reclassification.vocabulary import Segments
from dagster_project.reclassification.wording import NAMESPACE

NAN = np.nan


def reasons(proposals, names=("ANNA", "BERT", "CARL")):
    return proposals.table(list(names)).column("reason").to_pylist()


# E01, E59: the default scheme for those who come and go ------------------------------------------


def seen(orders, is_dormant=False):
    return attributes(1, has_enough_orders=[orders >= 3], is_dormant=[is_dormant], is_excluded=[0])


def asleep_for(days, score=NAN):
    return scores([score]) | {"idle_days": Metric(np.array([[float(days)]]))}


def test_e01_new_customer_with_two_orders_waits_and_is_never_s1_when_the_waiting_ends():
    rule_set = rules_of(*default_rows())
    # While it is new it has no score; when the waiting ends it has one.
    young, state = once(rule_set, start(rule_set, "N0"), asleep_for(5), attributes=seen(2))
    assert young.moves() == []
    proposals, _ = once(rule_set, state, asleep_for(5, 99.0), attributes=seen(2))
    assert [(a, b, who) for _, a, b, _, who in proposals.moves()] == [
        ("N0", "S2", "FIRST_SCORE_S2")
    ]


def test_e59_customer_who_orders_again_returns_capped_and_may_rise_only_after_90_days():
    rule_set = rules_of(*default_rows())
    state = start(rule_set, "S1")
    asleep, state = once(rule_set, state, asleep_for(425), attributes=seen(9, is_dormant=True))
    assert [move[2] for move in asleep.moves()] == ["D0"]
    assert reasons(asleep) == ["No order for 425 days."]
    _, state = once(rule_set, state, asleep_for(5, 90.0), on="2024-03-06", attributes=seen(10))
    assert SEGMENTS.codes[state.segment[0]] == "S3"
    path = []
    for month in ("04", "05", "06", "07"):
        _, state = once(
            rule_set,
            state,
            asleep_for(5, 90.0),
            on=f"2024-{month}-06",
            attributes=seen(11),
        )
        path.append(SEGMENTS.codes[state.segment[0]])
    assert path == ["S3", "S3", "S2", "S2"]


# E02, E03: when a decided move holds ------------------------------------------------------------


def test_e02_upgrade_is_decided_on_one_day_and_holds_from_a_later_one():
    rule_set = rules_of(*bands(up=1, effective_policy="AFTER_NOTICE(9)"))
    proposals, state = once(rule_set, start(rule_set, "S2"), scores([90.0]), on="2024-02-06")
    assert proposals.moves() == [(0, "S2", "S1", day("2024-02-15"), "UP_S1")]
    # An order confirmed on the 10th still finds the old promise in force, one of the 20th the new.
    assert day("2024-02-10") < state.since_day[0] <= day("2024-02-20")


def test_e03_downgrade_waits_for_the_notice_and_then_for_the_next_fiscal_period():
    rule_set = rules_of(*bands(down=1, effective_policy="AFTER_NOTICE(30)+NEXT_FISCAL_PERIOD"))
    proposals, _ = once(rule_set, start(rule_set, "S1"), scores([60.0]), on="2024-02-06")
    assert [(b, text(d)) for _, _, b, d, _ in proposals.moves()] == [("S2", "2024-04-01")]


def test_e03_nobody_moves_again_before_the_decided_move_is_in_force():
    rule_set = rules_of(*bands(down=1, effective_policy="AFTER_NOTICE(60)"))
    made, path, _ = play(rule_set, start(rule_set, "S1"), months(scores([10.0, 10.0, 10.0, 10.0])))
    assert of_customer(path) == ["S2", "S2", "S3", "S3"]
    assert (0, "DOWN_S2", "DWELL") in made[1].blocked()


# E04, E05, E06: thresholds ----------------------------------------------------------------------


def test_e04_score_that_oscillates_around_85_moves_nobody():
    rule_set = rules_of(*bands())
    _, path, _ = play(
        rule_set, start(rule_set, "S2", "S1"), months(scores([84, 86] * 6, [84, 86] * 6))
    )
    assert set(of_customer(path, 0)) == {"S2"}
    assert set(of_customer(path, 1)) == {"S1"}


def test_e05_jump_of_two_tiers_takes_one_step_per_evaluation():
    rule_set = rules_of(*bands(up=1))
    _, path, _ = play(rule_set, start(rule_set, "S4"), months(scores([95.0, 95.0, 95.0])))
    assert of_customer(path) == ["S3", "S2", "S1"]


def test_e05_a_rule_of_the_committee_may_allow_two_steps_at_once():
    rule_set = rules_of(
        rule("LEAP", target_segment="S1", threshold_up=95, max_steps=2, approval="COMMITTEE")
    )
    proposals, state = once(rule_set, start(rule_set, "S4"), scores([95.0]))
    assert SEGMENTS.codes[state.segment[0]] == "S2"
    assert proposals.table(["ANNA"]).column("approval").to_pylist() == ["COMMITTEE"]


def test_e06_of_an_upgrade_and_a_downgrade_the_priority_decides_and_the_loser_is_named():
    both = [
        rule("GROWS", metric_id="revenue", threshold_up=100, priority=10),
        rule("POOR", direction="DOWN", threshold_down=40, priority=20),
    ]
    metrics = scores([30.0]) | {"revenue": Metric(np.array([[500.0]]))}
    rule_set = rules_of(*both)
    proposals, _ = once(rule_set, start(rule_set, "S3"), metrics)
    assert [(a, b, who) for _, a, b, _, who in proposals.moves()] == [("S3", "S2", "GROWS")]
    assert proposals.blocked() == [(0, "POOR", "GROWS")]
    assert proposals.table(["ANNA"]).num_rows == 1
    swapped = rules_of(both[0] | {"priority": "30"}, both[1])
    proposals, _ = once(swapped, start(swapped, "S3"), metrics)
    assert [(a, b, who) for _, a, b, _, who in proposals.moves()] == [("S3", "S4", "POOR")]
    assert proposals.blocked() == [(0, "GROWS", "POOR")]


# E07, E08: contracts ----------------------------------------------------------------------------


def test_e07_contract_floor_holds_the_tier_and_is_named_as_the_blocker():
    rule_set = rules_of(*bands(down=1))
    proposals, state = once(rule_set, start(rule_set, "S2"), scores([10.0]), floor=codes("S2"))
    assert proposals.moves() == []
    assert set(proposals.blocked()) == {
        (0, "DOWN_S2", "CONTRACT_FLOOR"),
        (0, "DOWN_S3", "CONTRACT_FLOOR"),
    }
    assert SEGMENTS.codes[state.segment[0]] == "S2"


def test_e07_customer_is_evaluated_again_on_the_day_after_the_contract_ended():
    rule_set = rules_of(*bands(down=1))
    _, state = once(rule_set, start(rule_set, "S2"), scores([10.0]), floor=codes("S2"))
    ended = {"CONTRACT_EXPIRED": np.array([True])}
    quiet, _ = once(rule_set, state, scores([10.0]), on="2024-02-20", cadences=frozenset({"DAILY"}))
    assert quiet.moves() == []
    again, _ = once(
        rule_set,
        state,
        scores([10.0]),
        on="2024-02-20",
        cadences=frozenset({"DAILY"}),
        events=ended,
    )
    assert [(a, b, text(d)) for _, a, b, d, _ in again.moves()] == [("S2", "S3", "2024-02-20")]


def test_e07_signed_contract_lifts_the_customer_at_once():
    rule_set = rules_of(*bands())
    tiers, starts = codes("S3", "S2"), np.array([day("2024-01-01"), day("2024-02-01")])
    ends = np.array([day("2025-01-01")] * 2)
    place = floors_on(day("2024-02-06"), np.array([0, 0]), tiers, starts, ends, 1)
    told = {"floor": tiers[place], "floor_since_day": starts[place]}
    proposals, _ = once(rule_set, start(rule_set, "S4"), **told)
    assert proposals.moves() == [(0, "S4", "S2", day("2024-02-01"), "CONTRACT_FLOOR")]
    assert reasons(proposals) == ["A contract in force promises at least S2."]


def test_of_two_contracts_the_better_tier_counts_and_of_equal_ones_the_older():
    args = (
        np.array([0, 0, 0, 1]),
        codes("S3", "S2", "S2", "S1"),
        np.array([10, 30, 20, 90]),
        np.array([100, 100, 100, 100]),
    )
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]):
        _, tiers, starts, _ = given = [column[order] for column in args]
        place = floors_on(60, *given, 2)
        assert place[1] == -1
        assert (tiers[place[0]], starts[place[0]]) == (SEGMENTS.number("S2"), 20)


def test_e08_back_dated_contract_reaches_back_into_open_periods_only():
    rule_set = rules_of(*bands())
    proposals, _ = once(
        rule_set,
        start(rule_set, "S4", "S4"),
        on="2024-05-15",
        floor=codes("S2", "S2"),
        floor_since_day=np.array([day("2024-03-16"), day("2024-05-03")]),
        open_from_day=day("2024-05-01"),
    )
    found = proposals.table(["ANNA", "BERT"])
    assert [str(d) for d in found.column("effective_date").to_pylist()] == [
        "2024-05-01",
        "2024-05-03",
    ]
    assert found.column("is_restatement").to_pylist() == [True, False]


# E09: overrides ---------------------------------------------------------------------------------


def test_e09_expired_override_returns_to_the_result_of_the_rules_despite_the_cool_off():
    rule_set = rules_of(*bands(up=1, down=1, cool_off_after_override_days=90))
    told = {"override": lambda period: codes("S1" if period < 3 else "")}
    made, path, _ = play(
        rule_set, start(rule_set, "S3"), months(scores([70.0] * 3 + [90.0] * 5), **told)
    )
    # The rules alone would have S2 from the first month; that is where the end returns to.
    assert of_customer(path)[:4] == ["S1", "S1", "S1", "S2"]
    assert made[3].moves()[0][4] == "OVERRIDE_EXPIRED"
    # Only after the cool-off may a rule move the customer on.
    assert of_customer(path)[4:] == ["S2", "S2", "S1", "S1"]
    assert (0, "UP_S1", "COOL_OFF") in made[4].blocked()


def test_e09_while_the_override_is_valid_rules_lose_against_it():
    rule_set = rules_of(*bands(up=1))
    proposals, _ = once(rule_set, start(rule_set, "S3"), scores([70.0]), override=codes("S4"))
    assert [(a, b, who) for _, a, b, _, who in proposals.moves()] == [
        ("S3", "S4", "MANUAL_OVERRIDE")
    ]
    assert (0, "UP_S2", "MANUAL_OVERRIDE") in proposals.blocked()


def test_e09_of_two_valid_overrides_the_one_decided_last_counts_in_any_order():
    args = (
        np.array([0, 0, 0]),
        np.array([0, 0, 0]),
        np.array([100, 100, 50]),
        np.array([1, 2, 3]),
    )
    wanted = np.array(["S1", "S4", "S3"])
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        found = overrides_on(60, *(column[order] for column in args), 1)
        assert wanted[order][found[0]] == "S4"


def test_approved_request_moves_once_and_from_there_the_rules_go_on():
    rule_set = rules_of(*bands(up=1, down=1))
    told = {"request": codes("S4"), "wish_since_day": np.array([day("2024-02-01")])}
    proposals, state = once(rule_set, start(rule_set, "S2"), scores([60.0]), **told)
    assert proposals.moves() == [(0, "S2", "S4", day("2024-02-01"), "CHANGE_REQUEST")]
    proposals, _ = once(rule_set, state, scores([60.0]), on="2024-03-06")
    assert [(a, b, who) for _, a, b, _, who in proposals.moves()] == [("S4", "S3", "UP_S3")]


def test_approved_request_reaches_no_closed_period_unless_it_may():
    rule_set = rules_of(*bands())
    told = {"request": codes("S2", "S2"), "wish_since_day": np.full(2, day("2024-01-10"))}
    told["wish_open_from_day"] = np.array([day("2024-02-01"), NEVER])
    proposals, _ = once(rule_set, start(rule_set, "S4", "S4"), **told)
    assert [text(d) for _, _, _, d, _ in proposals.moves()] == ["2024-02-01", "2024-01-10"]
    found = proposals.table(["ANNA", "BERT"]).column("is_restatement").to_pylist()
    assert found == [True, False]


def test_contract_floor_stands_above_an_approved_request_and_the_request_is_named():
    rule_set = rules_of(*bands())
    told = {"request": codes("S4"), "floor": codes("S3")}
    proposals, _ = once(rule_set, start(rule_set, "S2"), **told)
    assert [(a, b, who) for _, a, b, _, who in proposals.moves()] == [
        ("S2", "S3", "CONTRACT_FLOOR")
    ]
    assert (0, "CHANGE_REQUEST", "CONTRACT_FLOOR") in proposals.blocked()


# E10, E11, E12: mergers and families ------------------------------------------------------------


def merge_rules():
    return rules_of(
        rule(
            "MERGED",
            metric_id="",
            trigger_event="MERGE",
            cadence="EVENT",
            direction="TO_SPECIFIC",
            respects_parent="MAX_OF_FAMILY",
        ),
        *bands(),
    )


@pytest.mark.parametrize(("survivor", "merged"), [("S1", "S3"), ("S3", "S1")])
def test_e10_merged_customer_has_the_better_of_both_tiers(survivor, merged):
    rule_set = merge_rules()
    _, state = once(
        rule_set,
        start(rule_set, survivor, merged),
        events={"MERGE": np.array([True, False])},
        merged_segment=codes(merged, ""),
    )
    assert SEGMENTS.codes[state.segment[0]] == "S1"


def test_e11_after_an_un_merge_both_stand_where_they_stood():
    rule_set = merge_rules()
    first = start(rule_set, "S1", "S3")
    merged, split = np.array([True, False]), np.array([True, True])
    _, state = once(rule_set, first)
    inputs = [*months(scores([90.0] * 4, [50.0] * 4))]
    for k, present in enumerate((merged, merged, merged, split)):
        told = inputs[k]
        state = evaluate(rule_set, state, type(told)(**{**vars(told), "present": present}))[1]
    assert [SEGMENTS.codes[s] for s in state.segment] == ["S1", "S3"]
    assert state.since_day.tolist() == first.since_day.tolist()


def family_rules(*wishes):
    return rules_of(*(row for wish in wishes for row in bands(up=1, down=1, respects_parent=wish)))


def test_e12_daughter_follows_her_new_parent_from_the_day_of_the_acquisition():
    rule_set = family_rules("INHERIT")
    metrics = scores([90.0] * 3, [40.0] * 3, [50.0] * 3)
    parents = lambda period: np.array([-1, -1, 0 if period < 2 else 1])  # noqa: E731
    made, path, _ = play(
        rule_set, start(rule_set, "S1", "S3", "S1"), months(metrics, parent=parents)
    )
    assert of_customer(path, 2) == ["S1", "S1", "S3"]
    assert [(e, a, b, who) for e, a, b, _, who in made[2].moves()] == [(2, "S1", "S3", "INHERIT")]
    # She never leaves and never comes anew: her path is one.
    assert not any("N0" in segments or "D0" in segments for segments in path)


def test_daughter_moves_on_the_day_on_which_her_parent_moves():
    rule_set = rules_of(*bands(up=1, respects_parent="INHERIT", effective_policy="NEXT_MONTH"))
    proposals, _ = once(
        rule_set, start(rule_set, "S2", "S2"), scores([90.0], [10.0]), parent=np.array([-1, 0])
    )
    assert [(e, b, text(d)) for e, _, b, d, _ in proposals.moves()] == [
        (0, "S1", "2024-03-01"),
        (1, "S1", "2024-03-01"),
    ]


def test_family_takes_the_best_tier_of_its_members_and_falls_only_together():
    rule_set = family_rules("MAX_OF_FAMILY")
    metrics = scores([90.0, 90.0, 60.0], [10.0, 10.0, 10.0])
    made, path, _ = play(
        rule_set, start(rule_set, "S1", "S4"), months(metrics, parent=np.array([-1, 0]))
    )
    assert path == [["S1", "S1"], ["S1", "S1"], ["S2", "S2"]]
    assert (1, "DOWN_S1", "MAX_OF_FAMILY") in made[1].blocked()


@pytest.mark.parametrize("circle", [[1, 0, -1], [1, 2, 0], [0, -1, -1]])
@pytest.mark.parametrize("tiers", [("S1", "S2", "S3"), ("S2", "S2", "S2")])
def test_parents_in_a_circle_are_refused(circle, tiers):
    rule_set = family_rules("MAX_OF_FAMILY")
    with pytest.raises(ValueError, match="circle"):
        once(rule_set, start(rule_set, *tiers), parent=np.array(circle))


def test_e60_when_rules_disagree_about_the_parent_inheriting_wins_and_the_text_says_so():
    rule_set = rules_of(
        rule("ALONE", threshold_up=30, priority=1),
        rule("FAMILY", threshold_up=30, priority=2, respects_parent="INHERIT"),
    )
    proposals, _ = once(
        rule_set, start(rule_set, "S3", "S4"), scores([10.0], [90.0]), parent=np.array([-1, 0])
    )
    assert proposals.moves() == [(1, "S4", "S3", day("2024-02-06"), "INHERIT")]
    assert reasons(proposals) == [
        "Takes the segment of its parent, S3. The family stands above rules: "
        "ALONE (INDEPENDENT), FAMILY (INHERIT) did not decide."
    ]


# E51, E52, E54: replays and versions ------------------------------------------------------------


def test_e51_replay_from_scratch_and_going_on_give_the_same_tables():
    rule_set = rules_of(*bands())
    rng = np.random.default_rng(3)
    metrics = scores(*np.clip(rng.normal(60, 25, (20, 12)), 0, 100))
    names = [f"C{k}" for k in range(20)]
    first = begin(rule_set, np.zeros(20, dtype=np.int64), np.full(20, 2))
    whole, _, _ = play(rule_set, first, months(metrics))
    evaluations = [*months(metrics)]
    early, _, state = play(rule_set, first, evaluations[:7])
    late, _, _ = play(rule_set, state, evaluations[7:])
    assert len(whole) == 12
    assert any(made.moves() for made in late)
    for one, other in zip(whole, early + late, strict=True):
        assert one.table(names).equals(other.table(names))
        assert one.loser_table(names).equals(other.loser_table(names))


def test_e52_same_evaluation_twice_gives_the_same_ids_and_adds_nothing():
    rule_set = rules_of(*bands(up=1))
    state = start(rule_set, "S2", "S3", "S4")
    metrics = scores([90.0], [70.0], [10.0])
    one, after = once(rule_set, state, metrics)
    two, again = once(rule_set, state, metrics)
    names = ["ANNA", "BERT", "CARL"]
    assert one.ids(names) == two.ids(names)
    assert len({*one.ids(names), *two.ids(names)}) == 2
    assert after.segment.tolist() == again.segment.tolist()
    # On the state that it led to, the same day decides nothing new either.
    assert once(rule_set, after, metrics)[0].moves() == []


def test_proposal_id_is_the_uuid5_of_scheme_customer_day_and_version():
    rule_set = rules_of(*bands(up=1))
    proposals, _ = once(rule_set, start(rule_set, "S2"), scores([90.0]), on="2024-02-06")
    name = f"service|Müller|2024-02-06|{rule_set.version}"
    assert proposals.ids(["Müller"]) == [str(uuid.uuid5(NAMESPACE, name))]


def test_e54_second_version_of_the_scheme_cuts_history_anew_and_leaves_the_first_alone():
    metrics = scores([70.0] * 4)
    one = rules_of(*bands(up=1))
    two = rules_of(*bands(up=1)[1:])
    stricter = rules_of(
        *[row | {"threshold_up": "75"} if row["rule_id"] == "UP_S2" else row for row in bands(up=1)]
    )
    assert len({one.version, two.version, stricter.version}) == 3
    _, first, _ = play(one, start(one, "S3"), months(metrics))
    _, second, _ = play(stricter, start(stricter, "S3"), months(metrics))
    assert of_customer(first)[-1] == "S2"
    assert of_customer(second)[-1] == "S3"
    made, _ = once(one, start(one, "S3"), metrics)
    other, _ = once(two, start(two, "S3"), metrics)
    assert made.ids(["ANNA"]) != other.ids(["ANNA"])


def test_e54_taking_the_new_version_into_use_keeps_tiers_and_the_streaks_of_unchanged_rules():
    before, metrics = rules_of(*bands()), scores([70.0] * 2)
    after = rules_of(*bands(), rule("LATE", priority=99, threshold_up=99))
    _, _, state = play(before, start(before, "S3"), months(metrics, count=1))
    moved = carry(state, before, after)
    assert moved.segment.tolist() == state.segment.tolist()
    proposals, _ = once(after, moved, metrics, on="2024-03-06", period=1)
    assert [(a, b, who) for _, a, b, _, who in proposals.moves()] == [("S3", "S2", "UP_S2")]


# Precedence, requests and exclusions ------------------------------------------------------------


def test_precedence_runs_from_legal_exclusion_down_to_rules():
    rule_set = rules_of(
        rule(
            "OUT",
            metric_id="",
            scope_filter="is_excluded = 1",
            direction="TO_SPECIFIC",
            target_segment="X0",
        ),
        *bands(up=1),
    )
    told = {
        "override": codes("S4", "S4", "S4", "S4", ""),
        "floor": codes("S3", "S3", "S3", "", ""),
        "legal": np.array([True, False, False, False, False]),
        "attributes": attributes(5, is_excluded=[1, 1, 0, 0, 0]),
    }
    proposals, _ = once(rule_set, start(rule_set, *["S2"] * 5), scores(*[[90.0]] * 5), **told)
    assert [(e, b, who) for e, _, b, _, who in proposals.moves()] == [
        (0, "X0", "LEGAL_EXCLUSION"),
        (1, "X0", "OUT"),
        (2, "S3", "CONTRACT_FLOOR"),
        (3, "S4", "MANUAL_OVERRIDE"),
        (4, "S1", "UP_S1"),
    ]
    lost = proposals.blocked()
    assert {(0, "UP_S1", "LEGAL_EXCLUSION"), (1, "UP_S1", "OUT")} <= set(lost)
    assert {(2, "MANUAL_OVERRIDE", "CONTRACT_FLOOR"), (3, "UP_S1", "MANUAL_OVERRIDE")} <= set(lost)


def test_event_rule_stands_above_threshold_rules_whatever_their_priority():
    rule_set = rules_of(
        rule(
            "HOLD",
            metric_id="",
            trigger_event="CREDIT_HOLD",
            cadence="EVENT",
            direction="DOWN",
            priority=99,
        ),
        *bands(up=1),
    )
    told = {"events": {"CREDIT_HOLD": np.array([True, False])}}
    proposals, _ = once(rule_set, start(rule_set, "S2", "S2"), scores([90.0], [90.0]), **told)
    assert [(e, b, who) for e, _, b, _, who in proposals.moves()] == [
        (0, "S3", "HOLD"),
        (1, "S1", "UP_S1"),
    ]


def test_customer_returns_to_the_last_tier_when_the_exclusion_ends():
    rule_set = rules_of(*bands())
    _, state = once(rule_set, start(rule_set, "S2"), legal=np.array([True]))
    assert SEGMENTS.codes[state.segment[0]] == "X0"
    proposals, _ = once(rule_set, state, on="2024-03-06")
    assert [(a, b, who) for _, a, b, _, who in proposals.moves()] == [
        ("X0", "S2", "EXCLUSION_ENDED")
    ]


def test_refused_proposal_leaves_the_customer_and_is_made_again():
    rule_set = rules_of(*bands())
    metrics = scores([90.0] * 3)
    _, _, before = play(rule_set, start(rule_set, "S2"), months(metrics, count=1))
    proposals, after = once(rule_set, before, metrics, on="2024-03-06", period=1)
    assert len(proposals.moves()) == 1
    kept = refuse(before, after, np.array([True]))
    assert SEGMENTS.codes[kept.segment[0]] == "S2"
    again, _ = once(rule_set, kept, metrics, on="2024-04-06", period=2)
    assert [(a, b) for _, a, b, _, _ in again.moves()] == [("S2", "S1")]


def test_small_customers_are_approved_by_the_rule_itself_and_large_ones_by_people():
    rule_set = rules_of(*bands(up=1, auto_if="revenue < 1000 and steps = 1"))
    proposals, _ = once(
        rule_set,
        start(rule_set, "S2", "S2"),
        scores([90.0], [90.0]),
        attributes=attributes(2, revenue=[500, 5000]),
    )
    assert proposals.table(["ANNA", "BERT"]).column("approval").to_pylist() == ["AUTO", "OWNER"]


def test_frozen_season_stops_a_fall_and_says_so():
    rule_set = rules_of(*bands(down=1, freeze_windows='["11-01/12-31"]'))
    proposals, _ = once(rule_set, start(rule_set, "S1"), scores([10.0]), on="2024-12-06")
    assert proposals.moves() == []
    assert (0, "DOWN_S1", "FREEZE") in proposals.blocked()
    proposals, _ = once(rule_set, start(rule_set, "S1"), scores([10.0]), on="2025-01-06")
    assert len(proposals.moves()) == 1


def test_reason_repeats_the_numbers_that_decided():
    rule_set = rules_of(
        *bands(up=1, explain_template="{metric} {value} reached {threshold}: {from} to {to}")
    )
    proposals, _ = once(rule_set, start(rule_set, "S2"), scores([90.5]))
    assert reasons(proposals) == ["score 90.5 reached 85: S2 to S1"]


def test_other_schemes_have_other_tiers():
    segments = Segments("demand", ("A", "B"))
    row = rule("UP", scheme_id="demand", threshold_up=50)
    rule_set = rules_of(row, rule("OTHER", threshold_up=1), segments=segments)
    assert [found.rule_id for found in rule_set.rules] == ["UP"]
    state = begin(rule_set, np.array([NEVER]), np.array([1]))
    assert once(rule_set, state, scores([60.0]))[1].segment.tolist() == [0]
