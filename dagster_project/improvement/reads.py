"""Which rows a judgement depends on; one whose rows are unchanged is not made again."""

from dataclasses import dataclass
from datetime import date, datetime

from dagster_project.analytics.tables import Tables


@dataclass(frozen=True)
class Read:
    """Rows that have a value in ``present`` and whose ``until`` columns are not beyond a bound."""

    relation: str
    columns: tuple[str, ...]
    until: tuple[tuple[str, date | datetime], ...] = ()
    present: str | None = None

    def mark(self, tables: Tables) -> str:
        """Return a mark of the rows as they are now; empty where the relation is not there."""
        if not tables.has(self.relation):
            return ""
        return tables.digest(self.relation, self.columns, dict(self.until), self.present)
