"""`tierline decide breach`, `breaches`: somebody takes up a breach of service; who should have.

Registered beside the other acts of `decide`. States and clock are in
``dagster_project/improvement/escalation.py``.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.cli.decide import ActorOption, KeyOption, ReasonOption, RoleOption
from dagster_project.cli.decide_cause import app
from dagster_project.cli.output import JsonOption, emit, table

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from dagster_project.governance import Decision, Entry


@app.command()
def breach(
    act: Annotated[str, typer.Argument(help="ack, contain, rca, recover, close, step, pause …")],
    breach_id: Annotated[str, typer.Argument(help="Breach, as order|cause, e.g. 'O-1|LATE'.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    step: Annotated[
        str | None, typer.Option(help="expedite, substitute, partial, credit or call.")
    ] = None,
    cause: Annotated[str | None, typer.Option(help="Cause that was found.")] = None,
    evidence: Annotated[str | None, typer.Option(help="Where it can be seen.")] = None,
    cost: Annotated[str | None, typer.Option(help="Cost in group currency.")] = None,
    pause_reason: Annotated[str | None, typer.Option(help="Why the clock stops.")] = None,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Take up a breach of service; its states follow each other, and steps and pauses are between.

    Example: tierline decide breach ack "O-1|LATE" --as ola --role sales --reason "called"
    """
    from dataclasses import asdict

    from dagster_project.governance import DecisionStore, Entry
    from dagster_project.improvement.escalation import check_act
    from dagster_project.settings import get_settings

    payload = {
        "breach_id": breach_id,
        "act": act,
        "step": step,
        "cause": cause,
        "evidence": evidence,
        "cost_group": cost,
        "pause_reason": pause_reason,
    }
    _require_breach(breach_id)

    def propose(before: "list[Decision]", _: "datetime") -> "list[tuple[Entry, str | None]]":
        check_act(breach_id, _acts(before, breach_id), act, payload)
        return [(Entry("breach_act", breach_id, actor, role, reason, payload), key)]

    store = DecisionStore(get_settings().decisions_url)
    (taken,) = store.append_as(propose, ["breach_act"])
    emit(
        asdict(taken),
        json,
        lambda console: console.print(f"Decision {taken.seq} is kept: {act} of {breach_id}."),
    )


@app.command()
def breaches(
    at: Annotated[
        str | None, typer.Option(help="Moment in UTC, YYYY-MM-DDTHH:MM; absent: now.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """List the breaches of the release that are not closed, with their clock at a moment.

    Example: tierline decide breaches --at 2026-03-02T10:00
    """
    from datetime import UTC, datetime

    from dagster_project.improvement.escalation import levels_of, parse_levels, standing
    from dagster_project.schemes.reader import read_rows
    from dagster_project.settings import get_settings

    settings = get_settings()
    now = _moment(at) if at else datetime.now(UTC)
    levels = parse_levels(read_rows(settings.policy_dir / "escalation_rule.csv"))
    taken = _taken()
    rows: list[dict[str, Any]] = []
    for row in _released("true"):
        opened = row["opened_at"].replace(tzinfo=UTC)
        if opened > now:
            continue
        acts = _acts(taken, row["breach_id"])
        found = standing(opened, acts, levels_of(levels, row["segment_key"]), now)
        if found.state != "CLOSED":
            rows.append(
                {
                    "breach_id": row["breach_id"],
                    "segment_key": row["segment_key"],
                    "state": found.state,
                    "level": found.level,
                    "role": found.role,
                    "next_at": found.next_at and found.next_at.isoformat(timespec="minutes"),
                }
            )

    def show(console: "Console") -> None:
        names = ["Breach", "Segment", "State", "Level", "Who hears of it", "Next level at (UTC)"]
        shown = [tuple(str(value or "") for value in row.values()) for row in rows]
        console.print(table(f"Breaches at {now:%Y-%m-%d %H:%M} UTC", names, shown))

    emit(rows, json, show)


def _taken() -> "list[Decision]":
    from dagster_project.governance import DecisionStore
    from dagster_project.settings import get_settings

    return DecisionStore(get_settings().decisions_url).read("breach_act")


def _acts(taken: "list[Decision]", breach_id: str) -> Any:
    from dagster_project.improvement.escalation import Act

    return [
        Act(one.payload["act"], one.decided_at)
        for one in taken
        if one.payload["breach_id"] == breach_id
    ]


def _released(where: str, *values: str) -> list[dict[str, Any]]:
    """Breaches of the current release; none where it has no such table."""
    import duckdb

    from dagster_project.governance.requests.released import open_release
    from dagster_project.settings import get_settings

    with open_release(get_settings()) as released:
        if released.con is None:
            return []
        query = (
            "select breach_id, segment_key, opened_at from mart_service_breach"
            f" where {where} order by opened_at, breach_id"
        )
        try:
            cursor = released.con.execute(query, list(values))
        except duckdb.CatalogException:
            return []
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _require_breach(breach_id: str) -> None:
    """Do nothing where the release or an earlier act knows the breach."""
    from dagster_project.errors import UsageError

    if any(one.payload["breach_id"] == breach_id for one in _taken()):
        return
    if not _released("breach_id = ?", breach_id):
        raise UsageError(
            f"There is no breach {breach_id}.",
            "Breaches are opened by the build, from service that was missed.",
            "`tierline decide breaches` lists those of the release.",
        )


def _moment(text: str) -> "datetime":
    from datetime import UTC, datetime

    from dagster_project.errors import UsageError

    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise UsageError(
            f"'{text}' is no moment.", "It is written as 2026-03-02T10:00.", "Write it so."
        ) from None
