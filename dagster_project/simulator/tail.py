"""What changes in the masters during the days of the tail."""

from dataclasses import dataclass

from dagster_project.simulator.batches import BatchWriter
from dagster_project.simulator.company import Company
from dagster_project.simulator.feeds import FEEDS

ROWS_A_DAY = 3


@dataclass(frozen=True)
class Change:
    """A number of a master that somebody maintains a little every day."""

    key: str
    column: str
    step: str
    data_type: str


CHANGES = {
    "customer": Change("customer_id", "credit_limit", "1000", "decimal(18, 4)"),
    "product": Change("product_id", "net_weight_kg", "0.001", "decimal(18, 6)"),
}


def add_changed_masters(writer: BatchWriter, company: Company) -> None:
    """Deliver three changed customers and products on each day of the tail."""
    for spec in FEEDS:
        if spec.name not in CHANGES:
            continue
        for day in range(company.windows.tail_days):
            writer.add(spec, _changed_rows(company.query(spec), CHANGES[spec.name], company, day))


def _changed_rows(rows: str, change: Change, company: Company, day: int) -> str:
    value = f"({change.column} + {change.step} * {day + 1})::{change.data_type}"
    window = company.size.base_windows + day
    # The keys are fetched first: as a subquery DuckDB 2.0.0 fails on them with an internal error.
    chosen = company.fetch(
        f"select {change.key} from ({rows})"
        f" order by hash({change.key} || '{day}'), {change.key} limit {ROWS_A_DAY}"
    )
    keys = ", ".join(f"'{key}'" for (key,) in chosen)
    return (
        f"select * replace ({value} as {change.column}), {window} as _window"
        f" from ({rows}) where {change.key} in ({keys})"
    )
