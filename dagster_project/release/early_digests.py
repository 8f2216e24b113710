"""Digests of the marts, made while the build goes on: each as soon as its table is written.

An update is mostly dbt's Python, which leaves the database idle half of the time; after the build
the same work would keep suites and the draft of the release waiting. Of a large mart only the
months are read in which the update changed rows, where the build before was judged and its work
file is still as it was then.
"""

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from dagster_project.errors import RedError
from dagster_project.release.digest import (
    Before,
    TableDigest,
    quoted,
    schema_tables,
    table_digest,
)
from dagster_project.release.partitions import noted_month
from dagster_project.release.receipt import RECEIPT_VERSION, read_receipt
from dagster_project.release.work_file import Stamp, stamp
from dagster_project.settings import Settings

SCHEMA = "marts"


class EarlyDigests:
    """Digests of one build; good for as long as the work file is as that build left it."""

    def __init__(self) -> None:
        self._futures: dict[str, Future[TableDigest]] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._connection: Any = None
        self._stamp: Stamp | None = None
        self._judged: dict[str, Any] = {}

    def recall(self, settings: Settings) -> None:
        """Before the build: look up what the receipt says of the tables that stand now."""
        described = settings.work_dir / "build.json"
        try:
            build_id = json.loads(described.read_text(encoding="utf-8"))["build_id"]
            receipt = read_receipt(settings, build_id)
        except (OSError, ValueError, KeyError, RedError):
            return  # then all of every table is read
        is_ours = receipt["receipt_version"] == RECEIPT_VERSION
        if is_ours and settings.warehouse_path.exists() and receipt["work_file"] == stamp(settings):
            self._judged = receipt["tables"]

    @contextmanager
    def beside(self, connection: Any) -> Iterator[None]:
        """Digest on a connection to the work file; at the end the tables nobody told of follow.

        Args:
            connection: Open until the context ends; it is not closed. The digests have a cursor
                of their own: a connection answers one thread at a time.
        """
        with connection.cursor() as self._connection, ThreadPoolExecutor(1) as self._pool:
            yield
            for table in schema_tables(connection, SCHEMA):
                if table not in self._futures:
                    self.written(table)
        self._pool = self._connection = None

    def written(self, table: str) -> None:
        """Take note that a table of the marts is complete; outside the context nothing is done."""
        if self._pool:
            self._futures[table] = self._pool.submit(self._digest, table)

    def seal(self, settings: Settings) -> None:
        """Remember what the work file looks like now that the build has closed it."""
        self._stamp = stamp(settings)

    def of(self, seen: Stamp) -> dict[str, TableDigest] | None:
        """Return the digests by table; None where they are not all those of this work file."""
        if not self._futures or self._stamp != seen:
            return None
        if any(future.exception() for future in self._futures.values()):
            return None
        return {table: self._futures[table].result() for table in sorted(self._futures)}

    def _digest(self, table: str) -> TableDigest:
        before, entry = None, self._judged.get(table, {})
        if entry.get("partitions"):
            # A table that was replaced as a whole has no months here.
            found = self._connection.execute(
                "select distinct month from state.updated_month where table_name = ?", [table]
            ).fetchall()
            if found:
                column = entry["partition_by"]
                before = Before(entry, frozenset(noted_month(column, month) for (month,) in found))
        return table_digest(self._connection, quoted(SCHEMA, table), table, before)
