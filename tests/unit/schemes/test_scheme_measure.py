"""Attributes are judged on those who ordered, and on the margin that came afterwards."""

import numpy as np
import pytest
from unit.segmentation.segment_cases import crowd, entities, months, quick_scheme, rows

from dagster_project.errors import TierlineError
from dagster_project.schemes.catalogue import judge_attributes
from dagster_project.schemes.measure import measure
from dagster_project.schemes.reader import History

SPINE = months("2023-01", 24)


def history(*more, excluded=(), as_of="2024-12-31"):
    past = entities(101, excluded=excluded)
    return History(past, rows(*crowd(SPINE), *more), as_of)


def test_judged_month_is_the_last_whose_following_window_has_passed():
    found = measure(history(), quick_scheme(window_months=6))
    assert found.judged_month == "2024-05"  # the last evaluation is that of November 2024
    assert len(found.months) == 13
    assert found.target is not None


def test_who_had_not_ordered_or_is_excluded_is_not_judged():
    found = measure(history(excluded=(1, 2)), quick_scheme())
    assert len(found.months[-1]) == 98  # 100 of the crowd less two; customer 0 never ordered
    assert found.target is not None
    assert len(found.target) == 98


def test_revenue_that_never_changes_tells_nothing_new_next_month_and_all_of_itself():
    found = measure(history(), quick_scheme())
    facts = {
        one.attribute_id: one for one in judge_attributes(found.names, found.months, found.target)
    }
    assert facts["net_revenue"].stability == pytest.approx(1.0)
    assert facts["net_revenue"].shift is not None
    assert not facts["net_revenue"].shift.is_shifted
    # No cost is known in this history: the margin is missing, and a class of its own.
    assert facts["gross_margin"].coverage == 0.0
    assert not facts["gross_margin"].is_chosen
    assert set(found.target or []) == {"missing"}


def test_short_history_has_no_target():
    found = measure(history(as_of="2023-07-31"), quick_scheme(window_months=12))
    assert found.target is None
    assert found.judged_month == "2023-06"
    assert not np.isnan(found.months[-1][:, found.names.index("net_revenue")]).any()


def test_history_without_a_month_is_told():
    with pytest.raises(TierlineError, match="No attribute can be judged"):
        measure(History(entities(3), rows(), "2024-12-31"), quick_scheme())
