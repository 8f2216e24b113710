"""Decisions of people as tables of the work file, taken over at the start of a build.

What a decision is belongs in ``dagster_project.governance``; here only: are there new ones since
the last build, and which tables did they change.
"""

from typing import Any

from dagster_project.settings import Settings

NO_HEAD = {"seq": 0, "hash": "0" * 64}
"""What stands for the newest decision where nothing was decided."""


def take_decisions(con: Any, settings: Settings, built_seq: int) -> tuple[dict[str, Any], set[str]]:
    """Write schema ``decisions`` of the work file.

    Args:
        con: Connection to the work file.
        settings: The home.
        built_seq: Sequence number of the newest decision that the last build saw.

    Returns:
        ``seq`` and ``hash`` of the newest decision, and the dbt ids of the changed sources.

    Raises:
        RedError: The chain of decisions is broken.
    """
    from dagster_project.analytics.tables import DuckDBTables
    from dagster_project.governance.before_build import prepare_raw
    from dagster_project.governance.tables import write_decisions

    decisions = []
    if settings.decisions_at or (settings.home / "decisions.db").exists():
        from dagster_project.governance.decisions import DecisionStore

        store = DecisionStore(settings.decisions_url)
        store.verify()
        decisions = store.read()
    write_decisions(decisions, DuckDBTables(con))
    changed = prepare_raw(con, settings, decisions)
    kinds = {one.kind for one in decisions if one.seq > built_seq}
    head = {"seq": decisions[-1].seq, "hash": decisions[-1].hash} if decisions else NO_HEAD
    return head, changed | {f"source.tierline.decisions.{kind}" for kind in kinds}
