"""Write the extracts of a plausible distributor and the truth about them.

``out/landing`` holds the batches, ``out/tail/<day>`` the daily ones of the last days,
``out/truth.json`` what the simulator knows and the warehouse has to find out, ``out/cure``
the corrected batches for the faults that were planted.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import duckdb

from dagster_project.errors import UsageError
from dagster_project.simulator.batches import BatchWriter
from dagster_project.simulator.company import Company
from dagster_project.simulator.feeds import FEEDS, Made
from dagster_project.simulator.plants import PLANTS, plant_faults
from dagster_project.simulator.sizes import SIZES
from dagster_project.simulator.tail import add_changed_masters
from dagster_project.simulator.truth import Record, TruthWriter, write_truth

MEMORY_LIMIT = "5GB"
THREADS = 2
"""Fixed: the order of rows inside a Parquet file must not depend on the machine."""


def simulate(
    size: str, seed: int, out: Path, plant: Iterable[str] = (), tail_days: int = 0
) -> Record:
    """Write one company's extracts.

    Args:
        size: One of ``SIZES``.
        seed: Same seed, same bytes.
        out: Folder to write to; it must be empty or absent.
        plant: Names of ``PLANTS`` to put into the extracts.
        tail_days: So many of the last days are cut into daily batches of their own.

    Returns:
        The content of ``truth.json``.

    Raises:
        UsageError: Unknown size or plant, or the folder is not empty.
    """
    plants = tuple(plant)
    out = Path(out).absolute()
    _check(size, plants, out, tail_days)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".scratch-", dir=out) as scratch:
        con = duckdb.connect()
        con.execute(f"set threads = {THREADS}")
        con.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        con.execute(f"set temp_directory = '{scratch}'")
        con.execute("set timezone = 'UTC'")
        truth = _write_clean(con, size, seed, out, tail_days)
        truth["faults"] = plant_faults(con, out, plants)
        con.close()
    write_truth(out, truth)
    return truth


def _check(size: str, plants: tuple[str, ...], out: Path, tail_days: int) -> None:
    if size not in SIZES:
        raise UsageError(f"There is no size {size}.", f"Sizes: {', '.join(SIZES)}.")
    if unknown := sorted(set(plants) - set(PLANTS)):
        raise UsageError(
            f"There is no fault {', '.join(unknown)} to plant.", f"Known: {', '.join(PLANTS)}."
        )
    if not 0 <= tail_days <= 28:
        raise UsageError("The tail must have 0 to 28 days.", f"Asked for {tail_days}.")
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty.", "Files of two runs would mix.", "Choose another.")


def _write_clean(
    con: duckdb.DuckDBPyConnection, size: str, seed: int, out: Path, tail_days: int
) -> Record:
    company = Company(con, SIZES[size], seed, tail_days)
    writer = BatchWriter(con, out, company.windows)
    company.set_up()
    truth = TruthWriter(con, company, seed)
    for spec in FEEDS:
        if spec.made is Made.ONCE:
            writer.add(spec, company.query(spec))
    add_changed_masters(writer, company)
    for _ in company.chunks():
        for spec in FEEDS:
            if spec.made in (Made.BY_CHUNK, Made.STANDING_BY_CHUNK):
                writer.add(spec, company.query(spec))
        truth.note_chunk()
    company.close()
    for spec in FEEDS:
        if spec.made in (Made.AT_CLOSE, Made.STANDING) or spec.also_at_close:
            writer.add(spec, company.query(spec))
    truth.batches = writer.close()
    truth.write_tables(out)
    return truth.collect()
