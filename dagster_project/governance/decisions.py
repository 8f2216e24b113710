"""The decision store: what people decided, in the order in which they decided it.

Rows are only ever added. Each carries the hash of the one before, so that a changed, removed or
inserted row shows; triggers refuse update and delete. SQLite in the home by default, PostgreSQL
where several machines decide. Which kinds there are belongs in ``kinds``, how the tables look in
``tables``.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dagster_project.errors import RedError, UsageError
from dagster_project.governance.kinds import kind_named, validated

GENESIS = "0" * 64
"""What stands for the hash before the first decision."""

HASHED = (
    *("seq", "decision_id", "decided_at", "kind", "subject", "actor", "role", "reason"),
    *("payload", "idempotency_key"),
)
"""Every field of a row but the two hashes; ``decided_at`` and ``payload`` as they are kept."""


@dataclass(frozen=True)
class Entry:
    """A decision to be taken: who decides what about which subject, in which role, and why."""

    kind: str
    subject: str
    actor: str
    role: str
    reason: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """A decision that was taken. ``decided_at`` is in UTC; ``seq`` counts from 1."""

    seq: int
    decision_id: str
    decided_at: datetime
    kind: str
    subject: str
    actor: str
    role: str
    reason: str
    payload: dict[str, Any]
    prev_hash: str
    hash: str
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Head:
    """The newest decision of a store; its hash stands for all decisions up to it."""

    seq: int = 0
    hash: str = GENESIS


class DecisionStore:
    """The decisions of one home.

    Args:
        url: SQLAlchemy address; ``postgresql://`` means the psycopg driver.
        clock: Tells the moment of a decision in UTC.
    """

    def __init__(self, url: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        from dagster_project.governance.store import Store

        self._store = Store(url)
        self._clock = clock

    def append(self, entry: Entry, key: str | None = None) -> Decision:
        """Take a decision; it is durable when this returns.

        Args:
            entry: The decision.
            key: The same key again takes no second decision and returns the first.

        Raises:
            UsageError: The kind is unknown, the role may not decide it, a field is blank, the
                payload does not fit the kind, or the key was used for another decision.
        """
        kept = _checked(entry)
        with self._store.appending() as con:
            if key is not None and (before := self._store.with_key(con, key)):
                return _same(_decision(before), kept, key)
            return self._add(con, kept, key, self._store.last(con))

    def append_as(
        self,
        propose: Callable[[list[Decision], datetime], Sequence[tuple[Entry, str | None]]],
        kinds: Sequence[str],
    ) -> list[Decision]:
        """Take the decisions that follow from those before; nobody else decides in between.

        All of them are durable when this returns, or none is there.

        Args:
            propose: Gets the decisions of ``kinds`` in sequence and the moment (UTC) at which the
                new ones will be taken; returns entries with their keys, or raises to refuse.
            kinds: Kinds that ``propose`` has to see.

        Raises:
            UsageError: As ``append``; also if a key was used before.
        """
        with self._store.appending() as con:
            last = self._store.last(con)
            before = [_decision(row) for row in self._store.rows_of(con, kinds)]
            moment = self._moment(last)
            taken: list[Decision] = []
            for entry, key in propose(before, moment):
                kept = _checked(entry)
                if key is not None and (used := self._store.with_key(con, key)):
                    raise _used(_decision(used), key)
                taken.append(self._add(con, kept, key, last, moment))
                last = self._store.last(con)
        return taken

    def _moment(self, last: Mapping[str, Any] | None) -> datetime:
        """Now, but never before the newest decision."""
        moment = self._clock().astimezone(UTC)
        return max(moment, datetime.fromisoformat(last["decided_at"])) if last else moment

    def _add(
        self,
        con: Any,
        kept: Mapping[str, str],
        key: str | None,
        last: Mapping[str, Any] | None,
        moment: datetime | None = None,
    ) -> Decision:
        row: dict[str, Any] = {
            "seq": last["seq"] + 1 if last else 1,
            "decision_id": uuid.uuid4().hex,
            "decided_at": (moment or self._moment(last)).isoformat(timespec="microseconds"),
            **kept,
            "idempotency_key": key,
            "prev_hash": last["hash"] if last else GENESIS,
        }
        row["hash"] = hash_of(row)
        self._store.insert(con, row)
        return _decision(row)

    def read(self, kind: str | None = None) -> list[Decision]:
        """Return the decisions in sequence: all of them, or those of one kind."""
        return [_decision(row) for row in self._store.rows(kind)]

    def head(self) -> Head:
        """Return the sequence number and hash of the newest decision."""
        with self._store.reading() as con:
            last = self._store.last(con) if con is not None else None
        return Head(last["seq"], last["hash"]) if last else Head()

    def verify(self, anchor: Head | None = None) -> int:
        """Compute the chain anew and return how many decisions it has.

        Args:
            anchor: A head that somebody kept elsewhere. A chain cannot tell by itself that its
                newest rows are gone; an anchor can.

        Raises:
            RedError: A row is missing, was changed or was put in; names the first one at fault.
        """
        before, count, at_anchor = GENESIS, 0, GENESIS
        for count, row in enumerate(self._store.rows(None), start=1):
            if row["seq"] != count:
                raise _broken(count, f"it is missing; the next one is number {row['seq']}")
            if row["prev_hash"] != before:
                raise _broken(count, "it does not follow from the decision before it")
            if hash_of(row) != row["hash"]:
                raise _broken(count, "its fields are not those that its hash was made from")
            before = row["hash"]
            if anchor and count == anchor.seq:
                at_anchor = before
        if anchor and (count < anchor.seq or at_anchor != anchor.hash):
            why = "it is missing" if count < anchor.seq else "it has another hash than was kept"
            raise _broken(min(count + 1, anchor.seq), why)
        return count


def hash_of(row: Mapping[str, Any]) -> str:
    """SHA-256 of the hash before and the canonical JSON of all other fields, as hex."""
    text = _canonical({name: row[name] for name in HASHED})
    return hashlib.sha256((row["prev_hash"] + text).encode()).hexdigest()


def content_of(decision: Decision) -> str:
    """The text that the hash of a decision was made from, without the hash before it."""
    row = {name: getattr(decision, name) for name in HASHED}
    row["decided_at"] = decision.decided_at.isoformat(timespec="microseconds")
    return _canonical(row | {"payload": _canonical(decision.payload)})


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _checked(entry: Entry) -> dict[str, str]:
    """The fields of an entry as they are kept."""
    kind = kind_named(entry.kind)
    fields = {}
    for name in ("kind", "subject", "actor", "role", "reason"):
        fields[name] = str(getattr(entry, name) or "").strip()
        if not fields[name]:
            raise UsageError(
                f"The decision of kind {entry.kind} cannot be kept.",
                f"Its {name} is blank.",
                "A decision names what it is about, who takes it, in which role, and why.",
            )
    if fields["role"] not in kind.roles:
        raise UsageError(
            f"The role {fields['role']} may not take a decision of kind {kind.name}.",
            f"Roles that may: {', '.join(kind.roles)}.",
            "Ask somebody who has one of these roles.",
        )
    return fields | {"payload": _canonical(validated(kind, entry.payload))}


def _same(before: Decision, kept: Mapping[str, str], key: str) -> Decision:
    """The decision that a key stands for, if it is the one that is asked for again."""
    taken = {name: getattr(before, name) for name in kept if name != "payload"}
    if taken | {"payload": _canonical(before.payload)} != dict(kept):
        raise _used(before, key)
    return before


def _used(before: Decision, key: str) -> UsageError:
    return UsageError(
        f"The key {key} stands for another decision.",
        f"It was used for decision {before.seq} of kind {before.kind}.",
        "Use a key of its own for each decision.",
    )


def _decision(row: Mapping[str, Any]) -> Decision:
    moment = datetime.fromisoformat(row["decided_at"])
    return Decision(**{**row, "decided_at": moment, "payload": json.loads(row["payload"])})


def _broken(seq: int, why: str) -> RedError:
    return RedError(
        f"The chain of decisions is broken at decision {seq}.",
        f"Decision {seq}: {why}.",
        "Restore the decision store from a copy; no decision from this one on can be trusted.",
    )
