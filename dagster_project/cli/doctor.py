"""The `doctor` command: is this machine and this home fit for a build?

Add a check as a function that returns a `Check`; it must answer in a second and change nothing.
"""

import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from dagster_project.cli.output import JsonOption, emit
from dagster_project.errors import EXIT_ENVIRONMENT

if TYPE_CHECKING:
    from dagster_project.settings import Settings

MIN_FREE_GB = 2


@dataclass(frozen=True)
class Check:
    """One finding: ``ok``, ``warn`` or ``fail``, and the cure where there is one."""

    name: str
    verdict: str
    found: str
    fix: str = ""


def doctor(json: JsonOption = False) -> None:
    """Check Python, packages, home, disk and locks, and say how to cure what is wrong.

    Example: tierline doctor
    """
    from dagster_project.settings import get_settings

    checks = [check(get_settings()) for check in CHECKS]

    def show(console: object) -> None:
        colours = {"ok": "green", "warn": "yellow", "fail": "red"}
        for check in checks:
            fix = f"\n      {check.fix}" if check.fix else ""
            line = (
                f"[{colours[check.verdict]}]{check.verdict:>4}[/]  {check.name}: {check.found}{fix}"
            )
            console.print(line)  # type: ignore[attr-defined]

    emit([asdict(check) for check in checks], json, show)
    if any(check.verdict == "fail" for check in checks):
        raise typer.Exit(EXIT_ENVIRONMENT)


def _python(_settings: "Settings") -> Check:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        return Check("Python", "ok", found)
    return Check("Python", "fail", found, "Install Python 3.11, 3.12 or 3.13.")


def _packages(_settings: "Settings") -> Check:
    from dagster_project.settings import PROJECT_ROOT

    wanted = dict(
        line.split("==") for line in (PROJECT_ROOT / "constraints.txt").read_text().split() if line
    )
    core = ("dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations")
    other = []
    for name in core:
        try:
            found = version(name)
        except PackageNotFoundError:
            return Check("Packages", "fail", f"{name} is not installed", "Run `make setup`.")
        if found != wanted.get(name):
            other.append(f"{name} {found} (tested: {wanted.get(name)})")
    if other:
        return Check("Packages", "warn", ", ".join(other), "Run `make setup` for the tested set.")
    return Check("Packages", "ok", f"duckdb {wanted['duckdb']}, the tested set")


def _home(settings: "Settings") -> Check:
    folder = next(p for p in [settings.home, *settings.home.parents] if p.exists())
    probe = folder / ".tierline-doctor"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Check("Home", "fail", f"{folder}: {error.strerror}", "Set TIERLINE_HOME.")
    note = "" if settings.home.exists() else " (made by the first command that writes)"
    return Check("Home", "ok", f"{settings.home}{note}, environment {settings.env}")


def _disk(settings: "Settings") -> Check:
    folder = next(p for p in [settings.home, *settings.home.parents] if p.exists())
    free = shutil.disk_usage(folder).free / 2**30
    if free < MIN_FREE_GB:
        return Check("Disk", "fail", f"{free:.1f} GB free", f"Free at least {MIN_FREE_GB} GB.")
    return Check("Disk", "ok", f"{free:.0f} GB free")


def _manifest(_settings: "Settings") -> Check:
    from dagster_project.settings import DBT_DIR

    if (DBT_DIR / "target" / "manifest.json").exists():
        return Check("dbt manifest", "ok", "parsed")
    return Check(
        "dbt manifest",
        "warn",
        "not parsed yet; the first build does it in some seconds",
        "Run `make setup`.",
    )


def _work_file(settings: "Settings") -> Check:
    if not settings.warehouse_path.exists():
        return Check("Work file", "ok", "not there yet")
    import duckdb

    try:
        duckdb.connect(str(settings.warehouse_path), read_only=True).close()
    except duckdb.Error as error:
        cause = str(error).splitlines()[0]
        return Check("Work file", "warn", cause, "Wait for that process; readers open a release.")
    return Check("Work file", "ok", "free")


def _java(_settings: "Settings") -> Check:
    java = shutil.which("java")
    found = Path(java).resolve() if java else "no java"
    return Check("Spark (optional)", "ok", f"{found}; needed only by `make test-spark`")


CHECKS: list[Callable[["Settings"], Check]] = [
    _python,
    _packages,
    _home,
    _disk,
    _manifest,
    _work_file,
    _java,
]
