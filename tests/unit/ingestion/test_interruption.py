"""Whatever interrupts a landing, the next one ends where an undisturbed one would have."""

import errno
import random
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from ingestion_batches import FX, as_csv, write_batch

from dagster_project.errors import LockedError, TierlineError
from dagster_project.ingestion import land, load_contracts, rebuild_from_raw, register_raw
from dagster_project.ingestion import loader as loader_module
from dagster_project.ingestion.lock import landing_lock
from dagster_project.settings import Settings

STATE = (
    "select batch_id, status, is_active, landed_rows, accepted_rows, quarantined_rows, raw_rows,"
    " reason from raw.batch order by all"
)
ROWS = "select * from raw.erp__fx_rate order by all"
BROKEN = "select * from raw.quarantined_row order by all"
LAND = (
    "from dagster_project.ingestion import land\n"
    "from dagster_project.settings import Settings\n"
    "land(Settings())"
)


def _fill(landing: Path) -> None:
    """A full extract, deltas with a broken row each, a correction, a duplicate, a held one."""
    write_batch(landing, "F", as_csv([FX, FX | {"rate_date": "2024-12-31"}]))
    for number in range(28):
        start, end = (date(2025, 2, 1) + timedelta(days=number + more) for more in (0, 1))
        delta = {"mode": "DELTA", "window_from": str(start), "window_to": str(end)}
        content = as_csv([FX | {"rate_date": str(start)}, FX | {"rate": "x"}])
        write_batch(landing, f"D{number:02}", content, extracted_at=str(end), **delta)
    correction = delta | {"extracted_at": "2025-03-02", "supersedes_batch_id": "D05"}
    write_batch(landing, "C", as_csv([FX]), **correction)
    write_batch(landing, "D27-again", content, extracted_at="2025-03-03", **delta)
    write_batch(landing, "X", as_csv([FX]), **delta, control_totals={"rate": "9"})


def _outcome(settings: Settings) -> list[list[tuple]]:
    with duckdb.connect() as con:
        register_raw(con, settings, load_contracts(), None)
        return [con.execute(query).fetchall() for query in (STATE, ROWS, BROKEN)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> list[list[tuple]]:
    settings = Settings(home=tmp_path_factory.mktemp("undisturbed"))
    _fill(settings.landing_dir)
    land(settings)
    return _outcome(settings)


def test_counts_of_every_taken_batch_add_up(undisturbed):
    batches, rows, _ = undisturbed
    taken = [batch for batch in batches if batch[1] == "accepted"]
    assert all(landed == accepted + broken for _, _, _, landed, accepted, broken, *_ in taken)
    assert all(accepted == raw_rows for *_, accepted, _, raw_rows, _ in taken)
    assert len(rows) == sum(batch[4] for batch in taken if batch[2])


@pytest.mark.parametrize("attempt", range(5))
def test_kill_at_any_moment_changes_nothing_in_the_end(tmp_path, undisturbed, attempt):
    settings = Settings(home=tmp_path)
    _fill(settings.landing_dir)
    chance = random.Random(attempt)
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", LAND], env={"TIERLINE_HOME": str(tmp_path)}
        )
        deadline = time.monotonic() + 20
        while not (tmp_path / "landing.lock").exists() and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.35))
        process.send_signal(signal.SIGKILL)
        process.wait()
    land(settings)
    assert _outcome(settings) == undisturbed
    assert not (settings.raw_dir / ".scratch").exists()


def test_order_of_arrival_changes_nothing_in_the_end(tmp_path, undisturbed):
    settings, store = Settings(home=tmp_path / "home"), tmp_path / "store"
    _fill(store)
    folders = sorted((store / "erp" / "fx_rate").iterdir())
    random.Random(1).shuffle(folders)
    target = settings.landing_dir / "erp" / "fx_rate"
    target.mkdir(parents=True)
    for start in range(0, len(folders), 7):
        for folder in folders[start : start + 7]:
            folder.rename(target / folder.name)
        land(settings)
    assert _outcome(settings) == undisturbed


def test_ledger_is_rebuilt_from_raw_and_landing(tmp_path, undisturbed):
    settings = Settings(home=tmp_path)
    _fill(settings.landing_dir)
    land(settings)
    settings.ledger_path.unlink()
    rebuild_from_raw(settings)
    assert _outcome(settings)[1:] == undisturbed[1:]
    land(settings)
    assert _outcome(settings) == undisturbed


def test_raw_files_that_were_lost_are_taken_again_from_landing(tmp_path, undisturbed):
    settings = Settings(home=tmp_path)
    _fill(settings.landing_dir)
    land(settings)
    lost = settings.raw_dir / "erp" / "fx_rate" / "D10"
    for path in lost.iterdir():
        path.unlink()
    lost.rmdir()
    land(settings)
    assert _outcome(settings) == undisturbed


@pytest.mark.parametrize("step", ["write_batch", "sync"])
def test_full_disk_is_reported_and_leaves_nothing_half_taken(
    tmp_path, undisturbed, monkeypatch, step
):
    settings = Settings(home=tmp_path)
    _fill(settings.landing_dir)
    real, calls = getattr(loader_module, step), []

    def full(*arguments):
        calls.append(arguments)
        if len(calls) == 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*arguments)

    monkeypatch.setattr(loader_module, step, full)
    with pytest.raises(TierlineError, match="no space left"):
        land(settings)
    assert not (settings.raw_dir / ".scratch").exists()
    monkeypatch.setattr(loader_module, step, real)
    land(settings)
    assert _outcome(settings) == undisturbed


def test_second_process_is_told_who_holds_the_lock(tmp_path):
    settings = Settings(home=tmp_path)
    holder = (
        "import sys, time, pathlib\n"
        "from dagster_project.ingestion.lock import landing_lock\n"
        "with landing_lock(pathlib.Path(sys.argv[1])):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    lock = tmp_path / "landing.lock"
    process = subprocess.Popen(
        [sys.executable, "-c", holder, str(lock)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(LockedError, match=str(process.pid)) as caught:
            land(settings)
        assert caught.value.exit_code == 4
    finally:
        process.kill()
        process.wait()
    with landing_lock(lock):
        pass


def test_tree_from_outside_is_copied_in_once(tmp_path):
    settings = Settings(home=tmp_path / "home")
    _fill(tmp_path / "outside")
    assert land(settings, tmp_path / "outside").taken == 30
    again = land(settings, tmp_path / "outside")
    assert (again.taken, sum(feed.unchanged for feed in again.feeds)) == (0, 32)


def test_folder_without_batches_is_refused(tmp_path):
    with pytest.raises(TierlineError, match="holds no batches"):
        land(Settings(home=tmp_path / "home"), tmp_path)


def test_folder_of_several_deliveries_is_refused_and_nothing_is_copied(tmp_path):
    settings = Settings(home=tmp_path / "home")
    _fill(tmp_path / "outside" / "2025-12-30")
    with pytest.raises(TierlineError, match="one folder deeper, the first in 2025-12-30"):
        land(settings, tmp_path / "outside")
    assert not list(settings.landing_dir.glob("2025-12-30"))
