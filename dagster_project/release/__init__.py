"""Gates, receipts and releases: nothing reaches a reader that was not judged green.

The functions below are the whole interface; ``expectations/`` holds the rules. They import
their heavy parts only when they run.
"""

from dagster_project.release.copy_ahead import CopyAhead
from dagster_project.release.draft import Draft
from dagster_project.release.early_digests import EarlyDigests
from dagster_project.release.gates import gate
from dagster_project.release.gx_import import preload
from dagster_project.release.publish import publish
from dagster_project.release.releases import (
    Release,
    Staleness,
    current_release,
    list_releases,
    rollback,
    staleness,
)
from dagster_project.release.results import GateReport, GateResult
from dagster_project.release.suite_process import SuiteProcess

__all__ = [
    "CopyAhead",
    "Draft",
    "EarlyDigests",
    "GateReport",
    "GateResult",
    "Release",
    "Staleness",
    "SuiteProcess",
    "current_release",
    "gate",
    "list_releases",
    "preload",
    "publish",
    "rollback",
    "staleness",
]
