"""E49: somebody changes the segment code of a customer in the ERP by hand.

The ERP reads back what it holds. C-E49-09 was set to Bronze there on 20 June; C-E49-05 holds what
was assigned; for C-E49-01 the ERP holds no code. The hand edit is a ticket: our history stays as it
is, and nobody overwrites the ERP unasked.
"""

import pytest

from dagster_project.governance.audit import FAIL, NO_DATA
from dagster_project.ingestion import land
from dagster_project.settings import Settings

from .small_company import ask, made, settings_of
from .ten_customers import ten_customers

pytestmark = pytest.mark.further

HISTORY = ("fct_segment_event", "dim_customer_segment", "mart_reclass_proposal")


@pytest.fixture(scope="module")
def homes(tmp_path_factory) -> dict[str, Settings]:
    """The same company, once without and once with an ERP that reads back."""
    root = tmp_path_factory.mktemp("echo")
    ten_customers("E49").write(root / "silent")
    world = ten_customers("E49")
    for customer, code, day in (
        ("C-E49-09", "S4", "2025-06-20"),
        ("C-E49-05", "S3", "2025-01-10"),
        ("C-E49-01", None, None),
    ):
        world.row(
            "erp.segment_echo",
            customer_id=customer,
            held_in="ERP",
            segment_code=code,
            changed_date=day,
        )
    world.write(root / "echoed")
    found = {}
    for name in ("silent", "echoed"):
        settings = settings_of(root / name)
        land(settings, from_dir=root / name)
        made(settings)
        found[name] = settings
    return found


@pytest.mark.slow
def test_the_hand_edit_is_a_ticket_that_says_since_when_and_what_to_do(homes):
    rows = ask(homes["echoed"], "from marts.mart_segment_drift_ticket order by customer_id")
    assert [(row["customer_id"], row["drift_kind"]) for row in rows] == [
        ("C-E49-01", "MISSING"),
        ("C-E49-09", "CHANGED_BY_HAND"),
    ]
    ticket = rows[1]
    assert (ticket["held_segment_code"], ticket["our_segment_code"]) == ("S4", "S1")
    assert str(ticket["drift_since_date"]) == "2025-06-20"
    assert ticket["what_to_do"].startswith("Ask who changed it.")


@pytest.mark.slow
def test_the_history_of_segments_is_the_same_with_and_without_the_hand_edit(homes):
    for table in HISTORY:
        with_edit, without = (
            ask(homes[name], f"from marts.{table} order by all") for name in ("echoed", "silent")
        )
        assert with_edit == without != []


@pytest.mark.slow
def test_the_audit_is_red_for_the_hand_edit_and_has_no_data_where_nobody_reads_back(homes):
    query = "select status, checked_count, faults_count, detail from marts.audit_control_result"
    [echoed] = ask(homes["echoed"], f"{query} where check_id = 'A8'")
    assert (echoed["status"], echoed["checked_count"], echoed["faults_count"]) == (FAIL, 3, 2)
    assert "ERP holds nothing for customer C-E49-01, assigned was S4" in echoed["detail"]
    [silent] = ask(homes["silent"], f"{query} where check_id = 'A8'")
    assert (silent["status"], silent["checked_count"]) == (NO_DATA, 0)
