"""The market is what trusted competitors offer today; our place follows from our own promise."""

from datetime import date

import pytest

from dagster_project.improvement.competition import Offer, market_of, position, weighted_median

ON, OLDEST = date(2026, 5, 31), date(2025, 6, 1)


def offer(value, competitor="ACME", confidence="A", observed=date(2026, 1, 1), expires=None):
    return Offer(competitor, value, confidence, observed, expires)


def median(*offers, less=False):
    return market_of(offers, ON, OLDEST, less).median


def test_median_follows_the_confidence_of_the_offers():
    assert weighted_median([0.90, 0.95, 0.99], [1, 1, 1]) == 0.95
    assert weighted_median([0.90, 0.95, 0.99], [4, 1, 1]) == 0.90
    assert weighted_median([0.90, 0.95], [1, 1]) == pytest.approx(0.925)


@pytest.mark.parametrize(
    "gone",
    [
        offer(0.99, expires=date(2026, 5, 30)),
        offer(0.99, observed=date(2025, 5, 31)),
        offer(0.99, confidence="D"),
        offer(0.99, observed=date(2026, 6, 1)),
    ],
    ids=["expired", "older than a year", "nobody trusts it", "not seen yet"],
)
def test_offer_that_no_longer_counts_drops_from_the_median_and_is_shown_grey(gone):
    live = [offer(0.90), offer(0.92, "BETA")]
    assert median(*live) == pytest.approx(0.91)
    found = market_of([*live, gone], ON, OLDEST, False)
    assert (found.median, found.grey, found.competitors) == (pytest.approx(0.91), 1, 2)


def test_position_flips_when_our_promise_changes():
    market = median(offer(0.93), offer(0.95, "BETA"))
    assert position(0.95, market, False) == "STRONGER"
    assert position(0.94, market, False) == "EQUAL"
    assert position(0.92, market, False) == "WEAKER"


def test_fewer_days_are_the_stronger_promise():
    found = market_of([offer(2.0), offer(3.0, "BETA")], ON, OLDEST, True)
    assert found.best == 2.0
    assert position(2.0, found.median, True) == "STRONGER"
    assert position(4.0, found.median, True) == "WEAKER"


def test_without_an_offer_that_counts_there_is_no_position():
    found = market_of([offer(0.9, confidence="D")], ON, OLDEST, False)
    assert found.median is None
    assert position(0.9, found.median, False) is None
