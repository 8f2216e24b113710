"""The checks A1 to A8 of the record: what was decided, by whom, and what came of it."""

from dagster_project.governance.audit.results import FAIL, NO_DATA, PASS, CheckResult

__all__ = ["FAIL", "NO_DATA", "PASS", "CheckResult"]
