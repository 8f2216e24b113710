"""The one table in which decisions lie, on SQLite and on PostgreSQL.

One writer at a time: SQLite by ``begin immediate``, PostgreSQL by a lock on the table. What a row
means belongs in ``decisions``.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from dagster_project.errors import LockedError, TierlineError, UsageError

TABLE = sa.Table(
    "decision",
    sa.MetaData(),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    *(
        sa.Column(name, sa.Text, nullable=False)
        for name in ("decision_id", "decided_at", "kind", "subject", "actor", "role", "reason")
    ),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("idempotency_key", sa.Text, unique=True),
    sa.Column("prev_hash", sa.Text, nullable=False, unique=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
)
WAIT_SECONDS = 30
"""How long a writer waits for another one."""

REFUSAL = "decisions are only ever added"

SQLITE_GUARDS = (
    # `insert or replace` deletes without asking the trigger on deletes; so a row comes only behind
    # the last one, and only where nothing is in its place.
    "create trigger if not exists decision_goes_last before insert on decision"
    " when new.seq <> (select coalesce(max(seq), 0) + 1 from decision)"
    " or exists (select 1 from decision as old where old.hash = new.hash"
    " or old.prev_hash = new.prev_hash or old.idempotency_key = new.idempotency_key)"
    f" begin select raise(abort, '{REFUSAL}'); end",
    *(
        f"create trigger if not exists decision_no_{act} before {act} on decision"
        f" begin select raise(abort, '{REFUSAL}'); end"
        for act in ("update", "delete")
    ),
)
POSTGRES_GUARDS = (
    "create or replace function decision_refuse() returns trigger language plpgsql"
    f" as $$ begin raise exception '{REFUSAL}'; end $$",
    "create or replace trigger decision_no_change before update or delete or truncate"
    " on decision for each statement execute function decision_refuse()",
)


class Store:
    """Rows of the table ``decision`` at an address; created when the first one is added."""

    def __init__(self, url: str) -> None:
        try:
            address = sa.make_url(url)
            if address.drivername == "postgresql":
                address = address.set(drivername="postgresql+psycopg")
            self._is_sqlite = address.get_backend_name() == "sqlite"
            if not self._is_sqlite and address.get_backend_name() != "postgresql":
                raise UsageError(
                    f"Decisions cannot be kept in {address.get_backend_name()}.",
                    "Only SQLite and PostgreSQL are known.",
                    "Set TIERLINE_DECISIONS_URL to sqlite:///… or postgresql://…, or unset it.",
                )
            self._file = Path(address.database or "") if self._is_sqlite else None
            options: dict[str, Any] = {"poolclass": NullPool}
            if self._is_sqlite:
                # The driver must not open transactions of its own before `begin immediate`.
                options["connect_args"] = {"timeout": WAIT_SECONDS, "isolation_level": None}
            self._engine = sa.create_engine(address, **options)
        except (sa.exc.ArgumentError, NoSuchModuleError, ImportError) as error:
            raise UsageError(
                "The decision store has no usable address.",
                f"{type(error).__name__}: the address or its driver is not known.",
                "Check TIERLINE_DECISIONS_URL; PostgreSQL needs the package psycopg.",
            ) from None
        self._is_ready = False
        if self._is_sqlite:
            event.listen(self._engine, "connect", _safe_sqlite)

    @contextmanager
    def appending(self) -> Iterator[sa.Connection]:
        """Yield a transaction in which nobody else can add a row; it is durable at its end."""
        with self._explained(), self._engine.connect() as con:
            self._create(con)
            if self._is_sqlite:
                con.exec_driver_sql("begin immediate")
            else:
                con.exec_driver_sql("set local synchronous_commit = on")
                con.exec_driver_sql(f"set local lock_timeout = '{WAIT_SECONDS}s'")
                con.exec_driver_sql("lock table decision in share row exclusive mode")
            try:
                yield con
            except BaseException:
                con.rollback()
                raise
            con.commit()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection | None]:
        """Yield a connection, or null where no decision was ever taken."""
        if self._file is not None and not self._file.exists():
            yield None
            return
        with self._explained(), self._engine.connect() as con:
            yield con if sa.inspect(con).has_table(TABLE.name) else None

    def rows(self, kind: str | None) -> list[dict[str, Any]]:
        """Return the rows in sequence: all, or those of one kind."""
        query = sa.select(TABLE).order_by(TABLE.c.seq)
        if kind is not None:
            query = query.where(TABLE.c.kind == kind)
        with self.reading() as con:
            return [dict(row) for row in con.execute(query).mappings()] if con is not None else []

    def rows_of(self, con: sa.Connection, kinds: Sequence[str]) -> list[dict[str, Any]]:
        """Return the rows of some kinds in sequence, as a transaction sees them."""
        query = sa.select(TABLE).where(TABLE.c.kind.in_(kinds)).order_by(TABLE.c.seq)
        return [dict(row) for row in con.execute(query).mappings()]

    def last(self, con: sa.Connection) -> dict[str, Any] | None:
        """Return the newest row."""
        return _one(con, sa.select(TABLE).order_by(TABLE.c.seq.desc()).limit(1))

    def with_key(self, con: sa.Connection, key: str) -> dict[str, Any] | None:
        """Return the row that was added under an idempotency key."""
        return _one(con, sa.select(TABLE).where(TABLE.c.idempotency_key == key))

    def insert(self, con: sa.Connection, row: Mapping[str, Any]) -> None:
        """Add one row."""
        con.execute(sa.insert(TABLE), dict(row))

    def _create(self, con: sa.Connection) -> None:
        if self._is_ready:
            return
        if self._is_sqlite:
            con.exec_driver_sql("begin immediate")
        else:
            # Two sessions that create the same table at once would fail on the catalogue's key.
            con.exec_driver_sql("select pg_advisory_xact_lock(7231001)")
        if not sa.inspect(con).has_table(TABLE.name):
            TABLE.create(con)
            for guard in SQLITE_GUARDS if self._is_sqlite else POSTGRES_GUARDS:
                con.exec_driver_sql(guard)
        con.commit()
        self._is_ready = True

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Put the driver's errors into words; an address with a password never reaches a log."""
        try:
            if self._file is not None:
                self._file.parent.mkdir(parents=True, exist_ok=True)
            yield
        except DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[0] if str(error.orig) else "no reason"
            password = self._engine.url.password
            reason = reason.replace(str(password), "***") if password else reason
            if "locked" in reason or "lock timeout" in reason:
                raise LockedError(
                    "The decision store is in use.", reason, "Try again in a moment."
                ) from None
            raise TierlineError(
                "The decision store could not be used.",
                reason,
                "Check TIERLINE_DECISIONS_URL and whether the database answers.",
            ) from None


def _one(con: sa.Connection, query: sa.Select[Any]) -> dict[str, Any] | None:
    found = con.execute(query).mappings().first()
    return dict(found) if found else None


def _safe_sqlite(connection: Any, _record: Any) -> None:
    """A commit survives loss of power; readers never wait for the writer."""
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
