"""The same inputs give the same rows: twice, in parts, in any order of arrival."""

import random
import shutil
from pathlib import Path

import pytest
from pipeline_company import Company, company

REQUIRED = ("customer", "product", "sales_order", "sales_order_line", "shipment", "shipment_line")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple[Company, dict[str, str]]:
    """A company landed and built at once, with the last days as daily batches beside it."""
    one = company(tmp_path_factory.mktemp("whole"), tail_days=2)
    everything = one.extracts / "everything"
    for folder in [one.extracts / "landing", *sorted((one.extracts / "tail").iterdir())]:
        shutil.copytree(folder, everything, dirs_exist_ok=True)
    one.land("everything")
    one.build()
    return one, one.digests()


def test_two_builds_of_the_same_inputs_are_equal(whole):
    one, expected = whole
    one.build(full=True)
    assert one.digests() == expected


def batches_of(folder: Path) -> list[Path]:
    return sorted(path.parent.relative_to(folder) for path in folder.rglob("manifest.json"))


def random_parts(batches: list[Path], rng: random.Random) -> list[list[Path]]:
    """Split the batches at random; the first part has one batch of each required feed."""
    order = rng.sample(batches, len(batches))
    first = [next(b for b in order if b.parts[-2] == feed) for feed in REQUIRED]
    rest = [b for b in order if b not in first]
    cuts = sorted(rng.sample(range(len(rest)), 2))
    return [first + rest[: cuts[0]], rest[cuts[0] : cuts[1]], rest[cuts[1] :]]


@pytest.mark.further
@pytest.mark.parametrize("seed", range(6))
def test_batches_in_random_parts_and_order_give_the_same_marts(seed, whole, tmp_path):
    one, expected = whole
    everything = one.extracts / "everything"
    parts = random_parts(batches_of(everything), random.Random(seed))
    other = Company(tmp_path, one.settings.model_copy(update={"home": tmp_path / "home"}))
    for number, part in enumerate(parts):
        for batch in part:
            shutil.copytree(everything / batch, tmp_path / f"part{number}" / batch)
        other.land(f"part{number}")
        other.build()
    assert other.digests() == expected
