"""What dbt proved of a build, as gate results.

dbt tests judge rows; the suites judge the batch. Both must be green.
"""

from typing import Any

from dagster_project.release.build_facts import Build
from dagster_project.release.results import GateResult

_GOOD = ("success", "pass", "warn")


def dbt_results(build: Build) -> list[GateResult]:
    """Judge what dbt reported; an unfinished build or one without a dbt test is red."""
    nodes = build.dbt or []
    bad = [node for node in nodes if node["status"] not in _GOOD]
    results = [_result(n["unique_id"], "FAIL", f"{n['status']}: {n.get('message')}") for n in bad]
    results += [
        _result(n["unique_id"], "WARN", str(n.get("message")))
        for n in nodes
        if n["status"] == "warn"
    ]
    if not build.is_complete:
        results.append(_result("build_is_complete", "FAIL", "the build did not come to its end"))
    tests = sum(node["unique_id"].startswith("test.") for node in nodes)
    if not tests:
        results.append(_result("dbt_tests_ran", "FAIL", "no dbt test ran for this build"))
    elif not bad:
        results.append(_result("dbt_tests_ran", "PASS", f"{tests} tests, none failed"))
    return results


def _result(name: str, status: Any, observed: str) -> GateResult:
    severity = "MEDIUM" if status == "WARN" else "CRITICAL"
    why = "dbt tests prove keys, types and references; what they reject is not published."
    return GateResult("dbt", name, severity, status, why, observed=observed)
