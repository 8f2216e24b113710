"""What a killable run imports, ahead of time in the server that forks it."""

import dbt.cli.main  # noqa: F401
import duckdb  # noqa: F401
