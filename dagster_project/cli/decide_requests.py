"""`tierline decide request …`: ask for another segment, decide it, list where requests stand.

Registered beside the other acts of `decide`. What may be asked and who approves is declared in
``seeds/policy/approval_matrix.csv``; every check is in ``governance/requests``.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.cli.decide import ActorOption, KeyOption, ReasonOption, RoleOption
from dagster_project.cli.decide_proposals import app
from dagster_project.cli.output import JsonOption, emit, table
from dagster_project.cli.request_output import (
    impact_as_dict,
    plain,
    show_broken,
    show_impacts,
)

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console

RequestArgument = Annotated[str, typer.Argument(help="Request, or parent of a family.")]
ForOption = Annotated[
    str | None, typer.Option("--for", help="Who delegated to you; absent: you decide yourself.")
]
WHEN_READ = "A decision counts from the build whose logical date is the day of the decision."


@app.command()
def request(
    entity: Annotated[str, typer.Argument(help="Segmentation entity; with --family a group.")],
    to: Annotated[str, typer.Argument(help="Segment asked for, e.g. S2.")],
    effective: Annotated[str, typer.Option(help="First day on which it shall hold, YYYY-MM-DD.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    scheme: Annotated[str, typer.Option(help="Segmentation scheme.")] = "service",
    current: Annotated[
        str | None, typer.Option("--from", help="Segment now; absent: as released.")
    ] = None,
    code: Annotated[str, typer.Option(help="Reason in one word.")] = "OTHER",
    attachment: Annotated[str | None, typer.Option(help="Where the evidence lies.")] = None,
    until: Annotated[
        str | None,
        typer.Option(help="Last day, YYYY-MM-DD; absent: it moves once, the rules go on."),
    ] = None,
    emergency: Annotated[
        bool, typer.Option("--emergency", help="Holds at once; approval is due within a day.")
    ] = False,
    family: Annotated[
        bool, typer.Option("--family", help="For all entities of a group or parent customer.")
    ] = False,
    without: Annotated[
        list[str] | None, typer.Option(help="Member of the family that stays; may be repeated.")
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show what it would touch and keep nothing.")
    ] = False,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Ask that an entity moves to another segment; shows what that touches and who approves.

    Example: tierline decide request C-1 S2 --effective 2026-07-01 --as anna --role sales
    --reason "new frame contract"
    """
    from dagster_project.errors import UsageError
    from dagster_project.governance.requests import Ask, Asker
    from dagster_project.governance.requests import released as marts
    from dagster_project.settings import get_settings

    if without and not family:
        raise UsageError("Only a family has members to leave out.", "--without needs --family.")
    settings = get_settings()
    ask = Ask(
        *(entity, to, _day(effective), reason, code, scheme, current),
        is_emergency=emergency,
        attachment=attachment,
        key=key,
        holds_until=None if until is None else _day(until),
    )
    with marts.open_release(settings) as released:
        asks = [ask]
        facts: Any = {}
        if family:
            asks, facts = marts.family_asks(released, entity, without or [], ask)
        impacts = [one for a in asks if (one := marts.preview(settings, released, a))]
        if preview:
            emit(
                [impact_as_dict(one) for one in impacts],
                json,
                lambda out: show_impacts(out, impacts),
            )
            return
        desk, asker = marts.desk_for(settings, released), Asker(actor, role)
        if family:
            name = desk.submit_family(asks, asker, facts, key)
        else:
            name = desk.submit(ask, asker, released.facts(entity, scheme))
    found = desk.log().named(name)

    def show(console: "Console") -> None:
        show_impacts(console, impacts)
        roles = ", ".join(found[0].roles_needed)
        console.print(f"Request {name} is kept. It needs {roles} (route {found[0].route}).")
        console.print(f"Next: `tierline decide approve {name}`, by somebody other than {actor}.")
        console.print(WHEN_READ)

    data = {"request_id": name, "requests": [plain(one) for one in found]}
    emit(data | {"impact": [impact_as_dict(one) for one in impacts]}, json, show)


