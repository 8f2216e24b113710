"""The faults that can be planted, each with the one control that must find it.

Add a fault here and the function that commits it in ``faults_rows``, ``faults_batches`` or
``faults_books``.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import duckdb

from dagster_project.simulator import faults_batches, faults_books, faults_rows
from dagster_project.simulator.extracts import Extracts
from dagster_project.simulator.truth import Record


class Plant(NamedTuple):
    """What goes wrong and which control turns red; no control: it must be harmless."""

    description: str
    control: str | None
    also: tuple[str, ...] = ()
    """Controls that see the same fault from another side, where it is big enough."""
    blocks: bool = True
    """False where the control is of medium severity: it warns, and the release goes out."""


_FAULTS: dict[str, tuple[Plant, Callable[[Extracts], Record]]] = {
    "missing_invoice_line": (
        Plant(
            "One invoice line never left the ERP; the ledger has it.",
            "R-01",
            also=("R-02", "R-03", "R-08"),
        ),
        faults_rows.missing_invoice_line,
    ),
    "overlapping_batch": (
        Plant("A delta repeats the last ten days of the one before.", "R-12"),
        faults_batches.overlapping_batch,
    ),
    "repeated_key": (
        Plant("A row stands twice in one delta.", "R-12"),
        faults_batches.repeated_key,
    ),
    "delta_gap": (
        Plant("One delta between two others was never sent.", "R-12"),
        faults_batches.delta_gap,
    ),
    "wrong_control_total": (
        Plant("A manifest states one euro more than its file contains.", "R-12"),
        faults_batches.wrong_control_total,
    ),
    "wrong_row_count": (
        Plant("A manifest states seven rows more than its file contains.", "R-12", also=("R-08",)),
        faults_batches.wrong_row_count,
    ),
    "truncated_file": (
        Plant("The transfer of a file broke off; the manifest is complete.", "R-12"),
        faults_batches.truncated_file,
    ),
    "unknown_unit": (
        Plant("A line of free goods is ordered in a unit without conversion.", "P-03"),
        faults_rows.unknown_unit,
    ),
    "missing_fx_rate": (
        Plant("The rate from pound to euro is missing on one day.", "R-16"),
        faults_rows.missing_fx_rate,
    ),
    "broken_key": (
        Plant("A shipment line names an order that does not exist.", "P-02"),
        faults_rows.broken_key,
    ),
    "malformed_row": (
        Plant("A case has a time of opening that is no timestamp.", "P-01"),
        faults_rows.malformed_row,
    ),
    "intercompany_leak": (
        Plant("An invoice to an ordinary customer is flagged intercompany.", "R-15"),
        faults_rows.intercompany_leak,
    ),
    "overshipment": (
        Plant("Ten times the ordered quantity is shipped once more.", "R-09", also=("R-08",)),
        faults_rows.overshipment,
    ),
    "volume_drop": (
        Plant("The newest delta has a tenth of the usual rows.", "P-04"),
        faults_batches.volume_drop,
    ),
    "stale_feed": (
        Plant("The customer master was last extracted twelve days ago.", "P-05"),
        faults_batches.stale_feed,
    ),
    "rebate_posted_by_hand": (
        Plant("A rebate is posted to the ledger that no document has.", "R-02"),
        faults_books.rebate_posted_by_hand,
    ),
    "cost_posted_twice": (
        Plant("The cost of goods of one month is in the ledger twice.", "R-03"),
        faults_books.cost_posted_twice,
    ),
    "cost_centre_posted_by_hand": (
        Plant("A journal on the warehouse's cost centre is in no cost pool.", "R-07"),
        faults_books.cost_centre_posted_by_hand,
    ),
    "stock_at_wrong_cost": (
        Plant("One article is valued at a hundred times its cost at a month's end.", "R-04"),
        faults_books.stock_at_wrong_cost,
    ),
    "unreported_booking": (
        Plant("The biggest booking of a customer is not in the report.", "R-06"),
        faults_books.unreported_booking,
    ),
    "unbilled_piece": (
        Plant("One piece more is shipped than is ever invoiced.", "R-08"),
        faults_books.unbilled_piece,
    ),
    "unbooked_movement": (
        Plant("The stock changed between two counts, the movement was not booked.", "R-10"),
        faults_books.unbooked_movement,
    ),
    "freight_posted_twice": (
        Plant("The freight of one month is in the ledger twice.", "R-11", blocks=False),
        faults_books.freight_posted_twice,
    ),
    "commission_on_gross": (
        Plant("A commission is paid on more than was invoiced.", "R-14", blocks=False),
        faults_books.commission_on_gross,
    ),
    "duplicated_batch": (
        Plant("The same files are sent again under a new batch id; they are skipped.", None),
        faults_batches.duplicated_batch,
    ),
}

PLANTS: dict[str, Plant] = {name: plant for name, (plant, _) in _FAULTS.items()}


def plant_faults(con: duckdb.DuckDBPyConnection, out: Path, plants: Iterable[str]) -> list[Record]:
    """Put faults into written extracts and their cures beside them.

    Returns:
        One record per fault: name, expected control, what was changed, ids of the cures.
    """
    extracts = Extracts(con, out)
    records = []
    for name in plants:
        plant, commit = _FAULTS[name]
        found = {"name": name, "description": plant.description, "control": plant.control}
        records.append(found | commit(extracts))
    return records
