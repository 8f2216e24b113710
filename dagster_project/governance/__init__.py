"""What people decide: the kinds of decision, the store that keeps them, their tables."""

from dagster_project.governance.decisions import Decision, DecisionStore, Entry, Head
from dagster_project.governance.kinds import KINDS, Kind, kind_named

__all__ = ["KINDS", "Decision", "DecisionStore", "Entry", "Head", "Kind", "kind_named"]
