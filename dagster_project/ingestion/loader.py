"""Landing: every batch in the landing folder is taken whole, waits, or is held with a reason.

Called by the command line, by assets and by sensors. How files are read is in ``sources``,
which batches count in ``standing``; this module decides the fate of each batch and makes it
durable. A process killed anywhere leaves nothing half-taken: a batch is in raw when its
folder has its final name, and the next run finishes what is missing.
"""

import errno
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from dagster_project.errors import TierlineError
from dagster_project.ingestion.checks import literal
from dagster_project.ingestion.contract import Contracts, Feed, load_contracts
from dagster_project.ingestion.durable import sync
from dagster_project.ingestion.inbox import Arrival, arrivals, copy_in, judge
from dagster_project.ingestion.ledger import Ledger, LedgerRow, from_json, to_json
from dagster_project.ingestion.lock import landing_lock
from dagster_project.ingestion.manifest import Manifest
from dagster_project.ingestion.report import LandingReport
from dagster_project.ingestion.writer import HeldError, connect, write_batch
from dagster_project.settings import Settings

Progress = Callable[[str, int, int], None]
"""Called with the batch, its number and how many there are."""

BATCH_FILE = "_batch.json"


def land(
    settings: Settings,
    from_dir: Path | None = None,
    progress: Progress | None = None,
    systems: Collection[str] | None = None,
) -> LandingReport:
    """Take all batches that have arrived.

    Args:
        settings: The environment whose home receives the batches.
        from_dir: A tree ``<system>/<feed>/<batch_id>/`` to copy into the landing folder first.
        progress: Told before each batch.
        systems: Take only the batches of these systems.

    Raises:
        LockedError: Another process is landing.
        TierlineError: The disk is full, or ``from_dir`` does not exist.
    """
    started = time.monotonic()
    report = LandingReport()
    with landing_lock(settings.home / "landing.lock"), _disk_guard(settings):
        if from_dir is not None:
            copy_in(from_dir, settings.landing_dir)
        landing = Landing(settings, load_contracts(), report)
        try:
            landing.run(progress, systems)
        finally:
            landing.close()
    report.seconds = time.monotonic() - started
    return report


