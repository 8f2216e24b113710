"""Faults of whole batches: missing, repeated, cut short, mislabelled, late.

Each function commits one fault and returns what it changed. The feeds are chosen so that no
other feed refers to their rows and, but for the lines of returns, no other control notices.
"""

import shutil
from datetime import timedelta
from decimal import Decimal

from dagster_project.simulator.extracts import Batch, Extracts
from dagster_project.simulator.truth import Record

OVERLAP = timedelta(days=10)
STALE_BY = timedelta(days=12)


def overlapping_batch(extracts: Extracts) -> Record:
    batches = extracts.batches("tms", "tracking_event")
    before, batch = batches[len(batches) // 2 - 1 : len(batches) // 2 + 1]
    cure = extracts.keep_cure(batch)
    start = batch.moment("window_from") - OVERLAP
    batch.shift("window_from", -OVERLAP)
    extracts.append(
        batch,
        f"select * from ({extracts.rows(before)}) where event_at >= timestamp '{start}'"
        " order by event_id",
    )
    return _record(batch, [cure], window_from=batch.manifest["window_from"])


def repeated_key(extracts: Extracts) -> Record:
    batch = extracts.newest("tms", "freight_invoice")
    cure = extracts.keep_cure(batch)
    extracts.append(batch, f"select * from ({extracts.rows(batch)}) order by all limit 1")
    return _record(batch, [cure])


def delta_gap(extracts: Extracts) -> Record:
    batch = extracts.middle("crm", "case")
    cure = extracts.keep_cure(batch, is_superseding=False)
    shutil.rmtree(batch.folder)
    return _record(batch, [cure])


def wrong_control_total(extracts: Extracts) -> Record:
    batch = extracts.middle("tms", "freight_invoice")
    cure = extracts.keep_cure(batch)
    true = Decimal(batch.manifest["control_totals"]["amount"])
    batch.manifest["control_totals"]["amount"] = str(true + 1)
    batch.save()
    return _record(batch, [cure], stated=str(true + 1), true=str(true))


def wrong_row_count(extracts: Extracts) -> Record:
    batch = extracts.middle("wms", "return_line")
    cure = extracts.keep_cure(batch)
    true = batch.manifest["row_count"]
    batch.manifest["files"][-1]["row_count"] += 7
    batch.manifest["row_count"] += 7
    batch.save()
    return _record(batch, [cure], stated=true + 7, true=true)


def truncated_file(extracts: Extracts) -> Record:
    batch = extracts.middle("tms", "load_shipment")
    cure = extracts.keep_cure(batch)
    path = batch.paths[-1]
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    return _record(batch, [cure], file=path.name)


def volume_drop(extracts: Extracts) -> Record:
    batch = extracts.newest("tms", "tracking_event")
    cure = extracts.keep_cure(batch)
    before = batch.manifest["row_count"]
    extracts.keep(batch, "hash(event_id) % 10 = 0")
    return _record(batch, [cure], rows_before=before, rows=batch.manifest["row_count"])


def stale_feed(extracts: Extracts) -> Record:
    """The older master differs in three credit limits, else it would be the same content."""
    batch = extracts.newest("erp", "customer")
    cure = extracts.keep_cure(batch, is_superseding=False)
    stale = Batch(batch.folder.with_name(batch.folder.name + "-older"), batch.manifest)
    batch.folder.rename(stale.folder)
    stale.manifest["batch_id"] = stale.folder.name
    stale.shift("extracted_at", -STALE_BY)
    path = stale.paths[0]
    lines = path.read_text(encoding="utf-8").split("\n")
    position = lines[0].split(",").index("credit_limit")
    for number in (1, 2, 3):
        cells = lines[number].split(",")
        cells[position] = "1000.0000"
        lines[number] = ",".join(cells)
    path.write_text("\n".join(lines), encoding="utf-8")
    extracts.restate(stale)
    return _record(stale, [cure], extracted_at=stale.manifest["extracted_at"])


def duplicated_batch(extracts: Extracts) -> Record:
    batch = extracts.middle("tms", "load_shipment")
    again = Batch(batch.folder.with_name(batch.folder.name + "-again"), batch.manifest)
    shutil.copytree(batch.folder, again.folder)
    again.manifest["batch_id"] = again.folder.name
    again.shift("extracted_at", timedelta(hours=1))
    again.save()
    return _record(again, [])


def _record(batch: Batch, cures: list[str], **details: object) -> Record:
    feed = f"{batch.manifest['system']}.{batch.manifest['feed']}"
    victim = {"feed": feed, "batch_id": batch.manifest["batch_id"]}
    return {"batches": [victim], "cures": cures, "details": details}
