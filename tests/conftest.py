"""What tests of every kind share."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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
