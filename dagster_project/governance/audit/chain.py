"""The chain read as it lies in the database, also where the file itself is damaged.

The decision store stops at a file that cannot be read; an audit has to say which decision is at
fault. SQLite is therefore read row by row, past its indexes, and asked whether the file is sound.
"""

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dagster_project.governance.decisions import (
    GENESIS,
    HASHED,
    Decision,
    Head,
    hash_of,
)
from dagster_project.governance.store import Store

COLUMNS = (*HASHED, "prev_hash", "hash")


@dataclass(frozen=True)
class Anchor:
    """A head that was kept elsewhere, and where."""

    head: Head
    kept_in: str


@dataclass(frozen=True)
class Fault:
    """The first decision at fault; ``seq`` null: none of them, the file beside them."""

    seq: int | None
    why: str


def read_rows(url: str) -> tuple[list[dict[str, Any]], Fault | None]:
    """Return the rows that can be read, in sequence, and what the file is damaged by.

    Args:
        url: SQLAlchemy address of the decision store.
    """
    path = sqlite_file(url)
    if path is None:
        return Store(url).rows(None), None
    if not path.exists() or path.stat().st_size == 0:
        return [], None
    rows: list[dict[str, Any]] = []
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as con:
            con.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
            # The database itself says here what it holds: without the table something is wrong.
            if not con.execute("select count(*) from sqlite_master").fetchone()[0]:
                return [], None
            cursor = con.execute(
                f"select {', '.join(COLUMNS)} from decision not indexed order by rowid"
            )
            rows.extend(dict(zip(COLUMNS, row, strict=True)) for row in cursor)
            return rows, _unsound(con)
    except sqlite3.Error as error:
        return rows, Fault(len(rows) + 1, f"the file cannot be read from there on ({error})")


def chain_fault(rows: Sequence[Mapping[str, Any]], anchors: Iterable[Anchor] = ()) -> Fault | None:
    """Compute the chain anew; return the first decision at fault, or null.

    Args:
        rows: Rows of the store in sequence, values as they are kept.
        anchors: Heads that were kept elsewhere. A chain cannot tell by itself that its newest rows
            are gone, or that all of it was made anew; an anchor can.
    """
    before, hashes = GENESIS, [GENESIS]
    for count, row in enumerate(rows, start=1):
        if row["seq"] != count:
            return Fault(count, f"it is missing; the next one is number {row['seq']}")
        if row["prev_hash"] != before:
            return Fault(count, "it does not follow from the decision before it")
        if _hash_or_null(row) != row["hash"]:
            return Fault(count, "its fields are not those that its hash was made from")
        before = row["hash"]
        hashes.append(before)
    for anchor in sorted(anchors, key=lambda one: (one.head.seq, one.kept_in)):
        if anchor.head.seq >= len(hashes):
            return Fault(len(hashes), f"it is missing; {anchor.kept_in} saw {anchor.head.seq}")
        if hashes[anchor.head.seq] != anchor.head.hash:
            seq = anchor.head.seq
            return Fault(seq, f"{anchor.kept_in} kept another hash of it, the chain was made anew")
    return None


def decisions_of(rows: Sequence[Mapping[str, Any]]) -> list[Decision]:
    """Return rows of a chain that holds as decisions."""
    return [
        Decision(
            **{
                **row,
                "decided_at": datetime.fromisoformat(row["decided_at"]),
                "payload": json.loads(row["payload"]),
            }
        )
        for row in rows
    ]


def release_anchors(releases_dir: Path) -> list[Anchor]:
    """Return the heads that release manifests kept (``audit_head``); older ones kept none."""
    found = []
    for path in sorted(releases_dir.glob("*/manifest.json")):
        head = json.loads(path.read_text(encoding="utf-8")).get("audit_head")
        if head:
            found.append(Anchor(Head(head["seq"], head["hash"]), f"release {path.parent.name}"))
    return found


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite address; null for another database."""
    import sqlalchemy as sa

    address = sa.make_url(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def _hash_or_null(row: Mapping[str, Any]) -> str | None:
    """The hash of a row; null where a damaged value is nothing that could be hashed."""
    try:
        return hash_of(row)
    except (TypeError, ValueError):
        return None


def _unsound(con: sqlite3.Connection) -> Fault | None:
    """What SQLite finds wrong with the file beside the values of the rows."""
    try:
        (found,) = con.execute("pragma integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        found = str(error)
    if found == "ok":
        return None
    named = re.search(r"row (\d+)", found)
    return Fault(int(named[1]) if named else None, f"the file is damaged ({found.splitlines()[0]})")
