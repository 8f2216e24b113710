"""The whole way for a real data set: adapt, land, build, gate, publish, open the release."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from real_data import real_data

from dagster_project.adapters import adapt
from dagster_project.ingestion import LandingReport, land
from dagster_project.release import gate, publish
from dagster_project.release.results import GateReport
from dagster_project.settings import Settings
from dagster_project.warehouse.build import BuildResult, build


@dataclass
class Run:
    """What the steps said, and the release that came out."""

    landed: LandingReport
    built: BuildResult
    judged: GateReport
    marts: duckdb.DuckDBPyConnection

    def one(self, sql: str) -> tuple[Any, ...] | None:
        return self.marts.execute(sql).fetchone()

    def all(self, sql: str) -> list[tuple[Any, ...]]:
        return self.marts.execute(sql).fetchall()


def release_of(name: str, folder: Path, source: Path | None = None) -> Run:
    """Take a data set through the whole pipeline in a home of its own."""
    source = source or real_data(name)
    settings = Settings(home=folder / "home")
    adapt(name, source, folder / "delivery")
    landed = land(settings, folder / "delivery")
    built = build(settings)
    assert built.ok, built.failures[:5]
    judged = gate(settings)
    assert judged.passed, judged.failed
    publish(settings)
    marts = duckdb.connect(str(settings.current_link / "marts.duckdb"), read_only=True)
    return Run(landed, built, judged, marts)
