"""Two policies on one history: exactly those whose segment differs are told."""

from dataclasses import replace

from unit.segmentation.segment_cases import (
    at_percentile,
    crowd,
    entities,
    months,
    quick_scheme,
    rows,
)

from dagster_project.schemes.diff import compare, last_segments
from dagster_project.schemes.reader import History
from dagster_project.segmentation.policy import Tier

SPINE = months("2024-01", 12)
PAST = History(
    entities(101),
    rows(*crowd(SPINE), *[(0, m, at_percentile(82)) for m in SPINE]),
    "2024-12-31",
)


def lowered(scheme):
    """The first tier is won at 80 instead of 85."""
    first, *others = scheme.tiers
    return replace(scheme, tiers=(Tier(first.code, 800_000, 780_000), *others))


def test_lower_limit_lifts_those_between_the_limits_and_nobody_else():
    found = compare(PAST, quick_scheme(), lowered(quick_scheme()))
    assert set(found.counts) == {("S2", "S1")}
    assert "E000" in [mover.entity_id for mover in found.movers]
    assert found.counts["S2", "S1"] == len(found.movers)
    assert found.revenue["S2", "S1"] == sum(mover.net_revenue for mover in found.movers)


def test_largest_customers_come_first():
    movers = compare(PAST, quick_scheme(), lowered(quick_scheme())).movers
    assert [m.net_revenue for m in movers] == sorted((m.net_revenue for m in movers), reverse=True)
    assert movers[0].net_revenue == 12 * 1000 * int(movers[0].entity_id[1:])


def test_policy_against_itself_moves_nobody():
    found = compare(PAST, quick_scheme(), quick_scheme())
    assert found.movers == []
    assert found.counts == {}
    assert found.crosswalk.adjusted_rand == 1.0


def test_movers_are_those_of_two_replays():
    old, new = quick_scheme(), lowered(quick_scheme())
    pairs = zip(last_segments(PAST, old), last_segments(PAST, new), strict=True)
    differ = [PAST.entities.entity_id[k] for k, (a, b) in enumerate(pairs) if a != b]
    assert sorted(mover.entity_id for mover in compare(PAST, old, new).movers) == differ
