"""Decisions of people as tables of the work file, taken over at the start of a build.

What a decision is belongs in ``dagster_project.governance``; here only: which are there, which are
new since the last build, and which tables they changed.
"""

from typing import TYPE_CHECKING, Any

from dagster_project.settings import Settings

if TYPE_CHECKING:
    from dagster_project.governance.decisions import Decision

NO_HEAD = {"seq": 0, "hash": "0" * 64}
"""What stands for the newest decision where nothing was decided."""


def read_decisions(settings: Settings) -> "list[Decision]":
    """Return all decisions in their order, the chain verified.

    Raises:
        RedError: The chain of decisions is broken.
    """
    if not (settings.decisions_at or (settings.home / "decisions.db").exists()):
        return []
    from dagster_project.governance.decisions import DecisionStore

    store = DecisionStore(settings.decisions_url)
    store.verify()
    return store.read()


def head_of(decisions: "list[Decision]") -> dict[str, Any]:
    """Return ``seq`` and ``hash`` of the newest decision."""
    return {"seq": decisions[-1].seq, "hash": decisions[-1].hash} if decisions else NO_HEAD


def asks_for_a_fresh_start(decisions: "list[Decision]", built_seq: int) -> bool:
    """Was a person erased since? What the tables hold of them must not outlive the next build."""
    return any(one.kind == "person_erasure" for one in decisions if one.seq > built_seq)


def put_decisions(
    con: Any, settings: Settings, decisions: "list[Decision]", built_seq: int, as_of: str
) -> set[str]:
    """Write schemas ``decisions`` and ``audit`` and what governance needs of the raw batches.

    Args:
        con: The work file with freshly registered raw views.
        settings: The home.
        decisions: As ``read_decisions`` returns them.
        built_seq: Sequence number of the newest decision that the last build saw.
        as_of: Logical date, YYYY-MM-DD.

    Returns:
        The dbt ids of the sources that this changed.
    """
    from dagster_project.analytics.tables import DuckDBTables
    from dagster_project.governance.before_build import prepare_raw
    from dagster_project.governance.tables import write_audit, write_decisions

    write_decisions(decisions, DuckDBTables(con))
    write_audit(decisions, DuckDBTables(con), as_of)
    changed = prepare_raw(con, settings, decisions)
    kinds = {one.kind for one in decisions if one.seq > built_seq}
    if kinds:
        changed.add("source.tierline.audit.chain")
    if decisions:
        # An emergency that nobody approves turns red by itself, on a day without decisions.
        changed.add("source.tierline.audit.finding")
    return changed | {f"source.tierline.decisions.{kind}" for kind in kinds}
