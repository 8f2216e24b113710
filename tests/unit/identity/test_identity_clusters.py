"""Clusters keep apart what must stay apart, and cut the weakest pair to do so."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.identity.clusters import NONE, Apart, Edges, cluster


def clustered(count, pairs, told=(), **apart):
    """Cluster pairs, strongest first; ``told`` are the numbers of those said by a person."""
    left, right = (np.array([each[at] for each in pairs], dtype=np.int64) for at in (0, 1))
    is_told = np.isin(np.arange(len(pairs)), list(told))
    arrays = {
        name: [np.array(codes, dtype=np.int64) for codes in value]
        for name, value in apart.items()
        if name in ("exclusive", "once")
    }
    forbidden = apart.get("forbidden", ())
    sides = [np.array([each[at] for each in forbidden], dtype=np.int64) for at in (0, 1)]
    group, cut = cluster(
        count, Edges(left, right, is_told), Apart(**arrays, left=sides[0], right=sides[1])
    )
    return group.tolist(), np.flatnonzero(cut).tolist()


def test_a_chain_is_one_cluster_named_after_its_smallest_record():
    assert clustered(5, [(3, 4), (1, 3)]) == ([0, 1, 2, 1, 1], [])


def test_no_pair_no_cluster():
    assert clustered(3, []) == ([0, 1, 2], [])


def test_the_weakest_pair_between_two_tax_numbers_is_cut():
    chain = [(0, 1), (2, 3), (1, 2)]
    assert clustered(4, chain, exclusive=[[7, NONE, NONE, 8]]) == ([0, 0, 2, 2], [2])


def test_an_unknown_tax_number_does_not_part():
    assert clustered(3, [(0, 1), (1, 2)], exclusive=[[7, NONE, 7]]) == ([0, 0, 0], [])


def test_a_source_is_in_a_cluster_once():
    assert clustered(3, [(0, 1), (1, 2)], once=[[5, 6, 5]]) == ([0, 0, 2], [1])


def test_a_person_may_put_a_source_in_twice_but_not_two_tax_numbers():
    assert clustered(2, [(0, 1)], told=[0], once=[[5, 5]]) == ([0, 0], [])
    assert clustered(2, [(0, 1)], told=[0], exclusive=[[5, 6]]) == ([0, 1], [0])


def test_a_pair_that_a_person_parted_is_parted_through_others_too():
    group, cut = clustered(4, [(0, 1), (1, 2), (2, 3)], forbidden=[(0, 3)])
    assert (group, cut) == ([0, 0, 0, 3], [2])


@settings(max_examples=60, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30),
    codes=st.lists(st.integers(NONE, 2), min_size=12, max_size=12),
    sources=st.lists(st.integers(NONE, 5), min_size=12, max_size=12),
    forbidden=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=4),
)
def test_no_cluster_ever_breaks_a_constraint(pairs, codes, sources, forbidden):
    pairs = [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    forbidden = [pair for pair in forbidden if pair[0] != pair[1]]
    group, cut = clustered(12, pairs, exclusive=[codes], once=[sources], forbidden=forbidden)
    for first in set(group):
        members = [record for record in range(12) if group[record] == first]
        assert first == min(members)
        assert len({codes[record] for record in members} - {NONE}) <= 1
        known = [sources[record] for record in members if sources[record] != NONE]
        assert len(known) == len(set(known))
    assert all(group[one] != group[other] for one, other in forbidden)
    kept = [pair for number, pair in enumerate(pairs) if number not in cut]
    assert all(group[one] == group[other] for one, other in kept)


@pytest.mark.parametrize("count", [1, 1000])
def test_records_without_pairs_stay_alone(count):
    assert clustered(count, [])[0] == list(range(count))
