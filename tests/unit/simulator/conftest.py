"""Simulated companies that several tests read and none changes."""

import pytest
from simulated_company import Company, write_company


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A clean company of the smallest size."""
    return write_company(tmp_path_factory.mktemp("simulated") / "xs")


@pytest.fixture(scope="session")
def company_with_tail(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The same company with its last two days cut off."""
    return write_company(tmp_path_factory.mktemp("simulated") / "tail", tail_days=2)
