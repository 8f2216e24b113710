"""Facts are brought up to date by touched keys: what they read must be what touches them."""

import re

import pytest
from project_files import models, parents, sql

from dagster_project.settings import DBT_DIR

NOT_FACTS = {"int_product__article", "stg_landing__row_count"}
"""Models that may read every column: dimensions and counts are made anew each time."""


def narrow_feeds() -> dict[str, set[str]]:
    """Return the columns that facts may read, by feed, as the macro says."""
    text = (DBT_DIR / "macros" / "incremental.sql").read_text(encoding="utf-8")
    found = re.search(r"macro columns_in_facts\(feed\).*?return\((\{.*?\})\.get", text, re.DOTALL)
    assert found
    entries = re.findall(r"'(\w+)': \[(.*?)\]", found.group(1))
    return {feed: set(re.findall(r"\w+", columns)) for feed, columns in entries}


@pytest.mark.parametrize("feed", sorted(narrow_feeds()))
def test_facts_read_no_column_whose_change_would_not_touch_them(feed):
    staged = f"stg_erp__{feed}"
    readers = [
        name
        for name, node in models().items()
        if name not in NOT_FACTS
        and not name.startswith("int_touched__")
        and staged in {parent["name"] for parent in parents(node)}
    ]
    assert readers
    for name in readers:
        reads = re.findall(r"select ([^()]*?) from \{\{ ref\('" + staged + r"'\) \}\}", sql(name))
        assert len(reads) == sql(name).count(f"ref('{staged}')"), f"{name} reads {staged} unseen"
        for columns in reads:
            assert set(re.findall(r"\w+", columns)) <= narrow_feeds()[feed], name


def test_copies_of_feeds_are_read_by_the_macro_that_lets_the_build_keep_them():
    systems = {name.split("__")[0].removeprefix("stg_") for name in models() if "stg_" in name}
    for name in models():
        for system in re.findall(r"built__(\w+?)__", sql(name)):
            assert system not in systems, f"{name} names a copy; use built_feed(system, feed)"
