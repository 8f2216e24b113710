"""The gate as asset checks on the marts: one check per expectation, declared by its suite.

Nothing is listed here: a new expectation is a new check. All suites run in one step, because
they share one session and one receipt.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import dagster as dg

from dagster_project.analytics.solvers import STAGES
from dagster_project.defs.building import keys_of_layer
from dagster_project.defs.resources import WRITER_POOL, cause, dbt_manifest
from dagster_project.errors import TierlineError
from dagster_project.release.results import GateReport, GateResult, Status
from dagster_project.release.suites import outline
from dagster_project.settings import get_settings

VERDICT = "gate_is_open"
VERDICT_TABLE = "fct_control_result"


@cache
def check_names() -> dict[tuple[str, str], str]:
    """Return the name of the check that shows an expectation, by suite and expectation.

    It is the expectation's own name unless two suites of one table share it.
    """
    marts = keys_of_layer("marts")
    suites = [suite for suite in outline() if suite.table.removeprefix("marts.") in marts]
    uses = Counter((suite.table, name) for suite in suites for name in suite.names)
    return {
        (suite.suite, name): name if uses[suite.table, name] == 1 else f"{suite.suite}__{name}"
        for suite in suites
        for name in suite.names
    }


@cache
def _read_by_solvers() -> frozenset[str]:
    """Names of the dbt nodes that must stand before some solver.

    All suites run at the end, so a check on one of these cannot hold up what is made of it: only
    the verdict does.
    """
    manifest = dbt_manifest()
    names = {name for stage in STAGES for name in stage.inputs}
    found = {uid for uid, node in manifest["nodes"].items() if node["name"] in names}
    waiting = set(found)
    while waiting:
        waiting = set(manifest["parent_map"].get(waiting.pop(), ())) - found | waiting
        found |= waiting
    return frozenset(manifest["nodes"][uid]["name"] for uid in found if uid in manifest["nodes"])


def _specs() -> list[dg.AssetCheckSpec]:
    marts = keys_of_layer("marts")
    tables = {suite.suite: suite.table.removeprefix("marts.") for suite in outline()}
    specs = [
        dg.AssetCheckSpec(
            check, asset=marts[tables[suite]], blocking=tables[suite] not in _read_by_solvers()
        )
        for (suite, _), check in check_names().items()
    ]
    verdict = dg.AssetCheckSpec(
        VERDICT,
        asset=marts[VERDICT_TABLE],
        additional_deps=[key for key in marts.values() if key != marts[VERDICT_TABLE]],
        description="The receipt of the build is green; a red one holds the release back.",
        blocking=True,
    )
    return [*specs, verdict]


@dg.multi_asset_check(name="gate", specs=_specs(), pool=WRITER_POOL)
def gate(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """Judge the build in the work file and write its receipt."""
    from dagster_project.release import gate as judge

    try:
        report = judge(get_settings())
    except TierlineError as error:
        raise cause(error) from error
    names = check_names()
    answers = {(r.table, names.get((r.suite, r.name))): r for r in report.results}
    for spec in _specs():
        if spec.name == VERDICT:
            yield _verdict(spec, report)
        else:
            yield _result(spec, answers.get((".".join(spec.asset_key.path), spec.name)))


def _result(spec: dg.AssetCheckSpec, result: GateResult | None) -> dg.AssetCheckResult:
    if result is None:
        return _red(spec, "declared in expectations/, but the gate did not answer it")
    metadata: dict[str, Any] = {
        "status": result.status,
        "observed": result.observed or "as expected",
        "why": result.why,
        "control": result.control_id or "",
    }
    if result.sample:
        metadata["failing_rows"] = dg.MetadataValue.json(result.sample)
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=result.status == "PASS",
        severity=_severity(result.blocks),
        metadata=metadata,
    )


def _verdict(spec: dg.AssetCheckSpec, report: GateReport) -> dg.AssetCheckResult:
    counts = {status: report.count(status) for status in get_args(Status)}
    red = [f"{r.suite}.{r.name}: {r.observed}" for r in report.failed]
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=report.passed,
        severity=_severity(not report.passed),
        metadata={"build": report.build_id, **counts, "red": dg.MetadataValue.json(red[:20])},
    )


def _red(spec: dg.AssetCheckSpec, observed: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=False,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"observed": observed},
    )


def _severity(blocks: bool) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.ERROR if blocks else dg.AssetCheckSeverity.WARN
