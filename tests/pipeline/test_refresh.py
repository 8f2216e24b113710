"""The whole way in one go: the release of the single steps, and none from a red build or gate."""

from types import SimpleNamespace

import pytest

from dagster_project import pipeline
from dagster_project.errors import RedError
from dagster_project.ingestion import land
from dagster_project.release import current_release, gate, publish
from dagster_project.settings import Settings
from dagster_project.simulator import simulate
from dagster_project.warehouse.build import build


@pytest.fixture(scope="module")
def extracts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("refresh") / "extracts"
    simulate("XS", 11, folder)
    return folder / "landing"


@pytest.mark.further
def test_release_is_that_of_the_single_steps(extracts, tmp_path):
    stepwise = Settings(home=tmp_path / "stepwise")
    land(stepwise, extracts)
    assert build(stepwise).ok
    assert gate(stepwise).passed
    expected = publish(stepwise)
    told = []
    done = pipeline.refresh(
        Settings(home=tmp_path / "home"), extracts, progress=lambda name, *_: told.append(name)
    )
    pipeline.require_release(done)
    assert list(done.seconds) == ["land", "build", "gate", "publish"]
    assert {t: e["sha256"] for t, e in done.release.tables.items()} == {
        t: e["sha256"] for t, e in expected.tables.items()
    }
    assert "fct_order_line" in told


def test_red_gate_publishes_nothing_and_says_what_is_red(tmp_path):
    simulate("XS", 11, tmp_path / "faulty", plant=["missing_invoice_line"])
    settings = Settings(home=tmp_path / "home")
    done = pipeline.refresh(settings, tmp_path / "faulty" / "landing")
    assert not done.ok
    assert done.release is None
    assert current_release(settings) is None
    with pytest.raises(RedError, match="R-01"):
        pipeline.require_release(done)


def test_a_build_that_needs_more_memory_says_how_to_give_it_more():
    node = SimpleNamespace(name="fct_x", message="Out of Memory Error: could not allocate a block")
    red = pipeline.Refresh(built=SimpleNamespace(ok=False, failures=[node]))
    with pytest.raises(RedError, match="fct_x") as error:
        pipeline.require_release(red)
    assert "TIERLINE_MEMORY_LIMIT" in str(error.value.__dict__)
