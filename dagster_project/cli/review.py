"""`tierline review`: the profit and loss of each segment in a quarter, as files for a meeting."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.output import JsonOption, emit

if TYPE_CHECKING:
    from rich.console import Console


def review(
    quarter: Annotated[
        str | None,
        typer.Option(help="Fiscal quarter, such as 2025-Q3; absent: the last that is over."),
    ] = None,
    segment: Annotated[
        str | None, typer.Option(help="Segment key, such as service:S1; absent: all.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; absent: reviews/ in the home.")] = None,
    profile: Annotated[
        str, typer.Option(help="Profile of release_profile.csv whose readers get it.")
    ] = "internal",
    reader: Annotated[
        str | None, typer.Option("--for", help="Who gets it: needs a grant of the profile.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write the quarterly review from the current release: a page and a workbook per segment.

    Example: tierline review --quarter 2025-Q3 --out /tmp/review
    """
    from dataclasses import asdict

    from dagster_project.review import write_pack
    from dagster_project.settings import get_settings

    pack = write_pack(get_settings(), quarter, segment, out, profile, reader)

    def show(console: "Console") -> None:
        console.print(f"Review of {pack.fiscal_quarter} from release {pack.release_id}.")
        console.print(f"Read it: {pack.path}/index.html", soft_wrap=True)

    emit(asdict(pack), json, show)
