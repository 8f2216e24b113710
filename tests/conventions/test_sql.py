"""A build is a function of its inputs: no model asks the clock, none uses a random number."""

import re

import pytest
from project_files import models, sql

from dagster_project.settings import DBT_DIR

CLOCK = re.compile(r"\b(now|today|current_date|current_timestamp|getdate|random|uuid)\b\s*(\(|\b)")


@pytest.mark.parametrize("name", sorted(models()))
def test_model_does_not_ask_the_clock(name):
    assert CLOCK.findall(sql(name)) == []


@pytest.mark.parametrize("path", sorted(DBT_DIR.glob("macros/**/*.sql")), ids=lambda p: p.stem)
def test_macro_does_not_ask_the_clock(path):
    text = re.sub(r"\{#.*?#\}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert CLOCK.findall(text.lower()) == []


@pytest.mark.parametrize("name", sorted(models()))
def test_sql_keywords_are_lower_case(name):
    text = (DBT_DIR / models()[name]["original_file_path"]).read_text(encoding="utf-8")
    assert (
        re.findall(r"\b(SELECT|FROM|WHERE|JOIN|GROUP BY|CASE)\b", re.sub(r"--.*", "", text)) == []
    )
