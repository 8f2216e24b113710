"""E50: somebody flips one byte in the log of decisions; every way to use it says which decision."""

import shutil

import pytest

from dagster_project.cli.main import run
from dagster_project.errors import RedError
from dagster_project.governance import DecisionStore
from dagster_project.warehouse.build import build

from .people import Log
from .small_company import settings_of


def decided(log: Log) -> None:
    """Two verdicts about records that no other scenario has."""
    log.at("2025-06-01 09:00").merge("crm:E50-A", "crm:E50-B", "different")
    log.at("2025-06-02 09:00").merge("crm:E50-A", "crm:E50-C", "different")


@pytest.fixture
def flipped(people_home, tmp_path):
    """A copy of the log in which the second verdict names another record."""
    settings = settings_of(tmp_path)
    settings.home.mkdir(parents=True)
    path = settings.home / "decisions.db"
    shutil.copy(people_home.home / "decisions.db", path)
    data = bytearray(path.read_bytes())
    data[data.index(b"crm:E50-A|crm:E50-C")] ^= 1
    path.write_bytes(data)
    log = DecisionStore(people_home.decisions_url)
    [seq] = [one.seq for one in log.read() if one.subject.endswith("E50-C")]
    return settings, seq


def test_audit_verify_exits_with_one_and_names_the_decision(flipped, at_home, capsys):
    settings, seq = flipped
    at_home(settings.home)
    assert run(["audit", "verify"]) == 1
    assert f"A1 is red at decision {seq}" in capsys.readouterr().err


def test_nothing_is_built_from_it(flipped, people_home):
    settings, seq = flipped
    shutil.copytree(people_home.raw_dir, settings.raw_dir)
    shutil.copy(people_home.ledger_path, settings.ledger_path)
    with pytest.raises(RedError, match=f"broken at decision {seq}"):
        build(settings)
    assert not settings.warehouse_path.exists()
