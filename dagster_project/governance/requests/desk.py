"""The desk at which requests are handed in and decided: checks, then adds to the decision store.

Everything that has to hold is asked while nobody else can decide, so that two people at once cannot
bring a request into a state that is not in the machine. A further channel (a web service) calls
these methods and needs no logic of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from dagster_project.errors import UsageError
from dagster_project.governance.decisions import Decision, DecisionStore, Entry
from dagster_project.governance.requests.fold import (
    KINDS_READ,
    Log,
    Refusal,
    Verdict,
    fold,
    refusal_of,
)
from dagster_project.governance.requests.impact import Facts
from dagster_project.governance.requests.machine import Act
from dagster_project.governance.requests.matrix import ApprovalPolicy
from dagster_project.governance.requests.people import person
from dagster_project.governance.requests.submission import (
    KEY,
    Ask,
    Asker,
    ClosedPeriod,
    Family,
    Outcome,
    Refused,
    Rules,
    as_request,
    entries_for,
    new_id,
)

__all__ = ["Ask", "Asker", "ClosedPeriod", "Desk", "Outcome", "Refused"]

VERDICT = "segment_request_verdict"
Entries = list[tuple[Entry, str | None]]


def _nothing() -> Entries:
    return []


class Desk:
    """Requests, verdicts and delegations over one decision store.

    Args:
        store: Where decisions are kept.
        policy: Approval matrix and segments.
        closed: Closed fiscal periods; null where nobody knows which are.
    """

    def __init__(
        self,
        store: DecisionStore,
        policy: ApprovalPolicy,
        closed: Sequence[ClosedPeriod] | None = None,
    ) -> None:
        self._store, self._rules = store, Rules(policy, closed)

    def log(self) -> Log:
        """Return where all requests stand after the newest decision."""
        return fold(self._store.read())

    def submit(self, ask: Ask, asker: Asker, facts: Facts | None = None) -> str:
        """Hand a request in; return its id. The same key again returns the id of the first.

        Raises:
            UsageError: Segment, role or day cannot be meant, or no route fits.
            Refused: Another request stands in the way, or the day lies in a closed period.
        """
        known = {ask.entity_id: facts} if facts else {}
        outcomes: list[Outcome] = []

        def propose(before: list[Decision], moment: datetime) -> Entries:
            entries, found = entries_for(before, moment, [ask], asker, known, self._rules)
            outcomes.extend(found)
            return entries

        self._store.append_as(propose, KINDS_READ)
        return _id_or_error(outcomes[0])

    def submit_many(
        self, asks: Sequence[Ask], asker: Asker, facts: Mapping[str, Facts]
    ) -> list[Outcome]:
        """Hand requests in, each for itself; return what became of each, in their order.

        All that are accepted are kept together: after a crash all of them are there, or none.
        """
        outcomes: list[Outcome] = []

        def propose(before: list[Decision], moment: datetime) -> Entries:
            entries, found = entries_for(before, moment, asks, asker, facts, self._rules)
            outcomes.extend(found)
            return entries

        self._store.append_as(propose, KINDS_READ)
        return outcomes

    def submit_family(
        self, asks: Sequence[Ask], asker: Asker, facts: Mapping[str, Facts], key: str | None = None
    ) -> str:
        """Hand in one request for a family; return the parent's id. All of it is kept, or nothing.

        A verdict on the parent counts for every child that is still open. The revenue of the whole
        family decides the route, so that nobody can split a large customer into small requests.

        Raises:
            UsageError: The family is empty; else as ``submit``.
            Refused: As ``submit``, for any of the children.
        """
        if not asks:
            raise UsageError(
                "The family has nobody to move.",
                "Every member opted out or is in that segment.",
                "Name another family or segment.",
            )
        parent = new_id(key and f"family|{key}")
        amounts = [one.revenue_12_months for one in (facts.get(a.entity_id) for a in asks) if one]
        known = [amount for amount in amounts if amount is not None]
        family = Family(parent, sum(known[1:], known[0]) if len(known) == len(asks) else None)

        def propose(before: list[Decision], moment: datetime) -> Entries:
            if kept := fold(before).named(parent):
                _require_same_family(kept[0].to_segment, kept[0].requester, asks[0], asker, key)
                return []
            plain = [replace(ask, key=None) for ask in asks]
            given = (plain, asker, facts, self._rules, family)
            entries, found = entries_for(before, moment, *given)
            for outcome in found:
                _id_or_error(outcome)
            return entries

        self._store.append_as(propose, KINDS_READ)
        return parent

    def decide(
        self,
        name: str,
        act: Act,
        asker: Asker,
        reason: str,
        on_behalf_of: str | None = None,
        entity_id: str | None = None,
        key: str | None = None,
        opening: Entry | None = None,
    ) -> Decision:
        """Approve, reject, withdraw or re-point a request, or all open children of a parent.

        An attempt against four eyes is refused and kept as REFUSED.

        Args:
            name: Request or parent.
            act: What to do.
            asker: Who does it, in which role.
            reason: Why.
            on_behalf_of: Who lets the asker act for them.
            entity_id: For re-pointing: the entity that took the place of the old one.
            key: The same key again decides nothing more and returns the first decision.
            opening: The request itself, where the first verdict opens it (a rule's proposal).

        Raises:
            UsageError: There is no such request, or the key stands for something else.
            Refused: State, role, delegation or four eyes do not allow it.
        """
        if (act is Act.REPOINT) != (entity_id is not None):
            raise UsageError(
                "Only a request that is re-pointed names an entity.",
                f"The act is {act}, the entity {entity_id}.",
                "Use `tierline decide repoint REQUEST ENTITY`.",
            )
        refused: list[Refusal] = []
        kept: list[Decision] = []

        def propose(before: list[Decision], moment: datetime) -> Entries:
            if key and (used := [one for one in before if one.idempotency_key == key]):
                _require_same_act(used[0], name, act, asker, key)
                kept.append(used[0])
                return []
            log, opened = fold(before), _nothing()
            if opening and not log.named(name):
                log.requests[name] = as_request(opening, moment, f"{KEY}{name}")
                opened = [(opening, f"{KEY}{name}")]
            verdict = Verdict(act, asker.actor, asker.role, moment, on_behalf_of, entity_id)
            if refusal := _refusal(log, name, verdict):
                refused.append(refusal)
                if refusal.code != "FOUR_EYES":
                    return []
            payload = {
                "request_id": name,
                "act": str(act),
                "on_behalf_of": on_behalf_of,
                "entity_id": entity_id,
                "outcome": "REFUSED" if refusal else "COUNTED",
                "refusal": refusal.why if refusal else None,
            }
            return [*opened, (Entry(VERDICT, name, asker.actor, asker.role, reason, payload), key)]

        decisions = self._store.append_as(propose, KINDS_READ) or kept
        if decisions and decisions[-1].payload["outcome"] == "COUNTED":
            return decisions[-1]
        if kept:
            said = kept[0].payload["refusal"]
            refused.append(Refusal("FOUR_EYES", said, "Let somebody else decide."))
        raise Refused(f"This does not count: {act} {name}.", refused[0].why, refused[0].fix)

    def delegate(
        self,
        asker: Asker,
        delegate: str,
        valid_from: date,
        valid_to: date,
        reason: str,
        key: str | None = None,
    ) -> Decision:
        """Let another person approve in the own role, from a day up to and including a day.

        Raises:
            UsageError: The person is the same, or the days are the wrong way round.
        """
        if person(delegate) == person(asker.actor):
            raise UsageError(
                "Nobody is a delegate of themselves.",
                f"Both are {asker.actor}.",
                "Name another person.",
            )
        if valid_to < valid_from:
            raise UsageError(
                "The delegation would never hold.",
                f"It ends on {valid_to} and begins on {valid_from}.",
                "Give a last day that is not before the first.",
            )
        payload = {
            "delegate": delegate,
            "valid_from": valid_from.isoformat(),
            "valid_to": valid_to.isoformat(),
        }
        subject = f"{asker.actor}|{asker.role}|{delegate}"
        entry = Entry("delegation", subject, asker.actor, asker.role, reason, payload)
        return self._store.append(entry, key)


def _refusal(log: Log, name: str, verdict: Verdict) -> Refusal | None:
    """Why a verdict does not count; of a family, four eyes come first, then that none allows it."""
    named = log.named(name)
    if not named:
        raise UsageError(
            f"There is no request {name}.",
            f"{len(log.requests)} requests are known.",
            "See `tierline decide requests`.",
        )
    refusals = [refusal_of(one, verdict, log.delegations) for one in named]
    own = [one for one in refusals if one and one.code == "FOUR_EYES"]
    if own:
        return own[0]
    return refusals[0] if all(refusals) else None


def _id_or_error(outcome: Outcome) -> str:
    if outcome.error is not None:
        raise outcome.error
    return str(outcome.request_id)


def _require_same_family(
    to_segment: str, requester: str, ask: Ask, asker: Asker, key: str | None
) -> None:
    if to_segment != ask.to_segment or person(requester) != person(asker.actor):
        raise UsageError(
            f"The key {key} stands for another family request.",
            f"{requester} asked for {to_segment}.",
            "Use a key of its own for each request.",
        )


def _require_same_act(used: Decision, name: str, act: Act, asker: Asker, key: str) -> None:
    asked = (VERDICT, name, str(act), asker.actor, asker.role)
    said = used.payload
    if asked != (used.kind, said.get("request_id"), said.get("act"), used.actor, used.role):
        raise UsageError(
            f"The key {key} stands for another decision.",
            f"It was used for decision {used.seq} of kind {used.kind}.",
            "Use a key of its own for each decision.",
        )
