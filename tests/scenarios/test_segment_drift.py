"""Sizes of segments drift or do not: the mart says what the published index says."""

import numpy as np
import pytest

from dagster_project.schemes.catalogue import shift_of_counts


def test_index_and_limit_are_those_of_the_counts(people):
    rows = people("from marts.mart_segment_transition where start_entities_count > 0")
    quarters = sorted({row["quarter_start_date"] for row in rows})
    assert quarters
    for quarter in quarters:
        moves = [row for row in rows if row["quarter_start_date"] == quarter]
        before, after = {}, {}
        for row in moves:
            for side, key in ((before, "from_segment_key"), (after, "to_segment_key")):
                side[row[key]] = side.get(row[key], 0) + row["entities_count"]
        before.pop("-2", None)
        keys = sorted(before | after)
        counts = np.array([[side.get(key, 0) for key in keys] for side in (before, after)])
        assert moves[0]["end_entities_count"] == counts[1].sum()
        if len(keys) < 2:
            assert moves[0]["psi_critical_value"] is None
            continue
        shift = shift_of_counts(counts, alpha=0.05)
        assert moves[0]["psi"] == pytest.approx(shift.index)
        assert moves[0]["psi_critical_value"] == pytest.approx(shift.limit, rel=1e-3)
        assert moves[0]["is_drifted"] == (shift.index > shift.limit)


def test_probabilities_of_a_segment_add_up_to_one(people):
    rows = people(
        "select sum(probability) as total from marts.mart_segment_transition"
        " group by scheme_id, quarter_start_date, from_segment_key"
    )
    assert all(row["total"] == pytest.approx(1) for row in rows)
