"""When planning wants fresh segments, whether the data are there, and the sets it froze."""

from dagster_project.refresh.calendar import Cycle, FiscalPeriod, load_cycles
from dagster_project.refresh.frozen import FrozenSet, freeze, frozen_sets
from dagster_project.refresh.readiness import Readiness, judge

__all__ = [
    "Cycle",
    "FiscalPeriod",
    "FrozenSet",
    "Readiness",
    "freeze",
    "frozen_sets",
    "judge",
    "load_cycles",
]
