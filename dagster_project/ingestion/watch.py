"""What a sensor needs to know of the landing folder: which batches are there and not yet taken.

Files are looked at, not read, so that a look costs little. What to do about a batch is decided
by ``decide``, a pure function; Dagster stays in ``defs``.
"""

import hashlib
import json
from dataclasses import dataclass

from dagster_project.ingestion.contract import load_contracts
from dagster_project.ingestion.inbox import Arrival, arrivals, content_fingerprint
from dagster_project.ingestion.ledger import Ledger, LedgerRow
from dagster_project.ingestion.manifest import MANIFEST_NAME, ManifestError, parse_manifest
from dagster_project.settings import Settings

MAX_ATTEMPTS = 3


@dataclass(frozen=True)
class Look:
    """What one look at the landing folder found."""

    ready: dict[str, str]
    """Feed by content fingerprint, of complete batches that were not taken yet."""
    taken: int
    incomplete: list[str]
    """Batches whose files have not all arrived, with the reason."""


@dataclass(frozen=True)
class Decision:
    """Start a run (``run_key``), or say why not (``skip_reason``); the cursor to keep."""

    run_key: str | None
    skip_reason: str
    cursor: str
    batches: int = 0


def look(settings: Settings) -> Look:
    """Compare the landing folder with the ledger."""
    contracts = load_contracts()
    rows = _ledger_rows(settings)
    ready: dict[str, str] = {}
    incomplete: list[str] = []
    taken = 0
    for arrival in arrivals(settings.landing_dir):
        signature = arrival.signature(contracts.get((arrival.system, arrival.feed)))
        seen = [row for row in rows.get(arrival.key, []) if row.signature == signature]
        if any(row.status != "waiting" for row in seen):
            taken += 1
            continue
        fingerprint, reason = _completeness(arrival)
        if fingerprint:
            ready[fingerprint] = f"{arrival.system}.{arrival.feed}"
        else:
            incomplete.append(f"{arrival.key}: {reason}")
    return Look(ready, taken, incomplete)


def decide(found: Look, cursor: str | None, is_running: bool) -> Decision:
    """Decide whether to start a run.

    Args:
        found: The look at the landing folder.
        cursor: Attempts by content fingerprint, as kept after the last evaluation. There is no
            time in it, so an old file that comes late is not passed over.
        is_running: A run that takes batches is queued or under way.
    """
    known: dict[str, int] = json.loads(cursor) if cursor else {}
    attempts = {key: known.get(key, 0) for key in found.ready}
    kept = json.dumps(attempts, sort_keys=True)
    seen = f"{found.taken} batches taken before, {len(found.incomplete)} incomplete"
    if found.incomplete:
        seen += f" ({found.incomplete[0]})"
    if not attempts:
        return Decision(None, f"Nothing new: {seen}.", kept)
    if is_running:
        return Decision(None, f"{len(attempts)} batches wait for the run under way; {seen}.", kept)
    wanted = sorted(key for key, count in attempts.items() if count < MAX_ATTEMPTS)
    if not wanted:
        reason = f"{len(attempts)} batches were tried {MAX_ATTEMPTS} times; see the failed runs"
        return Decision(None, f"{reason}; {seen}.", kept)
    keys = [f"{found.ready[key]}:{key[:16]}:{attempts[key] + 1}" for key in wanted]
    attempts |= {key: attempts[key] + 1 for key in wanted}
    return Decision(_run_key(keys), "", json.dumps(attempts, sort_keys=True), len(wanted))


def _run_key(keys: list[str]) -> str:
    """Feed, fingerprint and attempt of the batch; a digest of those where there are several."""
    if len(keys) == 1:
        return keys[0]
    digest = hashlib.sha256("\n".join(keys).encode()).hexdigest()[:16]
    return f"{len(keys)} batches:{digest}"


def _ledger_rows(settings: Settings) -> dict[str, list[LedgerRow]]:
    if not settings.ledger_path.exists():
        return {}
    ledger = Ledger(settings.ledger_path)
    try:
        rows: dict[str, list[LedgerRow]] = {}
        for row in ledger.rows():
            rows.setdefault(row.key, []).append(row)
        return rows
    finally:
        ledger.close()


def _completeness(arrival: Arrival) -> tuple[str | None, str]:
    """Return the fingerprint of a complete batch, or the reason why it is not complete."""
    path = arrival.path / MANIFEST_NAME
    if not path.exists():
        return None, f"{MANIFEST_NAME} has not arrived"
    try:
        manifest = parse_manifest(path.read_bytes())
    except ManifestError:
        # Landing says what is wrong with it, and holds it.
        return hashlib.sha256(path.read_bytes()).hexdigest(), ""
    missing = [f.name for f in manifest.files if not (arrival.path / f.name).is_file()]
    if missing:
        return None, f"file {missing[0]} has not arrived"
    return content_fingerprint(manifest), ""
