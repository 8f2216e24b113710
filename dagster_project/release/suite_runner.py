"""Run suites against the work file and turn every outcome, also a crash, into results.

What a suite is belongs in ``suites``; how GX reaches DuckDB in ``gx_duckdb``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dagster_project.release.answered import people_answer_for
from dagster_project.release.gx_duckdb import DuckDbSession
from dagster_project.release.results import SAMPLE_ROWS, GateResult, Status, plain, verdict
from dagster_project.release.suites import SEVERITIES, Suite, has_rows, load_suite
from dagster_project.settings import Settings

CONTROL_TABLE = "marts.fct_control_result"


@dataclass(frozen=True)
class Facts:
    """What the runner knows of the work file besides the expectations."""

    tables: set[str] = field(default_factory=set)
    empty: set[str] = field(default_factory=set)
    delivered: set[str] = field(default_factory=set)
    """Feeds with an active batch, as ``system.feed``."""
    controls: dict[str, dict[str, int]] = field(default_factory=dict)
    """Rows of the control table by control and status; waived rows count as ``WAIVED``."""
    waivers: list[dict[str, Any]] = field(default_factory=list)
    explanations: list[dict[str, Any]] = field(default_factory=list)


def read_facts(connection: Any) -> Facts:
    """Look around in the work file.

    Raises:
        duckdb.Error: The list of batches is missing; without it nothing can be judged.
    """
    tables = {
        row[0]
        for row in connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_catalog = current_database() and table_schema = 'marts'"
        ).fetchall()
    }
    empty = {t for t in tables if not connection.execute(f"select 1 from {t} limit 1").fetchone()}
    delivered = connection.execute(
        "select distinct system || '.' || feed from raw.batch where is_active"
    ).fetchall()
    feeds = {row[0] for row in delivered}
    if CONTROL_TABLE not in tables:
        return Facts(tables, empty, feeds)
    controls: dict[str, dict[str, int]] = {}
    counted = connection.execute(
        "select control_id,"
        " case when waived_by is null then coalesce(status, 'null') else 'WAIVED' end,"
        f" count(*) from {CONTROL_TABLE} group by all order by all"
    ).fetchall()
    for control_id, status, count in counted:
        controls.setdefault(control_id, {})[status] = count
    waivers, explanations = people_answer_for(connection)
    return Facts(tables, empty, feeds, controls, waivers, explanations)


def run_suites(
    settings: Settings,
    paths: list[Path],
    facts: Facts,
    on_suite: Callable[[str, int, int], None],
) -> list[GateResult]:
    """Run all suites in one GX session; a suite that raises is one red result."""
    if not paths:
        return [red("gate", "suites_exist", "there is no suite; such a gate opens for anything")]
    results: list[GateResult] = []
    with DuckDbSession(settings.warehouse_path, settings.memory_limit, settings.threads) as session:
        for done, path in enumerate(paths, start=1):
            try:
                results += _run_suite(session, load_suite(path), facts)
            except Exception as error:  # whatever it is: red, never a crash and never green
                results.append(red(path.stem, "suite_runs", _first_line(error)))
            on_suite(path.stem, done, len(paths))
    return results


def red(suite: str, name: str, observed: str, control_id: str | None = None) -> GateResult:
    """Build the result of something that could not be judged."""
    why = "A gate that cannot judge stays shut."
    return GateResult(suite, name, "CRITICAL", "FAIL", why, control_id, observed)


def _run_suite(session: DuckDbSession, suite: Suite, facts: Facts) -> list[GateResult]:
    if not suite.expectations:
        return [red(suite.name, "suite_is_not_empty", "no expectations; GX would report success")]
    expectations = [has_rows(), *suite.expectations]
    _check_meta(suite, expectations)
    if suite.table not in facts.tables:
        missing = f"{suite.table} does not exist in this build"
        return [_result(suite, e, False, missing) for e in expectations]
    missing_feeds = [feed for feed in suite.needs if feed not in facts.delivered]
    if missing_feeds and suite.table in facts.empty:
        reason = f"no rows: {', '.join(missing_feeds)} never delivered"
        return [_result(suite, e, True, reason, no_data=True) for e in expectations]
    verdicts = {v["name"]: v for v in session.validate(suite.table, expectations)}
    return [_judged(session, suite, e, verdicts.get(e.meta["name"]), facts) for e in expectations]


def _check_meta(suite: Suite, expectations: list[Any]) -> None:
    names = [(e.meta or {}).get("name") for e in expectations]
    if not all(names) or len(set(names)) != len(names):
        raise ValueError("every expectation needs a name of its own in meta")
    for expectation in expectations:
        meta = expectation.meta
        if meta.get("severity") not in SEVERITIES or not meta.get("why"):
            raise ValueError(f"{meta['name']}: meta needs why and one of {', '.join(SEVERITIES)}")


def _judged(
    session: DuckDbSession,
    suite: Suite,
    expectation: Any,
    found: dict[str, Any] | None,
    facts: Facts,
) -> GateResult:
    if found is None:
        return _result(suite, expectation, False, "Great Expectations gave no answer")
    counts = facts.controls.get(expectation.meta.get("control", ""), {})
    if found["success"] and counts:
        observed = ", ".join(f"{count} {status}" for status, count in counts.items())
        result = _result(suite, expectation, True, observed, no_data="NO_DATA" in counts)
        return replace(result, status=_worst(counts) or result.status)
    sample = [] if found["success"] else _sample(session, suite, expectation, found)
    return _result(suite, expectation, found["success"], _observed(found), sample=sample)


def _worst(counts: dict[str, int]) -> Status | None:
    """What a control that does not block still says aloud."""
    if "WAIVED" in counts:
        return "WAIVED"
    return "WARN" if "WARN" in counts else None


def _observed(found: dict[str, Any]) -> str:
    if found["error"]:
        return str(found["error"]).splitlines()[0]
    result = found["result"]
    if "unexpected_count" in result:
        return f"{result['unexpected_count']} of {result.get('element_count')} values unexpected"
    return str(plain(result.get("observed_value")))


def _sample(
    session: DuckDbSession, suite: Suite, expectation: Any, found: dict[str, Any]
) -> list[dict[str, Any]]:
    query = getattr(expectation, "unexpected_rows_query", None)
    if query and not found["error"]:
        rows = session.rows(str(query), suite.table, SAMPLE_ROWS)
        return [{name: plain(value) for name, value in row.items()} for row in rows]
    values = found["result"].get("partial_unexpected_list") or []
    column = getattr(expectation, "column", "value")
    return [{column: plain(value)} for value in values[:SAMPLE_ROWS]]


def _result(
    suite: Suite,
    expectation: Any,
    success: bool,
    observed: str,
    sample: list[dict[str, Any]] | None = None,
    no_data: bool = False,
) -> GateResult:
    meta = expectation.meta
    return GateResult(
        suite=suite.name,
        name=meta["name"],
        severity=meta["severity"],
        status="NO_DATA" if success and no_data else verdict(success, meta["severity"]),
        why=meta["why"],
        control_id=meta.get("control"),
        observed=observed,
        sample=sample or [],
        table=suite.table,
    )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
