"""Readers with an old DuckDB read every release, and never fail nor see two builds at once."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dagster_project.release import gate, publish, rollback
from dagster_project.settings import PROJECT_ROOT, Settings

sys.path.insert(0, str(PROJECT_ROOT / "tests" / "unit" / "release"))
from release_home import SUITE, make_build

READER = Path(__file__).with_name("duckdb_1x_reader.py")


@pytest.fixture(scope="module", params=["1.2.2", "1.3.2", "1.5.5"])
def old_python(request):
    """A Python with an older DuckDB, kept in a folder that git ignores."""
    python = PROJECT_ROOT / f".venv-duckdb-{request.param}" / "bin" / "python"
    if not (python.parent / ".ready").exists():
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        commands = [
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(python.parents[1])],
            [uv, "pip", "install", "--quiet", "--python", str(python), f"duckdb=={request.param}"],
        ]
        for command in commands:
            try:
                subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
            except (OSError, subprocess.SubprocessError) as error:
                reason = getattr(error, "stderr", "") or str(error)
                pytest.skip(f"duckdb {request.param} cannot be installed here: {reason[-200:]}")
        (python.parent / ".ready").touch()
    return python


@pytest.fixture
def home(tmp_path):
    suites = tmp_path / "suites"
    suites.mkdir()
    (suites / "fct_order_line.py").write_text(SUITE)
    controls = "from dagster_project.release.suites import control\n"
    controls += 'TABLE = "marts.fct_control_result"\nEXPECTATIONS = []\n'
    (suites / "controls.py").write_text(controls + _controls())
    return Settings(env="ci", home=tmp_path / "home", memory_limit="1GB"), suites


def _controls() -> str:
    from release_home import CONTROLS

    lines = [f'EXPECTATIONS += control("{c}", severity="HIGH", why="Test.")' for c in CONTROLS]
    return "\n".join(lines)


def _release(settings, suites, number):
    make_build(settings, f"b{number}", f"2026-01-0{number}")
    assert gate(settings, suites_dir=suites).passed
    return publish(settings)


def test_polling_reader_never_fails_and_never_sees_a_mix(old_python, home):
    settings, suites = home
    _release(settings, suites, 1)
    with (settings.home / "looks.jsonl").open("w") as output:
        reader = subprocess.Popen([old_python, str(READER), str(settings.home)], stdout=output)
        try:
            for number in (2, 3):
                _release(settings, suites, number)
                time.sleep(0.5)
            for _ in range(20):
                rollback(settings)
                rollback(settings, to="2026-01-03-b3")
                time.sleep(0.02)
        finally:
            (settings.home / "stop").touch()
            assert reader.wait(timeout=60) == 0
    _judge([json.loads(line) for line in (settings.home / "looks.jsonl").read_text().splitlines()])


def _judge(lines):
    version, *looks = lines
    assert version["version"].startswith("1.")
    assert not [look["error"] for look in looks if "error" in look]
    assert all(len(look["duckdb"]) == 1 for look in looks)
    assert all(len(set(look["folder"])) == 1 for look in looks)
    assert {look["duckdb"][0] for look in looks} == {"b1", "b2", "b3"}
