"""What tests of every kind share."""

import functools
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from dagster_project.settings import get_settings


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Point this process to a home; the settings it kept are forgotten before and after."""

    def point(home: Path) -> None:
        monkeypatch.setenv("TIERLINE_HOME", str(home))
        get_settings.cache_clear()

    yield point
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def needs_spark() -> None:
    """Skip where Spark cannot run; `make test-spark` installs the extra and asks for Java."""
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    if shutil.which("java") is None:
        pytest.skip("Java 17 is not installed")


SHARED = {
    "tier_company": ("tiers", "tier_company"),
    "people_home": ("people", "people_home"),
    "marts": ("ask", "service", "marts"),
}
"""Companies of the scenarios, each built once per process, by the fixtures that ask for them."""


class ByCompany(LoadFileScheduling):
    """Tests of one file run in one process, and so do files that share a company."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return _company(path) or path


@functools.cache
def _company(path: str) -> str | None:
    if "scenarios/" not in path:
        return None
    text = (Path(__file__).parents[1] / path).read_text(encoding="utf-8")
    asked = set(
        re.findall(r"\w+", " ".join(re.findall(r"^def \w+\(([^)]*)\)", text, re.MULTILINE)))
    )
    return next((name for name, words in SHARED.items() if asked.intersection(words)), None)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByCompany | None:
    """Replace the scheduler that keeps files together."""
    return ByCompany(config, log) if config.getvalue("dist") == "loadfile" else None
