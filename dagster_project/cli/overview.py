"""What `status` shows: feeds, the last build, the current release, and what is in the way.

Facts come from the ledger, `build.json`, the receipt and the release manifest; the work file is
not opened, so that a running build is not disturbed.
"""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dagster_project.cli.output import table
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from dagster_project.ingestion.contract import Feed
    from dagster_project.ingestion.ledger import LedgerRow


def overview(settings: Settings) -> dict[str, Any]:
    """Collect the state of a home as plain data."""
    from dagster_project.cli.release import release_facts
    from dagster_project.release.releases import staleness

    found = staleness(settings, datetime.now(UTC).date())
    return {
        "home": str(settings.home),
        "env": settings.env,
        "feeds": feeds(settings),
        "problems": problems(settings),
        "build": _build(settings),
        "release": release_facts(found.current) if found.current else None,
        "days_behind": found.days_behind,
        "waiting_build": found.waiting_build,
        "waiting_is_green": found.waiting_is_green,
    }


def feeds(settings: Settings) -> list[dict[str, Any]]:
    """Return what landed per feed; a feed that never came is there with no batches."""
    from dagster_project.ingestion import load_contracts

    rows = _ledger_rows(settings)
    return [
        _feed_facts(feed, [row for row in rows if (row.system, row.feed) == key])
        for key, feed in load_contracts().items()
    ]


def problems(settings: Settings) -> list[dict[str, str]]:
    """Return the batches that wait or are held and were not corrected since."""
    return [
        {
            "status": row.status,
            "feed": f"{row.system}.{row.feed}",
            "batch_id": row.batch_id,
            "reason": row.reason or "",
        }
        for row in _ledger_rows(settings)
        if row.status in {"held", "waiting"} and row.inactive_reason != "superseded"
    ]


def _feed_facts(feed: "Feed", rows: "list[LedgerRow]") -> dict[str, Any]:
    active = [row for row in rows if row.is_active]
    through = [row.window_to or row.extracted_at for row in active]
    return {
        "system": feed.system,
        "feed": feed.name,
        "required": feed.required,
        "batches": dict(Counter(row.status for row in rows)),
        "landed_rows": sum(row.landed_rows for row in active),
        "accepted_rows": sum(row.accepted_rows for row in active),
        "quarantined_rows": sum(row.quarantined_rows for row in active),
        "data_through": max((str(at) for at in through if at), default=None),
    }


def _ledger_rows(settings: Settings) -> "list[LedgerRow]":
    from dagster_project.ingestion.ledger import Ledger

    if not settings.ledger_path.exists():
        return []
    ledger = Ledger(settings.ledger_path)
    try:
        return ledger.rows()
    finally:
        ledger.close()


def _build(settings: Settings) -> dict[str, Any] | None:
    path = settings.work_dir / "build.json"
    if not path.exists():
        return None
    facts = json.loads(path.read_text(encoding="utf-8"))
    wanted = ("build_id", "as_of", "group_currency", "policy_version", "full", "ok", "stages")
    return {name: facts[name] for name in wanted}


def show_overview(console: "Console", facts: dict[str, Any]) -> None:
    """Print the state of a home and what to do next."""
    console.print(f"Home [bold]{facts['home']}[/bold], environment {facts['env']}")
    delivered = [feed for feed in facts["feeds"] if feed["batches"]]
    rows = [
        [
            f"{feed['system']}.{feed['feed']}",
            sum(feed["batches"].values()),
            feed["accepted_rows"],
            feed["quarantined_rows"],
            feed["data_through"],
        ]
        for feed in delivered
    ]
    if rows:
        names = ["Feed", "Batches", "Rows", "Quarantined", "Data through"]
        console.print(table("Landed", names, rows))
    if facts["problems"]:
        cells = [list(problem.values()) for problem in facts["problems"]]
        console.print(table("In the way", ["Status", "Feed", "Batch", "Reason"], cells))
    absent = [f"{f['system']}.{f['feed']}" for f in facts["feeds"] if not f["batches"]]
    if absent:
        console.print(f"Never delivered: {', '.join(absent)}")
    console.print(_build_sentence(facts))
    console.print(_release_sentence(facts), soft_wrap=True)


def _build_sentence(facts: dict[str, Any]) -> str:
    build = facts["build"]
    if build is None:
        return "Build    none yet; next: tierline land --from DIR, then tierline build"
    verdict = {True: "green", False: "red", None: "not judged yet; next: tierline gate"}
    judged = verdict[facts["waiting_is_green"]] if facts["waiting_build"] else "released"
    return f"Build    {build['build_id']} as of {build['as_of']}, {judged}"


def _release_sentence(facts: dict[str, Any]) -> str:
    release = facts["release"]
    if release is None:
        return "Release  none yet"
    return (
        f"Release  {release['release_id']}, {facts['days_behind']} days behind today: "
        f"{release['database']}"
    )
