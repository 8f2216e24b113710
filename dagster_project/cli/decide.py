"""`tierline decide`: one command per act of a person, and the list of what was decided.

Add an act by adding a command that calls ``take``. Which roles may take it and what it must say is
declared in ``dagster_project/governance/kinds.py``.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.cli.output import JsonOption, emit, table

if TYPE_CHECKING:
    from rich.console import Console

    from dagster_project.governance import Decision

app = typer.Typer(help="Take a decision, or list what was decided.", no_args_is_help=True)

ActorOption = Annotated[str, typer.Option("--as", help="Who decides.")]
RoleOption = Annotated[str, typer.Option("--role", help="In which role.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why.")]
KeyOption = Annotated[
    str | None, typer.Option("--key", help="The same key again takes no second decision.")
]


@app.command("list")
def list_decisions(
    kind: Annotated[str | None, typer.Option(help="Only one kind, e.g. release_waiver.")] = None,
    json: JsonOption = False,
) -> None:
    """List the decisions in the order in which they were taken.

    Example: tierline decide list --kind identity_verdict
    """
    from dagster_project.governance import DecisionStore, kind_named
    from dagster_project.settings import get_settings

    if kind is not None:
        kind_named(kind)
    found = DecisionStore(get_settings().decisions_url).read(kind)

    def show(console: "Console") -> None:
        names = ["No.", "When (UTC)", "Kind", "Subject", "Who", "Role", "Reason"]
        rows = []
        for one in found:
            moment = f"{one.decided_at:%Y-%m-%d %H:%M}"
            rows.append((one.seq, moment, one.kind, one.subject, one.actor, one.role, one.reason))
        console.print(table("Decisions", names, rows))

    emit([_as_dict(one) for one in found], json, show)


@app.command()
def same(
    left: Annotated[str, typer.Argument(help="First record, <source system>:<id>.")],
    right: Annotated[str, typer.Argument(help="Second record.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Say that two records are one customer; the next build merges them.

    Example: tierline decide same erp:C-1 crm:A-7 --as anna --role sales --reason "one contract"
    """
    _verdict(left, right, "same", actor, role, reason, key, json)


