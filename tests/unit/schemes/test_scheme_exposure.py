"""Who compares notes: customers with different tiers under one roof."""

import numpy as np

from dagster_project.schemes.exposure import (
    AREA,
    BUYING_GROUP,
    PARENT,
    area_of,
    exposed_pairs,
    meetings,
)

WEIGHTS = {PARENT: 3.0, BUYING_GROUP: 2.0, AREA: 1.0}
# Hamburg twice, a street apart, and Munich.
LATITUDE = np.array([53.5503, 53.5510, 48.1374, np.nan])
LONGITUDE = np.array([9.9936, 9.9950, 11.5755, 9.9])


def pairs(rank, *found, largest=50, most=10):
    return exposed_pairs(
        np.array(rank), [m for part in found for m in part], WEIGHTS, largest, most
    )


def test_places_a_street_apart_are_one_area_and_another_town_is_not():
    cells = area_of(LATITUDE, LONGITUDE)
    assert cells[0] == cells[1] != cells[2]
    assert cells[3] is None


def test_two_sites_of_one_parent_in_one_area_with_first_and_last_tier_are_the_top_pair():
    areas = meetings(AREA, zip(area_of(LATITUDE, LONGITUDE), range(4), strict=True))
    parents = meetings(PARENT, [("P", 0), ("P", 1), ("Q", 2), ("Q", 3)])
    groups = meetings(BUYING_GROUP, [("G", 0), ("G", 2), ("G", 3)])
    found = pairs([4, 1, 2, 3], areas, parents, groups)
    top = found[0]
    assert (top.first, top.second, top.gap) == (1, 0, 3)
    assert top.kinds == (AREA, PARENT)
    assert top.exposure == 3 * (3.0 + 1.0)
    assert [one.exposure for one in found] == sorted((p.exposure for p in found), reverse=True)


def test_equal_tiers_and_customers_without_a_tier_have_nothing_to_compare():
    group = meetings(BUYING_GROUP, [("G", 0), ("G", 1), ("G", 2)])
    assert pairs([2, 2, 0], group) == []


def test_contact_of_a_kind_counts_once_however_many_places_are_shared():
    areas = meetings(AREA, [("X", 0), ("X", 1), ("Y", 0), ("Y", 1)])
    [found] = pairs([1, 2], areas)
    assert found.weight == 1.0


def test_where_too_many_meet_nobody_knows_the_others():
    crowd = meetings(AREA, [("X", k) for k in range(5)])
    assert pairs([1, 2, 3, 4, 1], crowd, largest=4) == []
    assert len(pairs([1, 2, 3, 4, 1], crowd, largest=5)) == 9


def test_only_the_most_exposed_are_kept():
    crowd = meetings(AREA, [("X", k) for k in range(4)])
    assert [p.gap for p in pairs([1, 2, 3, 4], crowd, most=3)] == [3, 2, 2]
