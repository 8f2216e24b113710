"""Beliefs: never an overlap, never a gap, nothing overwritten."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from dagster_project.segmentation.assignments import OPEN_DAY, Belief, Decision, beliefs


def test_a_decision_closes_the_open_row_in_record_time_and_records_its_end():
    rows = beliefs([Decision("N0", 0, 0, 1), Decision("S2", 100, 90, 2)])
    assert rows == [
        Belief("N0", 0, OPEN_DAY, 0, 90, 1),
        Belief("N0", 0, 100, 90, OPEN_DAY, 1),
        Belief("S2", 100, OPEN_DAY, 90, OPEN_DAY, 2),
    ]


def test_a_change_that_was_announced_can_be_overtaken_before_it_holds():
    # The fall to S3 would hold from day 200; on day 150 the customer is found dormant.
    rows = beliefs(
        [Decision("S2", 0, 0, 1), Decision("S3", 200, 120, 2), Decision("D0", 150, 150, 3)]
    )
    latest = [row for row in rows if row.recorded_to == OPEN_DAY]
    assert [(row.segment, row.valid_from, row.valid_to) for row in latest] == [
        ("S2", 0, 150),
        ("D0", 150, OPEN_DAY),
    ]
    announced = [row for row in rows if row.recorded_from <= 130 < row.recorded_to]
    assert [(row.segment, row.valid_from) for row in announced] == [("S2", 0), ("S3", 200)]


def test_two_decisions_for_the_same_day_leave_only_the_later_one():
    rows = beliefs([Decision("N0", 0, 0, 1), Decision("S2", 10, 10, 2), Decision("S1", 10, 20, 3)])
    latest = [row.segment for row in rows if row.recorded_to == OPEN_DAY]
    assert latest == ["N0", "S1"]


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 90), st.sampled_from("ABC")),
        min_size=1,
        max_size=8,
    )
)
def test_at_every_moment_of_record_valid_time_has_no_gap_and_no_overlap(steps):
    day, decisions = 0, [Decision("N0", 0, 0, 1)]
    for seq, (wait, notice, segment) in enumerate(steps, start=2):
        day += wait + 1
        decisions.append(Decision(segment, day + notice, day, seq))
    rows = beliefs(decisions)
    assert all(r.valid_from < r.valid_to and r.recorded_from < r.recorded_to for r in rows)
    for moment in {decision.recorded for decision in decisions}:
        known = sorted(
            (r for r in rows if r.recorded_from <= moment < r.recorded_to),
            key=lambda r: r.valid_from,
        )
        assert known[0].valid_from == 0
        assert known[-1].valid_to == OPEN_DAY
        assert all(a.valid_to == b.valid_from for a, b in itertools.pairwise(known))
