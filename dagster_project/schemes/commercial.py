"""Do contracts, sales incentives and tiers want the same of a customer?

Conflicts per customer and quarter, on arrays: customers are numbers, tiers are ranks (1 is the
best, 0 is none), days count from 1970-01-01. Where the figures come from is in
``commercial_tables.py``.

- C1: the contract promises more than the tier. C2: the tier is better than the contract pays for.
- C3: the representative earns more by customers of low tiers than by those of high ones.
- C4: the tier rests on a contract that ends soon. C5: a key account of the CRM in a low tier.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from dagster_project.segmentation.scores import BoolArray, FloatArray, IntArray

EVERGREEN = np.iinfo(np.int32).max
"""End of a contract without an end."""

CONFLICTS = ("C1", "C2", "C3", "C4", "C5")


@dataclass(frozen=True)
class Contracts:
    """One element per contract and customer for whom it holds.

    ``class_rank``: tier that the promise of service belongs to; ``floor_rank``: lowest tier that it
    allows; 0 for none. ``value``: per year in group currency, NaN where unknown or another's.
    """

    entity: IntArray
    start_day: IntArray
    end_day: IntArray
    is_auto_renew: BoolArray
    class_rank: IntArray
    floor_rank: IntArray
    value: FloatArray


@dataclass(frozen=True)
class Incentives:
    """What a representative earns by a customer in the quarter; one element per pair."""

    rep: IntArray
    entity: IntArray
    amount: FloatArray


@dataclass(frozen=True)
class Limits:
    """Policy: tiers' least contract value by rank - 1, days to expiry, least customers of a
    representative, first rank that is low for a key account."""

    min_value: FloatArray
    expiry_days: int
    min_customers: int
    low_rank: int


@dataclass(frozen=True)
class Alignment:
    """One element per customer, NaN and 0 where there is none; ``conflicts``: one column each."""

    contract_rank: IntArray
    contract_value: FloatArray
    contract_end_day: IntArray
    rep: IntArray
    incentive: FloatArray
    incentive_share: FloatArray
    rep_tau: FloatArray
    conflicts: BoolArray


def align(
    rank: IntArray,
    is_key_account: BoolArray,
    contracts: Contracts,
    incentives: Incentives,
    day: int,
    limits: Limits,
) -> Alignment:
    """Find the conflicts of one quarter.

    Args:
        rank: Tier of each customer at the end of the quarter, 0 for none.
        is_key_account: Of each customer, in the CRM.
        contracts: All of them; those in force on the day count, and of several the strongest.
        incentives: Of the quarter.
        day: Last day of the quarter.
        limits: Policy.
    """
    count = len(rank)
    in_force = (contracts.start_day <= day) & (contracts.end_day > day)
    promised = np.where(contracts.class_rank > 0, contracts.class_rank, EVERGREEN)
    floors = np.where(contracts.floor_rank > 0, contracts.floor_rank, EVERGREEN)
    contract_rank = _least(contracts.entity, np.minimum(promised, floors), in_force, count)
    value = _sum(contracts.entity, contracts.value, in_force, count)
    ends = in_force & ~contracts.is_auto_renew & (contracts.floor_rank > 0)
    end_day = _least(contracts.entity, contracts.end_day, ends, count)
    # The tier rests on a floor that ends unless a floor as good goes on.
    lasting = in_force & (contracts.is_auto_renew | (contracts.end_day > day + limits.expiry_days))
    floor = _least(contracts.entity, floors, in_force, count)
    lasting_floor = _least(contracts.entity, floors, lasting, count)
    rep, amount, share = _main_rep(incentives, count)
    tau_of_rep = rep_tau(incentives, rank, limits.min_customers)
    tau = np.where(rep >= 0, np.append(tau_of_rep, np.nan)[rep], np.nan)
    tiered = rank > 0
    least_value = np.append(0.0, limits.min_value)[np.maximum(rank, 0)]
    is_resting = (floor > 0) & (rank >= floor) & ((lasting_floor == 0) | (lasting_floor > floor))
    conflicts = np.stack(
        [
            tiered & (contract_rank > 0) & (contract_rank < rank),
            tiered & ~np.isnan(value) & (value < least_value),
            tiered & (tau < 0),
            tiered & is_resting,
            tiered & is_key_account & (rank >= limits.low_rank),
        ],
        axis=1,
    )
    return Alignment(contract_rank, value, end_day, rep, amount, share, tau, conflicts)


def promise_class(promised: FloatArray, by_rank: FloatArray) -> IntArray:
    """Return the best tier whose own promise a contract reaches; 0 without a promise.

    Args:
        promised: Share on time in full of each contract, NaN where it says nothing.
        by_rank: Promise of each tier, the best first.
    """
    reached = promised[:, None] >= by_rank[None, :] - 1e-9
    found = np.argmax(reached, axis=1) + 1
    # A promise below that of every tier is of the class of the last.
    found = np.where(reached.any(axis=1), found, len(by_rank))
    return np.where(np.isnan(promised), 0, found)


def rep_tau(incentives: Incentives, rank: IntArray, min_customers: int) -> FloatArray:
    """Return how a representative's incentive follows the tiers: Kendall's tau-b, -1 to 1.

    1: the better the tier, the more it earns. NaN for too few customers in tiers, or where either
    does not vary. Source: M. G. Kendall, The Treatment of Ties in Ranking Problems, Biometrika 33
    (1945).

    Args:
        incentives: Of one quarter.
        rank: Tier of each customer, 0 for none.
        min_customers: Fewer have no order to compare.
    """
    known = rank[incentives.entity] > 0
    reps, entity, amount = (
        column[known] for column in (incentives.rep, incentives.entity, incentives.amount)
    )
    found = np.full(int(incentives.rep.max(initial=-1)) + 1, np.nan)
    for rep in np.unique(reps).tolist():
        own = reps == rep
        if own.sum() >= min_customers:
            # A lower rank is a better tier.
            found[rep] = _tau_b(-rank[entity[own]], amount[own])
    return found


def _tau_b(tier: IntArray, amount: FloatArray) -> float:
    """Kendall's tau-b of few tiers and many amounts; scipy's takes longer to import than this day.

    Of each two tiers, every amount of the better one is placed among those of the other.
    """
    groups = [np.sort(amount[tier == one]) for one in np.unique(tier)]
    concordant = 0
    for worse, better in combinations(groups, 2):
        below = np.searchsorted(worse, better, "left")
        above = len(worse) - np.searchsorted(worse, better, "right")
        concordant += int((below - above).sum())
    size = len(amount)
    untied = _pairs(np.array([size])) - _pairs(np.array([len(group) for group in groups]))
    distinct = _pairs(np.array([size])) - _pairs(np.unique(amount, return_counts=True)[1])
    scale = np.sqrt(float(untied) * float(distinct))
    return concordant / scale if scale else np.nan


def _pairs(sizes: IntArray) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _main_rep(incentives: Incentives, count: int) -> tuple[IntArray, FloatArray, FloatArray]:
    """Representative who earns most by each customer, what, and as a share of all it earns."""
    rep = np.full(count, -1, dtype=np.int64)
    amount, share = np.full(count, np.nan), np.full(count, np.nan)
    order = np.lexsort((-incentives.rep, incentives.amount))
    total = np.bincount(incentives.rep, incentives.amount, int(incentives.rep.max(initial=-1)) + 1)
    who = incentives.entity[order]
    # The last write stays: the largest amount, and of equal ones the first representative.
    rep[who], amount[who] = incentives.rep[order], incentives.amount[order]
    known = rep >= 0
    whole = total[rep[known]]
    share[known] = np.divide(amount[known], whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return rep, amount, share


def _least(entity: IntArray, values: IntArray, chosen: BoolArray, count: int) -> IntArray:
    """Least chosen value of each customer, 0 for none."""
    found = np.full(count, EVERGREEN, dtype=np.int64)
    np.minimum.at(found, entity[chosen], values[chosen].astype(np.int64))
    return np.where(found == EVERGREEN, 0, found)


def _sum(entity: IntArray, values: FloatArray, chosen: BoolArray, count: int) -> FloatArray:
    """Sum of the known chosen values, NaN where none is known."""
    known = chosen & ~np.isnan(values)
    seen = np.bincount(entity[known], minlength=count)
    return np.where(seen > 0, np.bincount(entity[known], values[known], count), np.nan)


def codes(conflicts: BoolArray) -> NDArray[np.object_]:
    """Return the conflicts of each customer as text, e.g. ``C1 C5``; null without any."""
    parts = [
        np.where(conflicts[:, k], f"{name} ", "").astype(object) for k, name in enumerate(CONFLICTS)
    ]
    return np.array([one.strip() or None for one in sum(parts[1:], parts[0])], dtype=object)
