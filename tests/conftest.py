"""What tests of every kind share."""

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
