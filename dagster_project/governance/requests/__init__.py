"""Requests to move an entity to another segment: who may ask, who approves, what came of it."""

from dagster_project.governance.requests.desk import Ask, Asker, Desk, Outcome, Refused
from dagster_project.governance.requests.fold import KINDS_READ, Log, Request, fold
from dagster_project.governance.requests.machine import Act, State

__all__ = [
    "KINDS_READ",
    "Act",
    "Ask",
    "Asker",
    "Desk",
    "Log",
    "Outcome",
    "Refused",
    "Request",
    "State",
    "fold",
]
