"""What holds a rule back although it fired: frozen season, dwell, cool-off, contract floor.

Each function is about all customers at once and returns where the guard blocks.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from dagster_project.reclassification.effective import NEVER, Calendar
from dagster_project.segmentation.scores import BoolArray, IntArray

_SEASON = re.compile(r"(\d\d)-(\d\d)/(\d\d)-(\d\d)")
_QUARTER_END = re.compile(r"QUARTER_END\((\d+)\)")


@dataclass(frozen=True)
class Freeze:
    """A time of the year without moves: a season, both ends included, or a quarter's last days."""

    first: tuple[int, int] = (0, 0)
    last: tuple[int, int] = (0, 0)
    quarter_days: int = 0

    def covers(self, day: int, calendar: Calendar) -> bool:
        """Whether the day lies inside; a season may run over the end of the year."""
        if self.quarter_days:
            following = int(np.searchsorted(calendar.quarter_starts, day, side="right"))
            if following == len(calendar.quarter_starts):
                raise ValueError("the fiscal calendar does not cover the day of this evaluation")
            return bool(calendar.quarter_starts[following] - day <= self.quarter_days)
        at = date(1970, 1, 1) + timedelta(days=day)
        place = (at.month, at.day)
        if self.first <= self.last:
            return self.first <= place <= self.last
        return place >= self.first or place <= self.last


def parse_freeze(text: str) -> Freeze:
    """Read ``11-01/12-31`` or ``QUARTER_END(5)``.

    Raises:
        ValueError: The text is neither.
    """
    match = _SEASON.fullmatch(text)
    if match:
        numbers = [int(part) for part in match.groups()]
        for month, day in (numbers[:2], numbers[2:]):
            date(2024, month, day)
        return Freeze((numbers[0], numbers[1]), (numbers[2], numbers[3]))
    match = _QUARTER_END.fullmatch(text)
    if match and int(match[1]) > 0:
        return Freeze(quarter_days=int(match[1]))
    raise ValueError(f"{text!r} is neither MM-DD/MM-DD nor QUARTER_END(days)")


def is_frozen(windows: tuple[Freeze, ...], day: int, calendar: Calendar) -> bool:
    """Whether any window covers the day."""
    return any(window.covers(day, calendar) for window in windows)


def dwelling(since_day: IntArray, day: int, min_days: int) -> BoolArray:
    """Where the last change has not rested long enough; one still to come never has."""
    return day - since_day < min_days


def cooling_off(override_end: IntArray, day: int, days: int) -> BoolArray:
    """Where a manual override ended less than ``days`` ago."""
    return (override_end > NEVER) & (day - override_end < days)


def limit_steps(current: IntArray, target: IntArray, max_steps: int, tier_count: int) -> IntArray:
    """Pull a target back to at most ``max_steps`` tiers from the current one.

    Moves from or to a segment outside the tiers are not steps and stay as they are.
    """
    between_tiers = (current < tier_count) & (target < tier_count)
    near = np.clip(target, current - max_steps, current + max_steps)
    return np.where(between_tiers, near, target)


def not_below(target: IntArray, floor: IntArray, tier_count: int) -> IntArray:
    """Lift tiers that are worse than the contract floor to it; a floor of -1 is none."""
    undercut = (floor >= 0) & (target < tier_count) & (target > floor)
    return np.where(undercut, floor, target)


def family_root(parent: IntArray) -> IntArray:
    """The topmost ancestor of each customer; -1 as parent means none.

    Raises:
        ValueError: The parents form a circle.
    """
    every = np.arange(len(parent))
    root = np.where(parent < 0, every, parent)
    for _ in range(64):
        above = root[root]
        if np.array_equal(above, root):
            break
        root = above
    if (parent[root] >= 0).any():
        raise ValueError("the parents of some customers form a circle")
    return root
