"""Writes the review of a quarter: one page and one workbook per segment, and an overview.

Pages are self-contained HTML that prints on paper; workbooks have the same figures, unrounded.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.access.grants import EVERY_REGION, grants_on, region_for
from dagster_project.access.profiles import Treatment, load_profiles
from dagster_project.errors import UsageError
from dagster_project.release.files import write_text
from dagster_project.release.pages import render
from dagster_project.release.releases import Release, current_release
from dagster_project.review.figures import (
    LINES,
    MARTS,
    STEPS,
    TOTALS,
    SegmentQuarter,
    read_quarter,
)
from dagster_project.settings import Settings

LINE_COLUMNS = (
    *("line_code", "amount_group", "prior_amount_group", "year_before_amount_group"),
    *("budget_amount_group", "budget_basis", "reported_amount_group", "customers_effect_group"),
    *("lines_effect_group", "rate_effect_group"),
)


@dataclass(frozen=True)
class Pack:
    """What was written, from which release."""

    release_id: str
    fiscal_quarter: str
    path: str
    files: list[str]


def write_pack(
    settings: Settings,
    quarter: str | None = None,
    segment: str | None = None,
    out: Path | None = None,
    profile_id: str = "internal",
    reader: str | None = None,
) -> Pack:
    """Write the review of a quarter from the current release.

    Args:
        settings: The home.
        quarter: Such as ``2025-Q3``; the last one that is over when not given.
        segment: Key such as ``service:S1``; all when not given.
        out: Folder; absent: ``reviews/<release>/<quarter>`` in the home.
        profile_id: Profile whose readers get it; it must show margins of all regions.
        reader: Who gets it; must hold a grant of the profile. Absent: the people who run the home.

    Raises:
        UsageError: Nothing is released, there is no such quarter or segment, or the profile or
            the reader may not see it.
    """
    import duckdb

    _refuse_who_may_not(settings, profile_id, reader)
    release = current_release(settings)
    if release is None or not set(MARTS) <= set(release.tables):
        raise UsageError(
            "There is nothing to review.",
            "No release with the profit and loss of segments is current.",
            "Run `tierline refresh`.",
        )
    with duckdb.connect(str(release.database), read_only=True) as con:
        chosen, segments = read_quarter(con, quarter, segment)
    folder = out or settings.home / "reviews" / release.release_id / chosen
    facts = _facts(release, chosen, segments)
    files = []
    for one in segments:
        name = _file_name(one)
        write_text(folder / f"{name}.html", render("review.html", one=one, **facts))
        _write_workbook(folder / f"{name}.xlsx", one)
        files += [f"{name}.html", f"{name}.xlsx"]
    write_text(folder / "index.html", render("reviews.html", **facts))
    return Pack(release.release_id, chosen, str(folder), ["index.html", *files])


def _refuse_who_may_not(settings: Settings, profile_id: str, reader: str | None) -> None:
    from datetime import UTC, datetime

    from dagster_project.governance.decisions import DecisionStore

    profiles = load_profiles(settings.policy_dir)
    if profile_id not in profiles:
        known = ", ".join(sorted(profiles))
        raise UsageError(f"There is no profile {profile_id}.", f"Known: {known}.")
    profile = profiles[profile_id]
    region = profile.region
    if reader is not None:
        decisions = DecisionStore(settings.decisions_url).read()
        grants = grants_on(datetime.now(UTC).date(), decisions, set(profiles))
        region = region_for(reader, profile_id, region, grants)
    shown = profile.treatments["MARGIN"] is Treatment.SHOW and all(map(profile.sees, MARTS))
    if not shown or region != EVERY_REGION:
        raise UsageError(
            f"The review is not for {reader or 'readers of ' + profile_id}.",
            "It shows margins of customers of all regions.",
            "Choose a profile that shows both.",
        )


def _facts(release: Release, quarter: str, segments: list[SegmentQuarter]) -> dict[str, Any]:
    receipt = json.loads((release.path / "receipt.json").read_text(encoding="utf-8"))
    return {
        "receipt": receipt,
        "release_id": release.release_id,
        "quarter": quarter,
        "segments": segments,
        "line_names": LINES,
        "step_names": STEPS,
        "totals": TOTALS,
        "file_name": _file_name,
    }


def _file_name(one: SegmentQuarter) -> str:
    names = {"-1": "unassigned", "-2": "no-customer"}
    return names.get(one.key, one.key.replace(":", "-"))


def _write_workbook(path: Path, one: SegmentQuarter) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    pages = {
        "Profit and loss": [LINE_COLUMNS, *([line[n] for n in LINE_COLUMNS] for line in one.lines)],
        "Bridge": [
            ("step_code", "amount_group"),
            *([step["step_code"], step["amount_group"]] for step in one.steps),
        ],
    }
    book.remove(book.active)
    for title, rows in pages.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "B2"
    book.save(path)
