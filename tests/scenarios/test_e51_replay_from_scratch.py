"""E51: rebuilding everything from the landed batches gives the tables of the daily builds."""

import pytest

from .tiers import TABLES


@pytest.mark.parametrize("table", TABLES)
def test_tables_are_identical(tier_company, table):
    assert tier_company.second[table]
    assert tier_company.second[table] == tier_company.from_scratch[table]


def test_later_day_only_added_events(tier_company):
    before, after = (
        {row["event_id"]: row for row in tables["fct_segment_event"]}
        for tables in (tier_company.first, tier_company.second)
    )
    assert before.items() <= after.items()
    assert len(after) > len(before)
