"""Contracts and ingestion: from delivered files to raw Parquet, quarantine and the ledger."""

from dagster_project.ingestion.contract import Column, Feed, load_contracts
from dagster_project.ingestion.loader import land, rebuild_from_raw
from dagster_project.ingestion.raw import register_raw
from dagster_project.ingestion.report import LandingReport

__all__ = [
    "Column",
    "Feed",
    "LandingReport",
    "land",
    "load_contracts",
    "rebuild_from_raw",
    "register_raw",
]