@app.command()
def different(
    left: Annotated[str, typer.Argument(help="First record, <source system>:<id>.")],
    right: Annotated[str, typer.Argument(help="Second record.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Say that two records are different customers; the next build keeps them apart.

    Example: tierline decide different erp:C-1 erp:C-2 --as anna --role sales --reason "two firms"
    """
    _verdict(left, right, "different", actor, role, reason, key, json)


@app.command("explain-difference")
def explain_difference(
    control: Annotated[str, typer.Argument(help="Control that found it, e.g. R-02.")],
    dimension: Annotated[str, typer.Argument(help="As the control result says it.")],
    amount: Annotated[str, typer.Option(help="Part of the difference, with its sign.")],
    cause: Annotated[str, typer.Option(help="timing, fx, mapping, missing or manual_journal.")],
    evidence: Annotated[str, typer.Option(help="Where the cause can be seen.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    ticket: Annotated[str | None, typer.Option(help="Ticket.")] = None,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Explain a difference; explanations of one add up, within its tolerance it is EXPLAINED.

    Example: tierline decide explain-difference R-02 "company=1000|period=2026-01|line=REBATE"
    --amount 1204.50 --cause timing --evidence "journal 4711" --as anna --role finance --reason "…"
    """
    from dagster_project.release.controls import place_of, require_control
    from dagster_project.settings import get_settings

    require_control(get_settings().policy_dir, control, must_be_explainable=True)
    company, period = place_of(dimension)
    payload = {
        "control_id": control,
        "company_code": company,
        "fiscal_period": period,
        "dimension": dimension,
        "reason_code": cause,
        "amount": amount,
        "evidence": evidence,
        "ticket": ticket,
    }
    subject = f"{control}|{dimension}"
    take("reconciliation_explanation", subject, payload, actor, role, reason, key, json)


@app.command()
def waive(
    control: Annotated[str, typer.Argument(help="Red control, e.g. R-01.")],
    until: Annotated[str, typer.Option(help="Last logical date on which it holds, YYYY-MM-DD.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    period: Annotated[str, typer.Option(help="Fiscal period, or * for all.")] = "*",
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Let a red control not hold the publication until a day; every release says so.

    Example: tierline decide waive R-01 --period 2026-01 --until 2026-02-15 --as fay --role finance
    --reason "ledger of company 2000 is booked on the 12th"
    """
    from dagster_project.release.controls import require_control
    from dagster_project.settings import get_settings

    require_control(get_settings().policy_dir, control)
    payload = {"control_id": control, "fiscal_period": period, "expires_on": until}
    take("release_waiver", f"{control}|{period}", payload, actor, role, reason, key, json)


@app.command()
def grant(
    reader: Annotated[str, typer.Argument(help="Who may read.")],
    profile: Annotated[str, typer.Argument(help="Profile of release_profile.csv.")],
    until: Annotated[str, typer.Option(help="Last day, YYYY-MM-DD.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    region: Annotated[str, typer.Option(help="Region of the customers to see; * for all.")] = "*",
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Let a reader have the files of a profile up to a day; see `tierline export --for`.

    Example: tierline decide grant lena planner --until 2026-12-31 --region DACH --as kim --role
    security --reason "plans DACH"
    """
    from dagster_project.access import load_profiles
    from dagster_project.errors import UsageError
    from dagster_project.settings import get_settings

    profiles = load_profiles(get_settings().policy_dir)
    if profile not in profiles:
        known = ", ".join(sorted(profiles))
        raise UsageError(f"There is no profile {profile}.", f"Known: {known}.")
    payload = {"reader": reader, "profile": profile, "region": region, "valid_to": until}
    take("access_grant", f"{reader}|{profile}", payload, actor, role, reason, key, json)


@app.command()
def revoke(
    reader: Annotated[str, typer.Argument(help="Who may no longer read.")],
    profile: Annotated[str, typer.Argument(help="Profile that was granted.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Take a grant back; files that the reader already has are not called back by this.

    Example: tierline decide revoke lena planner --as kim --role security --reason "left the team"
    """
    payload = {"reader": reader, "profile": profile}
    take("access_revoke", f"{reader}|{profile}", payload, actor, role, reason, key, json)


@app.command()
def review(
    profile: Annotated[str, typer.Argument(help="Profile whose grants were looked at; * for all.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Say that the grants of a profile were looked at; due every 90 days.

    Example: tierline decide review planner --as kim --role security --reason "all still plan"
    """
    payload = {"profile": profile}
    take("access_review", profile, payload, actor, role, reason, key, json)


@app.command()
def erase(
    kind: Annotated[str, typer.Argument(help="customer (ERP) or account (CRM).")],
    person: Annotated[str, typer.Argument(help="Identifier in that system.")],
    actor: ActorOption,
    role: RoleOption,
    reason: ReasonOption,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Erase what names a person from all later builds; facts, amounts and counts stay.

    The next build starts afresh. Do not write the name into the reason: decisions are kept.

    Example: tierline decide erase customer C-1 --as pia --role privacy --reason "request of 3 May"
    """
    from dagster_project.governance.remains import remains
    from dagster_project.settings import get_settings

    payload = {"person_kind": kind, "person_id": person}
    take("person_erasure", f"{kind}|{person}", payload, actor, role, reason, key, json)
    if not json:
        emit(None, False, lambda console: console.print(remains(get_settings()), soft_wrap=True))


def take(
    kind: str,
    subject: str,
    payload: Mapping[str, Any],
    actor: str,
    role: str,
    reason: str,
    key: str | None,
    as_json: bool,
) -> "Decision":
    """Take a decision and show it. About access it counts at once, else from the next build on.

    Raises:
        UsageError: The decision does not fit its kind, or the role may not take it.
    """
    from dagster_project.governance import DecisionStore, Entry
    from dagster_project.settings import get_settings

    counts = "at once" if kind.startswith("access_") else "from the next `tierline build` on"
    store = DecisionStore(get_settings().decisions_url)
    taken = store.append(Entry(kind, subject, actor, role, reason, payload), key)
    emit(
        _as_dict(taken),
        as_json,
        lambda console: console.print(
            f"Decision {taken.seq} is kept: {kind} of {subject} by {taken.actor} ({taken.role})."
            f"\nIt counts {counts}."
        ),
    )
    return taken


def _verdict(
    left: str,
    right: str,
    verdict: str,
    actor: str,
    role: str,
    reason: str,
    key: str | None,
    as_json: bool,
) -> None:
    from dagster_project.errors import UsageError

    if left == right:
        raise UsageError(
            "A verdict needs two records.", f"Both are {left}.", "Name the other record."
        )
    payload = {"left_id": left, "right_id": right, "verdict": verdict}
    take("identity_verdict", f"{left}|{right}", payload, actor, role, reason, key, as_json)


def _as_dict(decision: "Decision") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(decision)
