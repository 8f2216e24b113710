"""A simulated company on its way through the pipeline, for tests that need the whole way."""

import os
import shutil
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.ingestion import LandingReport, land
from dagster_project.release import GateReport, Release, current_release, gate, publish
from dagster_project.release.digest import schema_digests
from dagster_project.settings import Settings
from dagster_project.simulator import simulate
from dagster_project.warehouse.build import build


def some_first(cases: Iterable[Any], first: Container[Any]) -> list[Any]:
    """Cases for `parametrize`: `make test` runs the first, `make test-all-cases` the others."""
    return [
        case if case in first else pytest.param(case, marks=pytest.mark.further) for case in cases
    ]


@dataclass
class Company:
    """Extracts in one folder, a home in another."""

    extracts: Path
    settings: Settings

    def land(self, folder: str | Path = "landing") -> LandingReport:
        return land(self.settings, self.extracts / folder)

    def build(self, full: bool = False) -> None:
        result = build(self.settings, full=full)
        assert result.ok, [f"{r.name}: {r.message}" for r in result.failures[:5]]

    def judge(self) -> GateReport:
        """Build and gate."""
        self.build()
        return gate(self.settings)

    def publish(self) -> Release:
        return publish(self.settings)

    def current(self) -> Release | None:
        return current_release(self.settings)

    def digests(self) -> dict[str, str]:
        """Return sha256 per mart of the work file."""
        con = duckdb.connect(str(self.settings.warehouse_path), read_only=True)
        try:
            return {name: d.sha256 for name, d in schema_digests(con, "marts").items()}
        finally:
            con.close()


def company(folder: Path, size: str = "XS", seed: int = 1, tail_days: int = 0, plant=()) -> Company:
    """Simulate a company; its home is still empty."""
    simulate(size, seed, folder / "extracts", plant=plant, tail_days=tail_days)
    return Company(folder / "extracts", Settings(home=folder / "home"))


def copy_of_home(settings: Settings, folder: Path) -> Settings:
    """Copy a home with hard links for what is never written again."""
    shutil.copytree(
        settings.home,
        folder,
        symlinks=True,
        copy_function=lambda a, b: os.link(a, b) if a.endswith(".parquet") else shutil.copy2(a, b),
    )
    return settings.model_copy(update={"home": folder})


def release_digests(release: Release) -> dict[str, str]:
    """Return sha256 per table from the manifest of a release."""
    return {name: table["sha256"] for name, table in release.tables.items()}
