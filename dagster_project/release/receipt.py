"""One receipt per build: what was built, what judged it, and which tables that holds for.

``<home>/receipts/<build_id>.json`` is written by the gate and demanded by ``publish``. It carries
a digest of every judged table, so a receipt says nothing about a work file that was changed
afterwards. Judging belongs in ``gates``.
"""

import json
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dagster_project.errors import RedError
from dagster_project.release.build_facts import Build
from dagster_project.release.digest import TableDigest
from dagster_project.release.files import write_json
from dagster_project.release.results import GateReport
from dagster_project.release.work_file import Stamp
from dagster_project.settings import Settings

RECEIPT_VERSION = 2
"""Raise it when digests change: an update starts from those of an older receipt else."""


def receipt_path(settings: Settings, build_id: str) -> Path:
    return settings.receipts_dir / f"{build_id}.json"


def write_receipt(
    settings: Settings,
    build: Build,
    report: GateReport,
    tables: dict[str, TableDigest],
    work_file: Stamp,
) -> dict[str, Any]:
    """Write the receipt of a build, whole or not at all, and return it."""
    statuses: dict[str, int] = {}
    for node in build.dbt or []:
        statuses[node["status"]] = statuses.get(node["status"], 0) + 1
    is_green = report.passed and build.is_complete
    receipt = {
        "receipt_version": RECEIPT_VERSION,
        "build_id": build.build_id,
        "as_of": build.as_of,
        "green": is_green,
        "publication_status": "FREE" if is_green else "HELD",
        "judged_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "code_version": _code_version(),
        "build": build.facts,
        "feeds": build.feeds,
        "inputs_fingerprint": build.inputs_fingerprint,
        "dbt": statuses,
        "gate": report.as_dict(),
        "tables": {name: digest.as_dict() for name, digest in tables.items()},
        "work_file": work_file,
    }
    write_json(receipt_path(settings, build.build_id), receipt)
    return receipt


def read_receipt(settings: Settings, build_id: str) -> dict[str, Any]:
    """Read the receipt of a build.

    Raises:
        RedError: There is none, or it cannot be read.
    """
    path = receipt_path(settings, build_id)
    if not path.exists():
        raise RedError(
            f"Build {build_id} was not judged.",
            "Only a build with a green receipt is published.",
            "Run `tierline gate`, then `tierline publish`.",
        )
    try:
        receipt = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RedError(
            f"The receipt of build {build_id} cannot be read.",
            f"{path}: {error}",
            "Run `tierline gate` again.",
        ) from error
    if receipt.get("build_id") != build_id:
        raise RedError(
            f"The receipt {path.name} belongs to another build.",
            f"It says {receipt.get('build_id')}.",
            "Run `tierline gate` again.",
        )
    return receipt


def _code_version() -> str:
    try:
        return version("tierline")
    except PackageNotFoundError:
        return "unknown"
