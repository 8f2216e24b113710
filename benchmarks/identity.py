"""Match customer records, then new ones against them, and print what it cost.

    python -m benchmarks.identity --records 50000 --new 500

The records are made up with a fixed seed: companies in several sources, a fifth of them known more
than once, with typing errors, other legal forms, missing numbers and moved offices.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from dagster_project.identity.columns import MatchColumns
from dagster_project.identity.match import Known, match, rematch
from dagster_project.identity.results import Matches
from dagster_project.identity.threshold import pairwise

SEED = 20_260_101
SOURCES = ("crm", "erp", "tms", "wms")
COLUMNS = MatchColumns(
    id="record",
    source="source",
    kinds={
        "name": "name",
        "street": "street",
        "city": "city",
        "postcode": "postcode",
        "country": "country",
        "phone": "phone",
        "email": "email",
        "vat": "vat_id",
    },
)
# fmt: off
_SYLLABLES = (
    "ar", "bel", "cor", "dan", "el", "fri", "gar", "hol", "in", "jan", "kel", "lor", "mar",
    "nor", "os", "pet", "quin", "ros", "sol", "tav", "ul", "ver", "win", "yor", "zan",
)
# fmt: on
_TRADES = (
    "logistics",
    "trading",
    "foods",
    "metals",
    "plastics",
    "pharma",
    "textiles",
    "machines",
    "paper",
    "chemicals",
    "tools",
    "energy",
)
_FORMS = ("GmbH", "AG", "Ltd", "SA", "BV")


def made_up(count: int, seed: int = SEED) -> tuple[pa.Table, pa.Table]:
    """Return records and the truth (``record_id``, ``cluster_id``) about them."""
    rng = np.random.default_rng(seed)
    size = rng.choice([1, 2, 3], size=count, p=[0.86, 0.1, 0.04])
    owner = np.repeat(np.arange(count), size)[:count]
    copy = np.concatenate([np.arange(each) for each in size])[:count]
    companies = int(owner.max()) + 1
    cities = _words(rng, 800, 3)
    city = np.minimum(rng.zipf(1.3, companies) - 1, 799)
    names = _words(rng, companies, 3) + " " + rng.choice(_TRADES, companies)
    streets = _words(rng, 4_000, 3)[rng.integers(0, 4_000, companies)] + "str. "
    streets = streets + rng.integers(1, 200, companies).astype(str)
    phones = "030 " + rng.integers(10**6, 10**8, companies).astype(str)
    vats = np.array([_vat(number) for number in rng.permutation(10**7)[:companies] + 10**7])
    first = copy == 0
    forms = rng.choice(_FORMS, companies)[owner]
    written = np.where(rng.random(len(owner)) < 0.3, "", forms)
    table = {
        "record": np.char.add(np.array(SOURCES)[(owner + copy) % 4] + "-", owner.astype(str)),
        "source": np.array(SOURCES)[(owner + copy) % 4],
        "name": np.char.add(_typed(rng, names[owner], ~first) + " ", written),
        "street": _typed(rng, streets[owner], ~first),
        "city": cities[city[owner]],
        "postcode": (10_000 + city[owner] * 10 + owner % 7).astype(str),
        "country": np.full(len(owner), "DE"),
        "phone": _missing(rng, phones[owner], 0.3),
        "email": _missing(rng, np.char.add("info@", np.char.replace(names[owner], " ", "-")), 0.6),
        "vat": _missing(rng, vats[owner], 0.6),
    }
    truth = {"record_id": table["record"], "cluster_id": owner.astype(str)}
    return pa.table(table), pa.table(truth)


def _words(rng: np.random.Generator, count: int, syllables: int) -> Any:
    parts = [rng.choice(_SYLLABLES, count) for _ in range(syllables)]
    return parts[0] + parts[1] + parts[2]


def _vat(number: int) -> str:
    from stdnum.iso7064 import mod_11_10

    return f"DE{number}{mod_11_10.calc_check_digit(str(number))}"


def _typed(rng: np.random.Generator, values: Any, may: Any) -> Any:
    """Drop one letter of every third value."""
    wrong = may & (rng.random(len(values)) < 0.33)
    place = rng.integers(2, 6, len(values))
    return np.array(
        [
            value[:at] + value[at + 1 :] if is_wrong else value
            for value, at, is_wrong in zip(values, place, wrong, strict=True)
        ]
    )


def _missing(rng: np.random.Generator, values: Any, share: float) -> pa.Array:
    return pa.array(values, mask=rng.random(len(values)) < share)


def measured(work: Callable[[], Matches]) -> tuple[Matches, dict[str, float]]:
    """Run ``work`` and return what it gave, its wall clock and processor seconds."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    return result, {
        "wall_seconds": round(time.perf_counter() - wall, 2),
        "cpu_seconds": round(time.process_time() - processor, 2),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def run(records: int, new: int) -> dict[str, Any]:
    """Match ``records``, then ``new`` more; return costs and accuracy."""
    table, truth = made_up(records + new)
    order = np.random.default_rng(SEED).permutation(len(table))
    known = table.take(order[:records])
    all_known, cost = measured(lambda: match(known, COLUMNS))
    before = Known(all_known.standardised.records, all_known.pairs)
    added, cost_of_new = measured(
        lambda: rematch(before, table, COLUMNS, all_known.model) or all_known
    )
    _, cost_of_nothing = measured(
        lambda: rematch(before, known, COLUMNS, all_known.model) or all_known
    )
    accuracy = pairwise(all_known.clusters, truth)
    return {
        "records": len(known),
        "match": cost,
        "candidate_pairs": sum(all_known.blocking["pairs"].to_pylist()),
        "skipped_pairs": sum(all_known.blocking["skipped_pairs"].to_pylist()),
        "precision": round(accuracy.precision, 4),
        "recall": round(accuracy.recall, 4),
        "new_records": len(table) - len(known),
        "rematch": cost_of_new,
        "rematch_unchanged": cost_of_nothing,
        "records_compared": added.compared,
        "share_of_full_wall": round(cost_of_new["wall_seconds"] / cost["wall_seconds"], 3),
    }


def main() -> None:
    """Print the measurements as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identity", description=__doc__)
    parser.add_argument("--records", type=int, default=50_000, help="records to match at once")
    parser.add_argument("--new", type=int, default=500, help="records to add afterwards")
    options = parser.parse_args()
    sys.stdout.write(json.dumps(run(options.records, options.new), indent=2) + "\n")


if __name__ == "__main__":
    main()