class Landing:
    """One run over the landing folder. The caller holds the lock."""

    def __init__(self, settings: Settings, contracts: Contracts, report: LandingReport) -> None:
        self.settings, self.contracts, self.report = settings, contracts, report
        self.scratch = settings.raw_dir / ".scratch"
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True, exist_ok=True)
        self.ledger = Ledger(settings.ledger_path)
        self._con: duckdb.DuckDBPyConnection | None = None
        self.known: dict[tuple[str, str], dict[tuple[str, int], LedgerRow]] = {}

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        if self._con is None:
            settings = self.settings
            self._con = connect(settings.memory_limit, settings.threads, self.scratch)
        return self._con

    def close(self) -> None:
        if self._con is not None:
            self._con.close()
        self.ledger.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def run(self, progress: Progress | None, systems: Collection[str] | None = None) -> None:
        for row in self.ledger.rows():
            self.known.setdefault((row.system, row.feed), {})[row.batch_id, row.variant] = row
        self._adopt_raw()
        found = [
            arrival
            for arrival in arrivals(self.settings.landing_dir)
            if systems is None or arrival.system in systems
        ]
        for number, arrival in enumerate(found):
            if progress is not None:
                progress(arrival.key, number + 1, len(found))
            self._handle(arrival)
        for system, feed in sorted(self.known):
            rows = self.ledger.settle(system, feed)
            self.known[system, feed] = {(row.batch_id, row.variant): row for row in rows}
        self.report.conclude(row for rows in self.known.values() for row in rows.values())

    def _adopt_raw(self) -> None:
        """Bring the ledger in line with raw, which a killed run may have left ahead of it."""
        for row in raw_rows(self.settings.raw_dir, self.known):
            self._record(row)
        for (system, feed), rows in self.known.items():
            folder = self.settings.raw_dir / system / feed
            for row in list(rows.values()):
                if row.is_in_raw and not (folder / row.batch_id / BATCH_FILE).exists():
                    reason = "its raw files are gone, it must be delivered again"
                    self._record(replace(row, is_in_raw=False, status="waiting", reason=reason))

    def _record(self, row: LedgerRow) -> None:
        self.ledger.record(row)
        rows = self.known.setdefault((row.system, row.feed), {})
        rows[row.batch_id, row.variant] = row

    def _handle(self, arrival: Arrival) -> None:
        rows = self.known.get((arrival.system, arrival.feed), {})
        taken, other = rows.get((arrival.batch_id, 0)), rows.get((arrival.batch_id, 1))
        feed = self.contracts.get((arrival.system, arrival.feed))
        signature = arrival.signature(feed)
        for row in (other, taken):
            if row is not None and row.signature == signature and row.status != "waiting":
                self.report.count_unchanged(row)
                return
        start = LedgerRow(arrival.system, arrival.feed, arrival.batch_id, signature=signature)
        verdict = judge(arrival, feed, self.contracts, start)
        if taken is not None and taken.is_in_raw:
            self._handle_again(taken, other, verdict.row)
            return
        row = verdict.row
        if row.status == "accepted" and feed is not None and verdict.manifest is not None:
            row = self._take(arrival, feed, verdict.manifest, row)
        self._record(row)
        self.report.count(row)

    def _handle_again(self, taken: LedgerRow, other: LedgerRow | None, arrived: LedgerRow) -> None:
        """A batch id that is already in raw: the same content is fine, other content is held."""
        if arrived.status == "accepted" and arrived.fingerprint == taken.fingerprint:
            self._record(replace(taken, signature=arrived.signature))
            if other is not None:
                self.ledger.forget(other)
                del self.known[taken.system, taken.feed][taken.batch_id, 1]
            return
        if arrived.status == "accepted":
            reason = "batch_id: expected one that is not taken, found other content under it"
            arrived = replace(arrived, status="held", reason=reason)
        self._record(replace(arrived, variant=1))
        self.report.count(arrived)

    def _take(self, arrival: Arrival, feed: Feed, manifest: Manifest, row: LedgerRow) -> LedgerRow:
        if manifest.mode == "DELTA" and self._is_duplicate(row):
            return replace(row, status="duplicate", landed_rows=manifest.row_count)
        scratch = self.scratch / "batch"
        target = scratch / "raw"
        target.mkdir(parents=True)
        try:
            written = write_batch(self.con, feed, manifest, arrival.path, target, scratch)
            row = replace(
                row,
                is_in_raw=True,
                landed_rows=written.landed_rows,
                accepted_rows=written.accepted_rows,
                quarantined_rows=written.quarantined_rows,
                duplicate_key_rows=written.duplicate_key_rows,
                notes=row.notes + written.notes,
                columns=list(feed.column_names),
            )
            self._publish(row, target, written.quarantine_parts)
        except HeldError as error:
            row = replace(row, status="held", reason=str(error))
            quarantine_file(self.settings, row).unlink(missing_ok=True)
        finally:
            shutil.rmtree(scratch)
        return row

    def _is_duplicate(self, row: LedgerRow) -> bool:
        """Whether an earlier delivery of the same content is already taken."""
        fact = replace(row, status="accepted").fact()
        assert fact is not None
        for other in self.known.get((row.system, row.feed), {}).values():
            if other.fingerprint == row.fingerprint and (known := other.fact()) is not None:
                is_same = known.is_good and known.delivery == fact.delivery
                if is_same and known.order < fact.order:
                    return True
        return False

    def _publish(self, row: LedgerRow, target: Path, quarantine_parts: list[Path]) -> None:
        """Make the batch durable; renaming its folder is the moment at which it is taken."""
        quarantine = quarantine_file(self.settings, row)
        if quarantine_parts:
            merged = quarantine_parts[0]
            if len(quarantine_parts) > 1:
                merged = self.scratch / "batch" / "quarantine.parquet"
                parts = ", ".join(literal(part) for part in quarantine_parts)
                self.con.execute(
                    f"copy (select * from read_parquet([{parts}])) to {literal(merged)}"
                    " (format parquet, compression zstd)"
                )
            sync(merged)
            quarantine.parent.mkdir(parents=True, exist_ok=True)
            merged.replace(quarantine)
        else:
            quarantine.unlink(missing_ok=True)
        (target / BATCH_FILE).write_text(to_json(row), encoding="utf-8")
        for path in target.iterdir():
            sync(path)
        sync(target)
        final = self.settings.raw_dir / row.system / row.feed / row.batch_id
        final.parent.mkdir(parents=True, exist_ok=True)
        target.replace(final)
        sync(final.parent)


def quarantine_file(settings: Settings, row: LedgerRow) -> Path:
    return settings.quarantine_dir / row.system / row.feed / f"{row.batch_id}.parquet"


def raw_rows(
    raw_dir: Path, known: dict[tuple[str, str], dict[tuple[str, int], LedgerRow]]
) -> Iterator[LedgerRow]:
    """The batches in raw that the ledger does not know."""
    for folder in sorted(raw_dir.glob("[!.]*/[!.]*")):
        rows = known.get((folder.parent.name, folder.name), {})
        for batch in sorted(folder.iterdir()):
            row = rows.get((batch.name, 0))
            path = batch / BATCH_FILE
            if (row is None or not row.is_in_raw) and path.exists():
                yield from_json(path.read_text(encoding="utf-8"))


def rebuild_from_raw(settings: Settings) -> None:
    """Write the ledger anew from raw; what waits or is held is found again by ``land``."""
    with landing_lock(settings.home / "landing.lock"):
        for path in settings.home.glob(settings.ledger_path.name + "*"):
            path.unlink()
        landing = Landing(settings, load_contracts(), LandingReport())
        try:
            landing._adopt_raw()
            for system, feed in sorted(landing.known):
                landing.ledger.settle(system, feed)
        finally:
            landing.close()


@contextmanager
def _disk_guard(settings: Settings) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise TierlineError(
            "There is no space left for landing.",
            f"{settings.home} is full; the batch that was being taken was left in landing.",
            "Free some space and run `tierline land` again: it continues where it stopped.",
        ) from error
