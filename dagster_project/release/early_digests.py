"""Digests of the marts, made while the build goes on: each as soon as its table is written.

An update is mostly dbt's Python, which leaves the database idle half of the time; after the build
the same work would keep suites and the draft of the release waiting.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from dagster_project.release.digest import TableDigest, quoted, schema_tables, table_digest
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
            relation = quoted(SCHEMA, table)
            self._futures[table] = self._pool.submit(
                table_digest, self._connection, relation, table
            )

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
