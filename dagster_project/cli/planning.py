"""Commands about planning cycles: when they run next, and the sets that were frozen for them.

What a cycle is belongs in the policy, when it runs in ``dagster_project/refresh``.
"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli.output import JsonOption, emit, table

if TYPE_CHECKING:
    from rich.console import Console

AHEAD = 400
"""Days that are searched for the next run: longer than a fiscal year of 53 weeks."""


def cycles(
    day: Annotated[
        str | None, typer.Option("--from", help="First day to look at, YYYY-MM-DD; else today.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """List the planning cycles, when each runs next, and whether its feeds are in.

    Example: tierline cycles --from 2026-01-01
    """
    from datetime import UTC, date, datetime, timedelta

    from dagster_project.errors import UsageError
    from dagster_project.refresh import frozen_sets, judge, load_cycles
    from dagster_project.refresh.calendar import due_on
    from dagster_project.refresh.home import released_periods, released_working_days, watermarks
    from dagster_project.settings import get_settings

    settings, now = get_settings(), datetime.now(UTC)
    try:
        first = date.fromisoformat(day) if day else now.date()
    except ValueError as error:
        raise UsageError(f"'{day}' is no day.", "Days are written YYYY-MM-DD.") from error
    periods, marks = released_periods(settings), watermarks(settings)
    is_working = released_working_days(settings)
    sets = frozen_sets(settings)
    rows = []
    for cycle in load_cycles(settings.policy_dir / "refresh_calendar.csv"):
        ahead = (first + timedelta(days=n) for n in range(AHEAD))
        runs = (due for one in ahead for due in due_on(one, [cycle], periods, is_working))
        due = next(runs, None)
        readiness = judge(due, marks, now) if due else None
        rows.append(
            {
                "cycle_id": cycle.cycle_id,
                "anchor": cycle.anchor,
                "next_run": f"{cycle.cutoff_at(due.day):%Y-%m-%d %H:%M} UTC" if due else None,
                "label": due.label if due else None,
                "state": readiness.verdict.value if readiness else "no fiscal calendar ahead",
                "feeds_behind": len(readiness.feeds_behind) if readiness else None,
                "frozen_sets": sum(one.cycle_id == cycle.cycle_id for one in sets),
                "owner": cycle.owner,
            }
        )

    def show(console: "Console") -> None:
        names = ["Cycle", "Anchor", "Next run", "For", "State", "Feeds behind", "Frozen", "Owner"]
        console.print(table("Planning cycles", names, [list(row.values()) for row in rows]))

    emit(rows, json, show)


def freeze(
    cycle: Annotated[str, typer.Argument(help="Cycle of refresh_calendar.csv.")],
    label: Annotated[str, typer.Argument(help="What it is for, for example 2026-01.")],
    reason: Annotated[
        str, typer.Option(help="Why it is frozen once more; needed from version 2 on.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """Keep the segments of the current release for a planning cycle, as a numbered version.

    Example: tierline freeze MONTHLY_SNOP 2026-01 --reason "order feed corrected"
    """
    from datetime import UTC, datetime

    from dagster_project.errors import UsageError
    from dagster_project.refresh import freeze as run
    from dagster_project.refresh import load_cycles
    from dagster_project.settings import get_settings

    settings = get_settings()
    known = [one.cycle_id for one in load_cycles(settings.policy_dir / "refresh_calendar.csv")]
    if cycle not in known:
        raise UsageError(f"There is no cycle {cycle}.", f"Known: {', '.join(known)}.")
    if not label or "/" in label or label.startswith("."):
        raise UsageError(f"'{label}' is no label.", "A label names a folder.", "Try 2026-01.")
    frozen = run(settings, cycle, label, datetime.now(UTC).isoformat(), reason=reason)
    folder = frozen.folder(settings)
    emit(
        {**asdict(frozen), "path": str(folder)},
        json,
        lambda console: console.print(
            f"{cycle} {label} is frozen as version {frozen.version}: {frozen.rows:,} segments of"
            f" release {frozen.release_id}.\nRead it: {folder / 'segments.parquet'}",
            soft_wrap=True,
        ),
    )
