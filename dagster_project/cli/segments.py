"""`tierline segments`: who was in which segment on a day, as it was believed at a moment."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.output import JsonOption, emit, table

if TYPE_CHECKING:
    from datetime import date, datetime

    from rich.console import Console


def segments(
    as_of: Annotated[
        str | None, typer.Option(help="Day asked about, YYYY-MM-DD; absent: the release's own.")
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option(help="Believed at this moment (UTC), YYYY-MM-DD[THH:MM]; absent: now."),
    ] = None,
    scheme: Annotated[str, typer.Option(help="Segmentation scheme.")] = "service",
    json: JsonOption = False,
) -> None:
    """Count the customers of each segment on a day; with --json list them with rule and reason.

    Example: tierline segments --as-of 2025-05-20 --known-at 2025-05-01
    """
    from dagster_project.errors import UsageError
    from dagster_project.governance.requests.known import segments_on
    from dagster_project.governance.requests.released import open_release
    from dagster_project.settings import get_settings

    with open_release(get_settings()) as released:
        if released.con is None or released.as_of is None:
            raise UsageError(
                "There is no release to ask.",
                "Segments are read from what was published.",
                "Run `tierline refresh`.",
            )
        day = _day(as_of) if as_of else released.as_of
        found = segments_on(released.con, day, _moment(known_at), scheme)

    def show(console: "Console") -> None:
        counts = sorted(Counter(row["segment_code"] for row in found).items())
        believed = f", as believed on {known_at}" if known_at else ""
        console.print(table(f"Segments on {day}{believed}", ["Segment", "Customers"], counts))

    emit(found, json, show)


def _day(text: str) -> "date":
    from datetime import date

    from dagster_project.errors import UsageError

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"'{text}' is no day.", "Days are written YYYY-MM-DD.") from error


def _moment(text: str | None) -> "datetime | None":
    """A moment without a zone, in UTC."""
    from datetime import UTC, datetime

    from dagster_project.errors import UsageError

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"'{text}' is no moment.", "Moments are written YYYY-MM-DD or YYYY-MM-DDTHH:MM."
        ) from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
