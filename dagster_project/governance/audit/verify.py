"""All checks of the record together: the chain first, because nothing else counts without it."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

from dagster_project.governance.audit import people
from dagster_project.governance.audit.chain import (
    Anchor,
    chain_fault,
    decisions_of,
    read_rows,
    release_anchors,
)
from dagster_project.governance.audit.events import event_checks
from dagster_project.governance.audit.results import (
    FAIL,
    NAMES,
    PASS,
    CheckResult,
    failed,
    no_data,
    passed,
)
from dagster_project.governance.decisions import Decision, Head
from dagster_project.governance.requests.impact import closed_periods
from dagster_project.governance.requests.released import open_release
from dagster_project.settings import Settings

NOT_ECHOED = "No other system reports back what it holds."


def verify(
    settings: Settings, at: datetime, anchor: Head | None = None
) -> tuple[list[CheckResult], Head]:
    """Run A1 to A8; return their results in order and the head of the chain.

    Args:
        settings: The home: decision store, releases and policy.
        at: Moment of the audit, in UTC.
        anchor: A head that somebody kept elsewhere.
    """
    rows, damage = read_rows(settings.decisions_url)
    anchors = release_anchors(settings.releases_dir)
    anchors += [Anchor(anchor, "the anchor")] if anchor else []
    fault = chain_fault(rows, anchors)
    if damage and (fault is None or (damage.seq or 0) <= (fault.seq or 0)):
        fault = damage if damage.seq or fault is None else fault
    if fault is not None:
        where = f"Decision {fault.seq}" if fault.seq else "The file"
        broken = failed("A1", f"{where}: {fault.why}.", fault.seq)
        others = [no_data(one, "Not judged: the chain is broken.") for one in NAMES if one != "A1"]
        return [broken, *others], Head()
    head = Head(rows[-1]["seq"], rows[-1]["hash"]) if rows else Head()
    detail = f"{len(rows):,} decisions, {len(anchors)} heads kept elsewhere."
    with open_release(settings) as released:
        found = _of_content(decisions_of(rows), released.con, at, settings.policy_dir)
    return [passed("A1", detail), *found], head


def _of_content(
    decisions: list[Decision], con: Any, at: datetime, policy_dir: Path
) -> list[CheckResult]:
    """A2 to A8 of a chain that holds; without a release only what people decided."""
    closed = closed_periods(con) if con is not None else None
    by_people = {
        "A3": people.unapproved(decisions, at),
        "A4": people.four_eyes(decisions),
        "A5": people.dated_back(decisions, closed),
        "A6": people.clock(decisions),
        "A7": people.retention(decisions),
        "A8": _echoed(con),
    }
    by_rule = {}
    if con is not None:
        asking = _asking_rules(policy_dir)
        by_rule = event_checks(con, _policy_rules(policy_dir), decisions, asking)
    nothing = no_data("A2", "Nothing has been released.")
    return [
        _both(by_people.get(check_id), by_rule.get(check_id)) or nothing
        for check_id in NAMES
        if check_id != "A1"
    ]


def _echoed(con: Any) -> CheckResult:
    """A8 as the build of the release found it: what other systems held when they were read."""
    known = "select 1 from information_schema.tables where table_name = 'audit_control_result'"
    if con is None or con.execute(known).fetchone() is None:
        return no_data("A8", NOT_ECHOED)
    found = con.execute(
        "select status, first_event, detail from audit_control_result where check_id = 'A8'"
    ).fetchone()
    if found is None or found[0] not in (PASS, FAIL):
        return no_data("A8", NOT_ECHOED)
    status, event, detail = found
    return passed("A8", detail) if status == PASS else failed("A8", detail, event=event)


def _both(first: CheckResult | None, second: CheckResult | None) -> CheckResult | None:
    """One result of two: the first at fault, else whichever has facts, with both details."""
    both = [one for one in (first, second) if one is not None]
    at_fault = [one for one in both if one.status == FAIL]
    with_facts = [one for one in both if one.status == PASS]
    if at_fault or not with_facts:
        return next(iter(at_fault or both), None)
    return passed(with_facts[0].check_id, " ".join(one.detail for one in with_facts))


def _asking_rules(policy_dir: Path) -> list[str]:
    """Rules that always need people, of schemes that enforce it, as ``scheme|rule``."""
    schemes, rules = (policy_dir / f"{name}.csv" for name in ("segment_scheme", "reclass_rule"))
    if not (schemes.exists() and rules.exists()):
        return []
    enforcing = {
        row["scheme_id"]
        for row in _rows(schemes)
        if (row.get("approval_enforced") or "").strip().lower() == "true"
    }
    return [
        f"{row['scheme_id']}|{row['rule_id']}"
        for row in _rows(rules)
        if row["scheme_id"] in enforcing
        and (row.get("approval") or "AUTO") != "AUTO"
        and not (row.get("auto_if") or "").strip()
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _policy_rules(policy_dir: Path) -> list[str]:
    """Rules of the policy that are written as rows, where there are any."""
    path = policy_dir / "reclass_rule.csv"
    if not path.exists():
        return []
    return [row["rule_id"] for row in _rows(path) if row.get("rule_id")]
