"""How big the company is and how its history is cut into extracts.

Add a size here. Every history ends on the same day, so that files do not depend on today.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

END_AT = datetime(2026, 1, 1)
"""First moment after the history."""


@dataclass(frozen=True)
class Size:
    """One company: how many customers, how long, how busy, how often it is extracted."""

    name: str
    customers: int
    months: int
    products: int
    orders_per_month: float
    """Orders of an average customer in an average month; tiers vary around it."""
    lines_per_order: float
    window_months: int
    """Months in one extract of a transaction feed."""
    chunk_months: int
    """Months that are made at once: bounds memory, never changes a row."""
    load_slots: int
    """Lorries per country and day."""
    dc_count: int
    large_format: str
    """How the ERP hands out its big tables; text would take too long for the big sizes."""

    @property
    def start_at(self) -> datetime:
        months = END_AT.year * 12 + END_AT.month - 1 - self.months
        return datetime(months // 12, months % 12 + 1, 1)

    @property
    def base_windows(self) -> int:
        return self.months // self.window_months


SIZES: dict[str, Size] = {
    size.name: size
    for size in (
        Size("XS", 60, 12, 80, 0.9, 1.9, 4, 12, 1, 2, "csv"),
        Size("S", 300, 24, 200, 1.6, 3.3, 3, 24, 1, 3, "csv"),
        Size("M", 2_000, 36, 1_000, 4.0, 4.8, 3, 3, 4, 4, "parquet"),
        Size("L", 20_000, 36, 3_000, 6.0, 6.4, 3, 1, 20, 4, "parquet"),
    )
}


@dataclass(frozen=True)
class Windows:
    """The half-open windows in which changes leave the source systems."""

    size: Size
    tail_days: int

    @property
    def cut_at(self) -> datetime:
        """First moment of the tail; what came before is in the landing folder."""
        return END_AT - timedelta(days=self.tail_days)

    def bounds(self, number: int) -> tuple[datetime, datetime]:
        """Return the first moment of a window and the first moment after it."""
        if number >= self.size.base_windows:
            day = self.cut_at + timedelta(days=number - self.size.base_windows)
            return day, day + timedelta(days=1)
        first = self.size.start_at.year * 12 + self.size.start_at.month - 1
        start, end = (
            datetime(month // 12, month % 12 + 1, 1)
            for month in (
                first + number * self.size.window_months,
                first + (number + 1) * self.size.window_months,
            )
        )
        return start, min(end, self.cut_at)

    def is_tail(self, number: int) -> bool:
        return number >= self.size.base_windows
