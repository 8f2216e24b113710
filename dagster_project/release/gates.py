"""Judge the build in the work file: dbt's verdict, every suite, then one receipt.

The gate fails closed. A suite that cannot be imported or run, that is empty or that leaves an
expectation unanswered is red; so are a missing table, an empty table whose feeds were
delivered, a control that no suite judges and a build without dbt tests. Rules about data do
not belong here but in ``expectations/``.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dagster_project.errors import LockedError
from dagster_project.release.build_facts import Build, read_build
from dagster_project.release.dbt_verdict import dbt_results
from dagster_project.release.digest import TableDigest, schema_digests
from dagster_project.release.draft import Draft
from dagster_project.release.early_digests import EarlyDigests
from dagster_project.release.gx_import import preload
from dagster_project.release.receipt import write_receipt
from dagster_project.release.results import GateReport, GateResult
from dagster_project.release.suite_process import SuiteProcess
from dagster_project.release.suite_runner import Facts, read_facts, red, run_suites
from dagster_project.release.suites import EXPECTATIONS_DIR, suite_paths
from dagster_project.release.work_file import open_work_file, stamp
from dagster_project.settings import Settings

Progress = Callable[[str, int, int], None]
"""Called with the suite that was judged, how many are done and how many there are."""


def gate(
    settings: Settings,
    build_id: str | None = None,
    progress: Progress | None = None,
    draft: Draft | None = None,
    aside: SuiteProcess | None = None,
    suites_dir: Path = EXPECTATIONS_DIR,
    early: EarlyDigests | None = None,
) -> GateReport:
    """Judge the build in the work file and write its receipt.

    A build that did not come to its end is red without being judged: its tables are a mixture.

    Args:
        settings: The environment.
        build_id: The build that is expected; null takes the one that is there.
        progress: Told of each suite.
        suites_dir: Where the suites are.
        draft: Begun as soon as the tables are digested, while suites go on judging.
        aside: A process that runs the suites, where one was started.
        early: Digests that the build made, taken where the work file is still as it left it.

    Raises:
        UsageError: There is no build, or it is not the expected one.
        LockedError: The work file is being written, or was written meanwhile.
    """
    before = stamp(settings)
    facts, digests = Facts(), {}
    with open_work_file(settings) as connection, ThreadPoolExecutor(1) as pool:
        build = read_build(settings, connection, build_id)
        results = dbt_results(build)
        if build.is_complete:
            if not aside:
                preload()
            facts = read_facts(connection)
            # Suites are mostly Python and digests none of it.
            known = early.of(before) if early else None
            digesting = pool.submit(_digest, connection, build, draft, known)
            run = aside.run_suites if aside else run_suites
            results += run(settings, suite_paths(suites_dir), facts, progress or _silent)
            results += _controls_without_suite(results, facts)
            digests = digesting.result()
    if stamp(settings) != before:
        raise LockedError(
            "The work file was written while it was judged.",
            "The verdict would be about tables that are no longer there.",
            "Run `tierline gate` again when the build has finished.",
        )
    report = GateReport(build.build_id, build.as_of, results, facts.waivers, facts.explanations)
    write_receipt(settings, build, report, digests, before)
    return report


def _digest(
    connection: Any, build: Build, draft: Draft | None, known: dict[str, TableDigest] | None
) -> dict[str, TableDigest]:
    digests = known or schema_digests(connection, "marts")
    if draft:
        draft.begin(build, digests)
    return digests


def _controls_without_suite(results: list[GateResult], facts: Facts) -> list[GateResult]:
    judged = {result.control_id for result in results}
    return [
        red("gate", "control_has_a_suite", "evaluated, but no suite judges it", control_id)
        for control_id in facts.controls
        if control_id not in judged
    ]


def _silent(*_: object) -> None:
    return None
