"""A desk of its own for each test, on each database that is supported."""

import pytest
from request_cases import Clock, desk_at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path, clock, url):
    return desk_at(tmp_path, clock, url=url)[0]


@pytest.fixture
def store(tmp_path, clock, url):
    return desk_at(tmp_path, clock, url=url)[1]
