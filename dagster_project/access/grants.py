"""Who may have the files of which profile: grants, withdrawals and reviews among the decisions.

Pure functions on decisions and a logical date. What a profile shows belongs in ``profiles``, how
files are written in ``export``.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from dagster_project.errors import UsageError
from dagster_project.governance.decisions import Decision

EVERY_REGION = "*"
REVIEW_DAYS = 90
"""Days after which somebody must have looked at the grants of a profile again."""


@dataclass(frozen=True)
class Grant:
    """The newest grant of a profile to a reader, as it stands on a day.

    ``status``: ACTIVE, EXPIRED (its last day is over), REVOKED, or ORPHAN (no such profile).
    """

    reader: str
    profile_id: str
    region: str
    valid_to: date
    granted_date: date
    granted_by: str
    status: str


@dataclass(frozen=True)
class Finding:
    """One thing about access that somebody must put right."""

    check: str
    profile_id: str
    reader: str | None
    detail: str


def grants_on(day: date, decisions: Iterable[Decision], profiles: Collection[str]) -> list[Grant]:
    """Return the newest grant of each reader and profile as it stands on a day.

    Args:
        day: Logical date; decisions taken later are not known.
        decisions: In sequence, of any kind.
        profiles: Ids of the profiles that there are.
    """
    newest: dict[tuple[str, str], Decision] = {}
    revoked: set[tuple[str, str]] = set()
    for one in _known(day, decisions):
        if one.kind not in ("access_grant", "access_revoke"):
            continue
        key = (one.payload["reader"], one.payload["profile"])
        if one.kind == "access_grant":
            newest[key] = one
            revoked.discard(key)
        else:
            revoked.add(key)
    grants = []
    for (reader, profile), one in sorted(newest.items()):
        valid_to = date.fromisoformat(one.payload["valid_to"])
        if (reader, profile) in revoked:
            status = "REVOKED"
        elif profile not in profiles:
            status = "ORPHAN"
        else:
            status = "ACTIVE" if day <= valid_to else "EXPIRED"
        region, by = one.payload["region"], one.actor
        grants.append(Grant(reader, profile, region, valid_to, _day(one), by, status))
    return grants


def findings_on(
    day: date, decisions: Iterable[Decision], profiles: Collection[str]
) -> list[Finding]:
    """Return the orphans, the expired grants that nobody withdrew, and the overdue reviews.

    A profile needs a review ``REVIEW_DAYS`` days after its first grant and after each review, as
    long as it has a grant that nobody withdrew.
    """
    known = list(_known(day, decisions))
    open_grants = [one for one in grants_on(day, known, profiles) if one.status != "REVOKED"]
    found = [
        Finding("orphan", one.profile_id, one.reader, f"there is no profile {one.profile_id}")
        for one in open_grants
        if one.status == "ORPHAN"
    ]
    found += [
        Finding("expired", one.profile_id, one.reader, f"was valid up to {one.valid_to}")
        for one in open_grants
        if one.status == "EXPIRED"
    ]
    for profile in sorted({one.profile_id for one in open_grants}):
        due = _review_due(profile, known)
        if day > due:
            found.append(Finding("review", profile, None, f"was due on {due}"))
    return found


def region_for(reader: str, profile_id: str, own_region: str, grants: Iterable[Grant]) -> str:
    """Return the region whose rows a reader gets of a profile, ``*`` for all.

    Args:
        reader: Who asks.
        profile_id: The profile.
        own_region: Region of the profile itself.
        grants: As they stand on the day.

    Raises:
        UsageError: The reader has no active grant, or it is for another region than the profile.
    """
    held = [one for one in grants if (one.reader, one.profile_id) == (reader, profile_id)]
    if not held or held[0].status != "ACTIVE":
        why = f"Its grant is {held[0].status.lower()}." if held else "It was never granted."
        raise UsageError(
            f"{reader} may not have the profile {profile_id}.",
            why,
            "Grant it with `tierline decide grant`; that takes the role security.",
        )
    region = held[0].region
    if EVERY_REGION in (region, own_region) or region == own_region:
        return own_region if region == EVERY_REGION else region
    raise UsageError(
        f"{reader} may not have the profile {profile_id}.",
        f"The grant is for {region}, the profile is for {own_region} only.",
        "Grant a profile of that region.",
    )


def _known(day: date, decisions: Iterable[Decision]) -> Iterable[Decision]:
    return (one for one in decisions if _day(one) <= day)


def _day(decision: Decision) -> date:
    return decision.decided_at.astimezone(UTC).date()


def _review_due(profile: str, known: list[Decision]) -> date:
    starts = [
        _day(one)
        for one in known
        if one.kind == "access_grant" and one.payload["profile"] == profile
    ]
    reviews = [
        _day(one)
        for one in known
        if one.kind == "access_review" and one.payload["profile"] in (profile, EVERY_REGION)
    ]
    first = min(starts)
    return max([first, *(day for day in reviews if day >= first)]) + timedelta(days=REVIEW_DAYS)
