"""A company that delivers month by month, for scenarios about what was known when."""

from pathlib import Path
from typing import Any

from .world import World


def whole(world: World, root: Path, extracted: str) -> Path:
    """Write all rows as the full extracts of a moment (UTC); return the folder to land from."""
    folder = root / f"full-{_named(extracted)}"
    world.write(folder, batch=f"full-{_named(extracted)}", extracted_at=extracted)
    return folder


def delta(world: World, root: Path, since: str, until: str, extracted: str | None = None) -> Path:
    """Write all rows as the new ones between two moments (UTC), extracted at the second."""
    for rows in world.rows.values():
        for row in rows:
            row["_op"] = "I"
    manifest: dict[str, Any] = {"mode": "DELTA", "window_from": since, "window_to": until}
    folder = root / f"delta-{_named(until)}"
    world.write(folder, batch=f"delta-{_named(until)}", extracted_at=extracted or until, **manifest)
    return folder


def _named(moment: str) -> str:
    return moment[:10]


def month(world: World, year: int, number: int, closed: str | None = None) -> None:
    """Add a calendar month to the fiscal calendar F; closed at a moment, else open."""
    after = (year + number // 12, number % 12 + 1)
    world.row(
        "erp.fiscal_calendar",
        calendar_id="F",
        fiscal_period_id=f"{year}-{number:02d}",
        fiscal_year=year,
        period_no=number,
        quarter_no=(number - 1) // 3 + 1,
        start_date=f"{year}-{number:02d}-01",
        end_date=f"{after[0]}-{after[1]:02d}-01",
        status="CLOSED" if closed else "OPEN",
        closed_at=closed,
    )
