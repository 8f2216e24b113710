"""What a killable run imports, ahead of time in the server that forks it."""

import duckdb  # noqa: F401

from dagster_project.release.gx_duckdb import great_expectations

great_expectations()
