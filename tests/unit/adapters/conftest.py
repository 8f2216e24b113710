"""Adapted batches of the real data sets, and a way to ask them questions in bare DuckDB."""

from pathlib import Path

import duckdb
import pytest
from real_data import real_data

from dagster_project.adapters import adapt
from dagster_project.ingestion.contract import load_contracts


def adapted(name: str, folder: Path) -> duckdb.DuckDBPyConnection:
    """Adapt a data set and show each feed as a view with the types of its contract."""
    adapt(name, real_data(name), folder)
    return feeds_of(folder)


def feeds_of(folder: Path) -> duckdb.DuckDBPyConnection:
    """Show each batch below a folder as a typed view named after its feed."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    for (system, feed), contract in load_contracts().items():
        files = [
            path
            for path in sorted((folder / system / feed).glob("*/*"))
            if path.name != "manifest.json"
        ]
        for path in files:
            reader = "read_parquet('{}')" if path.suffix == ".parquet" else CSV
            columns = ", ".join(
                f"cast({column.name} as {column.data_type}) as {column.name}"
                for column in contract.columns
            )
            con.execute(f'create view "{feed}" as select {columns} from {reader.format(path)}')
    return con


CSV = "read_csv('{}', all_varchar = true, header = true)"


@pytest.fixture(scope="session")
def northwind(tmp_path_factory):
    return adapted("northwind", tmp_path_factory.mktemp("northwind"))


@pytest.fixture(scope="session")
def dataco(tmp_path_factory):
    return adapted("dataco", tmp_path_factory.mktemp("dataco"))
