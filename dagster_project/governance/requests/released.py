"""What requests need of the current release: facts of entities, families, closed periods.

Without a release nothing is known: a request then has to state its segment, its revenue counts as
more than any limit, and no past day may be asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from dagster_project.errors import TierlineError, UsageError
from dagster_project.governance.decisions import Entry
from dagster_project.governance.kinds import RULE_ROLE
from dagster_project.governance.requests.desk import Ask, Asker, ClosedPeriod, Desk
from dagster_project.governance.requests.impact import (
    Facts,
    Impact,
    closed_periods,
    facts_of,
    family_of,
    impact_of,
    unknown_entity,
)
from dagster_project.governance.requests.machine import Act
from dagster_project.governance.requests.matrix import load_policy, load_promises
from dagster_project.governance.requests.rule_proposals import proposal_named
from dagster_project.settings import Settings


class Released:
    """The current release of a home, opened for reading; all answers are empty without one."""

    def __init__(self, con: Any, release_id: str | None, as_of: date | None) -> None:
        self.con, self.release_id, self.as_of = con, release_id, as_of

    def find(self, asks: Sequence[Ask]) -> tuple[dict[str, Facts], dict[str, TierlineError]]:
        """Return the facts of what is asked for, and the error of each entity not known."""
        facts: dict[str, Facts] = {}
        if self.con is None or self.as_of is None:
            return facts, {}
        for scheme in sorted({ask.scheme_id for ask in asks}):
            wanted = [ask.entity_id for ask in asks if ask.scheme_id == scheme]
            facts |= facts_of(self.con, wanted, scheme, self.as_of, release_id=self.release_id)
        missing = sorted({ask.entity_id for ask in asks} - set(facts))
        return facts, {entity: unknown_entity(self.con, entity) for entity in missing}

    def facts(self, entity: str, scheme_id: str) -> Facts | None:
        """Return the facts of one entity, or null without a release.

        Raises:
            UsageError: The release does not know the entity; names the one it belongs to now.
        """
        if self.con is None or self.as_of is None:
            return None
        found = facts_of(self.con, [entity], scheme_id, self.as_of, release_id=self.release_id)
        if entity not in found:
            raise unknown_entity(self.con, entity)
        return found[entity]

    def family(self, group_id: str) -> list[str]:
        """Return the entities of a family.

        Raises:
            TierlineError: There is no release, or no such family.
        """
        if self.con is None:
            raise TierlineError(
                "There is no release to ask for the family.",
                "Nothing has been published yet.",
                "Run `tierline build`, `tierline gate` and `tierline publish`.",
            )
        return family_of(self.con, group_id)

    def closed(self) -> list[ClosedPeriod] | None:
        """Return the closed periods; null without a release."""
        return None if self.con is None else closed_periods(self.con)


@contextmanager
def open_release(settings: Settings) -> Iterator[Released]:
    """Open the current release of a home for reading."""
    from dagster_project.release.releases import current_release

    release = current_release(settings)
    if release is None:
        yield Released(None, None, None)
        return
    import duckdb

    con = duckdb.connect(str(release.database), read_only=True)
    try:
        found = con.execute(
            "select table_catalog, table_schema from information_schema.tables"
            " where table_name = 'dim_customer_segment' limit 1"
        ).fetchone()
        if found is None:
            raise TierlineError(
                f"The release {release.release_id} has no segments of customers.",
                "It has no table dim_customer_segment.",
                "Build and publish anew with all marts.",
            )
        con.execute(f'use "{found[0]}"."{found[1]}"')
        yield Released(con, release.release_id, date.fromisoformat(release.as_of))
    finally:
        con.close()


def desk_for(settings: Settings, released: Released) -> Desk:
    """Return the desk of a home.

    Raises:
        UsageError: The approval matrix cannot be used.
    """
    from dagster_project.governance.decisions import DecisionStore

    store = DecisionStore(settings.decisions_url)
    return Desk(store, load_policy(settings.policy_dir), released.closed())


def preview(settings: Settings, released: Released, ask: Ask) -> Impact | None:
    """Return what a request would touch, or null without a release. Nothing is kept.

    Raises:
        UsageError: Entity, scheme or segment are not known.
    """
    facts = released.facts(ask.entity_id, ask.scheme_id)
    ranks = load_policy(settings.policy_dir).segments.get(ask.scheme_id, {})
    if ask.to_segment not in ranks:
        raise UsageError(
            f"The scheme {ask.scheme_id} has no segment {ask.to_segment}.",
            f"Known: {', '.join(ranks) or 'none, there is no such scheme'}.",
        )
    if facts is None:
        return None
    promises = load_promises(settings.policy_dir, ask.scheme_id)
    days = (ask.effective_date, ask.holds_until, promises)
    return impact_of(facts, ask.to_segment, ranks, ask.from_segment, *days)


def require_entities(desk: Desk, released: Released, name: str, act: Act, asker: Asker) -> None:
    """Before an approval: the entities still are what was asked about.

    Raises:
        UsageError: An entity is gone since a merge; names the one that took its place and who has
            to confirm that the request is meant for that one.
    """
    if act is not Act.APPROVE:
        return
    for request in desk.log().named(name):
        try:
            released.facts(request.entity_id, request.scheme_id)
        except UsageError as gone:
            raise UsageError(
                f"{request.request_id} is about an entity that is no more; {asker.actor} cannot"
                " approve it.",
                f"{gone.what} {gone.why}",
                f"{request.requester} confirms the new one: `tierline decide repoint"
                f" {request.request_id} ENTITY`; then it is approved anew.",
            ) from gone


def proposed(desk: Desk, released: Released, name: str) -> tuple[str, Entry | None]:
    """Return the request that a name means, and what opens it if it is a proposal of a rule.

    Raises:
        UsageError: The name is that of a proposal that no longer waits.
    """
    known = desk.log().named(name)
    if known and known[0].requester_role != RULE_ROLE:
        return name, None
    proposal = proposal_named(released.con, name)
    if proposal is None and known and released.con is not None:
        raise UsageError(
            f"What {name} is about no longer waits.",
            "The rule did not propose it again, or the customer moved otherwise.",
            "See `tierline decide proposals` for what waits.",
        )
    if proposal is None:
        return name, None
    return proposal.request_id, proposal.opening(released.release_id)


def family_asks(
    released: Released, group_id: str, without: Sequence[str], like: Ask
) -> tuple[list[Ask], Mapping[str, Facts]]:
    """Return one ask per member of a family that is not left out and not in the segment already.

    Raises:
        UsageError: Somebody who is left out is no member.
    """
    from dataclasses import replace

    members = released.family(group_id)
    strangers = sorted(set(without) - set(members))
    if strangers:
        raise UsageError(
            f"{', '.join(strangers)} cannot be left out.",
            f"The members of {group_id} are {', '.join(members)}.",
        )
    asks = [replace(like, entity_id=one) for one in members if one not in without]
    facts, _ = released.find(asks)
    there = {one.entity_id for one in facts.values() if one.segment_code == like.to_segment}
    return [ask for ask in asks if ask.entity_id not in there], facts
