"""The decisions as JSON lines that somebody without Tierline can verify.

One line per decision: every field as it is kept, the hash before and its own hash. What proves them
is ``docs/how-to/verify_decisions.py``.
"""

import json
import os
from pathlib import Path

from dagster_project.errors import RedError
from dagster_project.governance.audit.chain import COLUMNS, chain_fault, read_rows
from dagster_project.governance.decisions import Head


def export(url: str, path: Path) -> Head:
    """Write all decisions to a file; return the head. The file appears whole, or not at all.

    Args:
        url: SQLAlchemy address of the decision store.
        path: JSON lines, UTF-8; replaced if it is there.

    Raises:
        RedError: The chain of decisions is broken; nothing was written.
    """
    rows, damage = read_rows(url)
    if fault := chain_fault(rows) or damage:
        raise RedError(
            "The decisions were not exported.",
            f"Decision {fault.seq}: {fault.why}.",
            "See `tierline audit verify`.",
        )
    partial = path.with_name(f".{path.name}.part")
    with partial.open("w", encoding="utf-8") as file:
        for row in rows:
            line = {name: row[name] for name in COLUMNS}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return Head(rows[-1]["seq"], rows[-1]["hash"]) if rows else Head()
