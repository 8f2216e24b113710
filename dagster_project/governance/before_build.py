"""What governance puts into the work file before a build, once the raw views are there."""

from typing import Any

from dagster_project.governance.decisions import Decision
from dagster_project.governance.erasure import erased_persons, hide_erased, with_accounts
from dagster_project.governance.profile_changes import register_changes
from dagster_project.ingestion import load_contracts
from dagster_project.settings import Settings

CHANGES = "source.tierline.history.profile_change"
"""dbt id of the changes of master data."""


def prepare_raw(con: Any, settings: Settings, decisions: list[Decision]) -> set[str]:
    """Hide erased persons behind the raw views and compare the revisions of master data.

    Args:
        con: The work file with freshly registered raw views.
        settings: The home.
        decisions: All decisions.

    Returns:
        The dbt ids of the sources that this changed.
    """
    contracts = load_contracts()
    erased = with_accounts(con, erased_persons(decisions))
    if erased:
        hide_erased(con, contracts, erased)
    return {CHANGES} if register_changes(con, settings, contracts, erased) else set()
