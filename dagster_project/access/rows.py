"""Which rows of a mart does a reader of one region get?

A row belongs to the region of its customer; where it has only an entity, to the region in which all
customers of the entity lie. A mart that has neither is left out, unless ``mart_without_region.csv``
names it: totals over all regions would tell about the others.
"""

from pathlib import Path
from typing import Any

from dagster_project.access.classification import bad_cell, read_policy
from dagster_project.access.grants import EVERY_REGION
from dagster_project.release.partitions import quoted

CUSTOMERS, ENTITIES = "region_customer", "region_entity"


def load_open_marts(policy_dir: Path) -> set[str]:
    """Read ``mart_without_region.csv``: the marts that readers of any region get whole.

    Raises:
        UsageError: A cell is blank; the message names row and column.
    """
    path = policy_dir / "mart_without_region.csv"
    marts = set()
    for number, row in enumerate(read_policy(path), start=2):
        for column in ("mart", "why"):
            if not (row.get(column) or "").strip():
                raise bad_cell(path, number, column, "must not be blank")
        marts.add(row["mart"])
    return marts


def prepare_region(con: Any, region: str) -> None:
    """List the customers and entities of a region, from ``dim_customer`` of the release."""
    if region == EVERY_REGION:
        return
    customer = quoted("release", "main", "dim_customer")
    con.execute(
        f"create temp table {CUSTOMERS} as select customer_id from {customer} where region = ?",
        [region],
    )
    con.execute(
        f"create temp table {ENTITIES} as select entity_id from {customer}"
        " group by entity_id having bool_and(coalesce(region = ?, false))",
        [region],
    )


def rows_of(mart: str, columns: list[str], region: str, open_marts: set[str]) -> str | None:
    """Return the ``where`` clause for a region's rows of a mart; null where none may be seen."""
    if region == EVERY_REGION or mart in open_marts:
        return ""
    if "customer_id" in columns:
        return f" where customer_id in (select customer_id from {CUSTOMERS})"
    if "entity_id" in columns:
        return f" where entity_id in (select entity_id from {ENTITIES})"
    return None