@app.command()
def approve(
    name: RequestArgument,
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    on_behalf_of: ForOption = None,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Approve a request in one of the roles that it needs; nobody approves an own request.

    Example: tierline decide approve SR-1A2B3C4D5E6F --as ben --role finance --reason "pays for it"
    """
    _act("approve", name, actor, role, reason, on_behalf_of, None, key, json)


@app.command()
def reject(
    name: RequestArgument,
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    on_behalf_of: ForOption = None,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Reject a request; one role is enough. An emergency no longer holds.

    Example: tierline decide reject SR-1A2B3C4D5E6F --as ben --role finance --reason "no contract"
    """
    _act("reject", name, actor, role, reason, on_behalf_of, None, key, json)


@app.command()
def withdraw(
    name: RequestArgument,
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Take an own request back, while nobody has decided it.

    Example: tierline decide withdraw SR-1A2B3C4D5E6F --as anna --role sales --reason "too early"
    """
    _act("withdraw", name, actor, role, reason, None, None, key, json)


@app.command()
def repoint(
    name: RequestArgument,
    entity: Annotated[str, typer.Argument(help="Entity that took the place of the old one.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Confirm that an own request is meant for the entity that survived a merge.

    Approvals so far no longer count.

    Example: tierline decide repoint SR-1A2B3C4D5E6F C-2 --as anna --role sales --reason "merged"
    """
    _act("repoint", name, actor, role, reason, None, entity, key, json)


@app.command("requests")
def list_requests(
    all_: Annotated[
        bool, typer.Option("--all", help="Also those that are no longer open.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """List where requests stand and which roles are missing.

    Example: tierline decide requests --all
    """
    from datetime import UTC, datetime

    from dagster_project.governance import DecisionStore
    from dagster_project.governance.requests import fold
    from dagster_project.governance.requests.machine import OPEN
    from dagster_project.settings import get_settings

    now = datetime.now(UTC)
    log = fold(DecisionStore(get_settings().decisions_url).read())
    found = [one for one in log.requests.values() if all_ or one.state(now) in OPEN]

    def show(console: "Console") -> None:
        names = ["Request", "Entity", "From", "To", "On", "State", "By", "Missing", "Until (UTC)"]
        rows = []
        for one in found:
            missing = ", ".join(one.roles_missing)
            move = (one.from_segment, one.to_segment, one.effective_date, str(one.state(now)))
            until = f"{one.expires_at:%Y-%m-%d %H:%M}"
            rows.append((one.request_id, one.entity_id, *move, one.requester, missing, until))
        console.print(table("Requests", names, rows))
        show_broken(console, found)
        for seq, refusal in log.ignored:
            console.print(f"[red]Decision {seq} does not count[/]: {refusal.why}")
        console.print(WHEN_READ)

    emit([plain(one) for one in found], json, show)


@app.command()
def bulk(
    file: Annotated[Path, typer.Argument(help="CSV: key, entity_id, to_segment, …")],
    actor: ActorOption,
    role: RoleOption,
    json: JsonOption = False,
) -> int:
    """Submit the requests of a CSV file; each row has a result, exit 1 if one is refused.

    Example: tierline decide bulk requests.csv --as anna --role sales
    """
    from dataclasses import asdict

    from dagster_project.errors import EXIT_OK, EXIT_RED
    from dagster_project.governance.requests import Asker, released
    from dagster_project.governance.requests.bulk import submit_file
    from dagster_project.settings import get_settings

    settings = get_settings()
    with released.open_release(settings) as marts:
        desk = released.desk_for(settings, marts)
        results = submit_file(file, desk, Asker(actor, role), marts.find)

    def show(console: "Console") -> None:
        names = ["Row", "Key", "Entity", "Result", "Request", "Why", "Next"]
        console.print(
            table(f"{len(results)} rows", names, [tuple(asdict(r).values()) for r in results])
        )

    emit([asdict(one) for one in results], json, show)
    return EXIT_RED if any(one.result == "REFUSED" for one in results) else EXIT_OK


@app.command()
def delegate(
    person: Annotated[str, typer.Argument(help="Who may approve for you.")],
    since: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")],
    until: Annotated[str, typer.Option(help="Last day, YYYY-MM-DD.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Let another person approve in your role for some days; a newer one replaces an older one.

    Example: tierline decide delegate ben --from 2026-07-01 --until 2026-07-14 --as anna
    --role finance --reason "on leave"
    """
    from dataclasses import asdict

    from dagster_project.governance.requests import Asker, released
    from dagster_project.settings import get_settings

    desk = released.desk_for(get_settings(), released.Released(None, None, None))
    taken = desk.delegate(Asker(actor, role), person, _day(since), _day(until), reason, key)
    text = f"{person} may approve for {actor} as {role} from {since} to {until}."
    emit(asdict(taken), json, lambda console: console.print(text))


def _act(
    act: str,
    name: str,
    actor: str,
    role: str,
    reason: str,
    on_behalf_of: str | None,
    entity: str | None,
    key: str | None,
    as_json: bool,
) -> None:
    from dagster_project.governance.requests import Act, Asker
    from dagster_project.governance.requests import released as marts
    from dagster_project.settings import get_settings

    settings = get_settings()
    with marts.open_release(settings) as released:
        desk, asker = marts.desk_for(settings, released), Asker(actor, role)
        marts.require_entities(desk, released, name, Act(act), asker)
        if entity is not None:
            released.facts(entity, "service")
        name, opening = marts.proposed(desk, released, name)
        desk.decide(name, Act(act), asker, reason, on_behalf_of, entity, key, opening)
    found = [plain(one) for one in desk.log().named(name)]

    def show(console: "Console") -> None:
        for one in found:
            missing = (
                f"; missing: {', '.join(one['roles_missing'])}" if one["roles_missing"] else ""
            )
            console.print(f"{one['request_id']} ({one['entity_id']}) is {one['state']}{missing}.")
        show_broken(console, desk.log().named(name))
        console.print(WHEN_READ)

    emit(found, as_json, show)


def _day(text: str) -> "date":
    from datetime import date

    from dagster_project.errors import UsageError

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"'{text}' is no day.", "Days are written YYYY-MM-DD.") from error
