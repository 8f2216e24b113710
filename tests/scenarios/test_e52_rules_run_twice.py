"""E52: running the same rules twice for the same day adds nothing and renames nothing."""

import uuid

import pytest

from .tiers import TABLES


@pytest.mark.parametrize("table", TABLES)
def test_second_run_gives_the_same_rows(tier_company, table):
    assert tier_company.first[table] == tier_company.again[table]


def test_ids_are_made_from_what_they_name(tier_company):
    ids = [row["event_id"] for row in tier_company.second["fct_segment_event"]]
    ids += [row["proposal_id"] for row in tier_company.second["mart_reclass_proposal"]]
    assert len(set(ids)) == len(ids)
    assert {uuid.UUID(one).version for one in ids} == {5}
