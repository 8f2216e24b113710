"""E46: the target of Gold changes on 11 May from 95 to 90 percent."""

import pytest


def promised(tiers, month):
    rows = tiers(
        "select distinct promised_value from marts.mart_service_attainment"
        " where segment_key = 'service:S2' and basis = 'FIRST' and metric_id = 'OTIF'"
        f" and due_month = date '{month}'"
    )
    return [float(row["promised_value"]) for row in rows]


def test_a_month_is_judged_by_the_target_weighted_by_its_days(tiers):
    assert promised(tiers, "2025-05-01") == [pytest.approx((10 * 0.95 + 21 * 0.90) / 31, abs=1e-6)]


def test_the_months_around_it_have_the_target_of_their_own(tiers):
    assert promised(tiers, "2025-04-01") == [0.95]
    assert promised(tiers, "2025-06-01") == [0.90]
