"""Which batches of a feed count, computed from the set of batches alone.

The order of arrival is no input here, so it cannot change the outcome. Add a rule when
batches gain a new way to relate to each other; files and databases do not belong here.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class BatchFact:
    """What is known of one batch of a feed. ``is_good``: whole, checked and readable."""

    batch_id: str
    source_system: str
    mode: str
    window_from: datetime | None
    window_to: datetime | None
    extracted_at: datetime
    supersedes: str | None
    fingerprint: str
    is_good: bool = True

    @property
    def order(self) -> tuple[datetime, str]:
        return self.extracted_at, self.batch_id

    @property
    def delivery(self) -> tuple[object, ...]:
        """The same delivery again has the same content, window and place in a chain."""
        window = (self.window_from, self.window_to) if self.mode == "DELTA" else None
        return self.fingerprint, self.source_system, self.mode, window, self.supersedes


@dataclass(frozen=True)
class Standing:
    """Whether a batch counts, and why not."""

    is_duplicate: bool
    is_active: bool
    inactive_reason: str | None
    known_at: datetime


def standings(facts: Iterable[BatchFact]) -> dict[str, Standing]:
    """Return the standing of each batch of one feed.

    A duplicate is the later delivery of the same content: for DELTA anywhere later, for FULL
    only when nothing else of the feed was extracted in between (otherwise it restores an
    older state and counts). A correction takes the place in time of the batch it corrects
    (``known_at``). A FULL batch replaces what its source system knew before it.
    """
    by_id = {fact.batch_id: fact for fact in facts}
    good = sorted((fact for fact in by_id.values() if fact.is_good), key=lambda fact: fact.order)
    superseded = _superseded(by_id, good)
    duplicates = _duplicates(good)
    known_at = {batch_id: _chain(by_id, batch_id)[-1].extracted_at for batch_id in by_id}
    live = [f for f in good if f.batch_id not in superseded and f.batch_id not in duplicates]
    live_ids = {fact.batch_id for fact in live}
    full = _newest_full(live, known_at)
    result = {}
    for batch_id, fact in by_id.items():
        reason = None
        if batch_id in superseded:
            reason = "superseded"
        elif batch_id in live_ids and _is_replaced(fact, full.get(fact.source_system), known_at):
            reason = "replaced_by_full"
        result[batch_id] = Standing(
            is_duplicate=batch_id in duplicates,
            is_active=batch_id in live_ids and reason is None,
            inactive_reason=reason,
            known_at=known_at[batch_id],
        )
    return result


def _chain(by_id: dict[str, BatchFact], batch_id: str) -> list[BatchFact]:
    """The batch, the one it corrects, and so on to the first; a circle is cut at its oldest."""
    chain, seen = [by_id[batch_id]], {batch_id}
    while (older := chain[-1].supersedes) is not None and older in by_id and older not in seen:
        seen.add(older)
        chain.append(by_id[older])
    if chain[-1].supersedes in seen:
        chain.append(min(chain, key=lambda fact: fact.order))
    return chain


def _superseded(by_id: dict[str, BatchFact], good: list[BatchFact]) -> set[str]:
    superseded = set()
    for fact in good:
        older = fact.supersedes
        if older is None:
            continue
        is_circle = older in by_id and fact in _chain(by_id, older)
        if not is_circle or by_id[older].order < fact.order:
            superseded.add(older)
    return superseded


def _duplicates(good: list[BatchFact]) -> set[str]:
    duplicates: set[str] = set()
    seen: set[tuple[object, ...]] = set()
    previous: dict[str, BatchFact] = {}
    for fact in good:
        before = previous.get(fact.source_system)
        if fact.mode == "DELTA":
            is_again = fact.delivery in seen
        else:
            is_again = before is not None and before.delivery == fact.delivery
        if is_again:
            duplicates.add(fact.batch_id)
        else:
            seen.add(fact.delivery)
            previous[fact.source_system] = fact
    return duplicates


def _newest_full(live: list[BatchFact], known_at: dict[str, datetime]) -> dict[str, BatchFact]:
    fulls: dict[str, list[BatchFact]] = defaultdict(list)
    for fact in live:
        if fact.mode == "FULL":
            fulls[fact.source_system].append(fact)
    return {
        system: max(batches, key=lambda fact: (known_at[fact.batch_id], *fact.order))
        for system, batches in fulls.items()
    }


def _is_replaced(fact: BatchFact, full: BatchFact | None, known_at: dict[str, datetime]) -> bool:
    if full is None or fact is full:
        return False
    if fact.mode == "FULL":
        return True
    return known_at[fact.batch_id] < known_at[full.batch_id]
