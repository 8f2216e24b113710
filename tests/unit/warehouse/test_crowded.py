"""What finds too little memory beside others is built again, alone."""

import pytest

from dagster_project.settings import Settings
from dagster_project.warehouse import dbt
from dagster_project.warehouse.dbt import OUT_OF_MEMORY, NodeResult

PIN = f"Runtime Error in model b: {OUT_OF_MEMORY}: failed to pin block"


def result(name, status="success", message=""):
    return NodeResult(name, name, "model", status, 1.0, message)


@pytest.fixture
def runs(monkeypatch):
    """What dbt was asked to run, and how many at a time; the first answer is ``first``."""
    asked = []

    def start(first, full=True):
        def invoke(settings, wanted, *rest):
            asked.append((wanted, rest[-1]))
            return first if len(asked) == 1 else [result(name) for name in wanted]

        monkeypatch.setattr(dbt, "_invoke", invoke)
        return dbt.run(Settings(), ["a", "b", "c"], {}, full), asked

    return start


@pytest.mark.parametrize(("full", "at_a_time"), [(True, 2), (False, 3)])
def test_it_and_what_waited_for_it_run_again_one_at_a_time(runs, full, at_a_time):
    first = [result("a"), result("b", "error", PIN), result("c", "skipped")]
    found, asked = runs(first, full)
    assert asked == [(["a", "b", "c"], at_a_time), (["b", "c"], 1)]
    assert [(one.name, one.status) for one in found] == [(name, "success") for name in "abc"]


@pytest.mark.parametrize(
    "first",
    [
        pytest.param([result("a"), result("b"), result("c")], id="all is well"),
        pytest.param([result("a"), result("b", "error", "no column"), result("c")], id="an error"),
        pytest.param(
            [result("a", "fail", "2 rows"), result("b", "error", PIN), result("c", "skipped")],
            id="a check is red as well",
        ),
    ],
)
def test_nothing_else_runs_twice(runs, first):
    found, asked = runs(first)
    assert found == first
    assert len(asked) == 1
