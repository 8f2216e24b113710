"""One byte flipped in the log is found and its decision named; an auditor finds it alone, too."""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from audit_cases import AT
from decision_cases import verdict

from dagster_project.errors import RedError
from dagster_project.governance import DecisionStore
from dagster_project.governance.audit import FAIL
from dagster_project.governance.audit.chain import COLUMNS, Fault, chain_fault, read_rows
from dagster_project.governance.audit.export import export
from dagster_project.governance.audit.verify import verify
from dagster_project.settings import PROJECT_ROOT, Settings

SCRIPT = PROJECT_ROOT / "docs" / "how-to" / "verify_decisions.py"
COUNT = 12


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """A decision store of some decisions, closed."""
    path = tmp_path_factory.mktemp("kept") / "decisions.db"
    store = DecisionStore(f"sqlite:///{path}")
    for number in range(COUNT):
        reason = f"reason Ä{number} " + "of some length " * 20
        store.append(verdict(number, reason=reason), key=f"key-{number}")
    assert not path.with_name("decisions.db-wal").exists()
    return path


@pytest.fixture(scope="module")
def values(kept) -> list[tuple[int, int, int]]:
    """Where in the file each value of each row lies: sequence number, offset, length."""
    data, found = kept.read_bytes(), []
    # A table's page holds a row in one piece: all values behind each other.
    for row in read_rows(f"sqlite:///{kept}")[0]:
        text = "".join(str(row[name]) for name in STORED[1:]).encode()
        at = data.find(text)
        assert at > 0
        assert data.find(text, at + 1) < 0
        found.append((row["seq"], at, len(text)))
    return found


STORED = (
    *("seq", "decision_id", "decided_at", "kind", "subject", "actor", "role", "reason"),
    *("payload", "idempotency_key", "prev_hash", "hash"),
)


def flipped(kept: Path, folder: Path, offset: int, mask: int) -> Settings:
    """A home whose log has one byte with other bits."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    for path in home.iterdir():
        path.unlink()
    data = bytearray(kept.read_bytes())
    data[offset] ^= mask
    (home / "decisions.db").write_bytes(data)
    return Settings(home=home)


def first(settings: Settings):
    found, _ = verify(settings, AT)
    return found[0]


def test_e50_a_byte_flipped_in_any_value_names_the_decision(kept, values, tmp_path):
    chance = random.Random(7)
    for seq, at, length in values:
        for offset in sorted(chance.sample(range(at, at + length), 12)):
            found = first(flipped(kept, tmp_path, offset, 1 << chance.randrange(8)))
            assert (found.status, found.seq) == (FAIL, seq), offset


@pytest.mark.further
def test_every_single_byte_of_the_values_names_its_decision(kept, values, tmp_path):
    for seq, at, length in values:
        for offset in range(at, at + length):
            found = first(flipped(kept, tmp_path, offset, 1))
            assert (found.status, found.seq) == (FAIL, seq), offset


def _flip_outside(kept: Path, folder: Path, offsets: list[int], mask: int) -> dict[str, int]:
    """Flip bytes anywhere; the audit is red, or every decision still reads as it was taken."""
    wanted = read_rows(f"sqlite:///{kept}")[0]
    seen = {"red": 0, "unchanged": 0}
    for offset in offsets:
        settings = flipped(kept, folder, offset, mask)
        found = first(settings)
        if found.status == FAIL:
            seen["red"] += 1
            assert found.seq is not None or "damaged" in found.detail
        else:
            rows, damage = read_rows(settings.decisions_url)
            assert damage is None
            assert [{name: row[name] for name in COLUMNS} for row in rows] == wanted, offset
            seen["unchanged"] += 1
    return seen


def test_a_byte_flipped_anywhere_in_the_file_is_red_or_touched_no_decision(kept, tmp_path):
    chance = random.Random(11)
    offsets = sorted(chance.sample(range(kept.stat().st_size), 400))
    # The head of the file and of its first page, where flips hit what describes the table.
    seen = _flip_outside(kept, tmp_path, [*range(120), *offsets], 1 << chance.randrange(8))
    assert seen["red"] > 100


@pytest.mark.further
def test_every_byte_of_the_file_is_red_or_touched_no_decision(kept, tmp_path):
    _flip_outside(kept, tmp_path, list(range(kept.stat().st_size)), 1)


def test_a_table_that_is_gone_is_red_and_not_an_empty_log(kept, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(kept, home / "decisions.db")
    with sqlite3.connect(home / "decisions.db") as con:
        con.execute("alter table decision rename to something")
    found = first(Settings(home=home))
    assert (found.status, found.seq) == (FAIL, 1)


def test_a_chain_without_faults_has_none_and_an_empty_file_is_an_empty_log(kept, tmp_path):
    rows, damage = read_rows(f"sqlite:///{kept}")
    assert (len(rows), damage, chain_fault(rows)) == (COUNT, None, None)
    (tmp_path / "empty.db").touch()
    assert read_rows(f"sqlite:///{tmp_path / 'empty.db'}") == ([], None)


def test_a_removed_and_a_changed_row_are_named(kept):
    rows, _ = read_rows(f"sqlite:///{kept}")
    assert chain_fault(rows[:3] + rows[4:]) == Fault(4, "it is missing; the next one is number 5")
    changed = [*rows[:6], rows[6] | {"actor": "mallory"}, *rows[7:]]
    assert chain_fault(changed).seq == 7


def _auditor(path: Path, *anchor: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(path), *anchor], capture_output=True, text=True
    )


def test_an_auditor_verifies_the_export_with_a_script_of_thirty_lines(kept, tmp_path):
    path = tmp_path / "decisions.jsonl"
    head = export(f"sqlite:///{kept}", path)
    assert len(path.read_text().splitlines()) == COUNT
    assert _auditor(path).returncode == 0
    assert _auditor(path, f"{head.seq}:{head.hash}").returncode == 0
    code = [line for line in SCRIPT.read_text().splitlines() if line.strip()]
    assert len(code) <= 30


def test_the_script_names_the_decision_that_was_changed_removed_or_cut_off(kept, tmp_path):
    path = tmp_path / "decisions.jsonl"
    head = export(f"sqlite:///{kept}", path)
    lines = path.read_text().splitlines()
    row = json.loads(lines[4])
    for name in COLUMNS:
        changed = row | {name: 99 if name == "seq" else "x"}
        path.write_text("\n".join([*lines[:4], json.dumps(changed), *lines[5:]]))
        found = _auditor(path)
        assert (found.returncode, "decision 5" in found.stdout) == (1, True), name
    path.write_text("\n".join(lines[:3] + lines[4:]))
    assert "decision 4" in _auditor(path).stdout
    path.write_text("\n".join(lines[:-2]))
    assert _auditor(path).returncode == 0
    assert _auditor(path, f"{head.seq}:{head.hash}").returncode == 1
    path.write_text("\n".join([*lines[:8], "{", *lines[9:]]))
    assert "decision 9" in _auditor(path).stdout


def test_a_broken_chain_is_not_exported(kept, tmp_path, values):
    settings = flipped(kept, tmp_path, values[2][1], 1)
    with pytest.raises(RedError, match="Decision 3"):
        export(settings.decisions_url, tmp_path / "decisions.jsonl")
    assert not list(tmp_path.glob("*decisions.jsonl*"))
