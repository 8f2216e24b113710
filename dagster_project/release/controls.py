"""The controls that a policy knows, for those who decide about their results.

The list is ``control.csv`` of the policy folder; what a control compares is its model.
"""

import csv
from pathlib import Path

from dagster_project.errors import UsageError


def require_control(policy_dir: Path, control_id: str, must_be_explainable: bool = False) -> None:
    """Refuse a decision about a control that does not exist or cannot be explained.

    Args:
        policy_dir: Folder with ``control.csv``.
        control_id: Control, e.g. R-01.
        must_be_explainable: True where a difference is to be explained.

    Raises:
        UsageError: There is no such control, or a difference that it finds is a fault of the
            warehouse or of a batch, which no explanation makes right.
    """
    with (policy_dir / "control.csv").open(encoding="utf-8", newline="") as handle:
        known = {row["control_id"]: row for row in csv.DictReader(handle)}
    if control_id not in known:
        raise UsageError(
            f"There is no control {control_id}.",
            f"Known: {', '.join(known)}.",
            "`tierline gate` names the controls that are red.",
        )
    if must_be_explainable and known[control_id]["is_explainable"] != "true":
        able = [name for name, row in known.items() if row["is_explainable"] == "true"]
        raise UsageError(
            f"A difference of {control_id} cannot be explained.",
            f"It compares the warehouse with itself. Explainable: {', '.join(able)}.",
            "Correct the cause. Finance can waive it for a release: `tierline decide waive`.",
        )


def place_of(dimension: str) -> tuple[str, str]:
    """Return company and fiscal period of a dimension such as ``company=1000|period=2026-01``.

    A star stands for what the dimension does not name.
    """
    parts = dict(part.split("=", 1) for part in dimension.split("|") if "=" in part)
    return parts.get("company", "*"), parts.get("period", "*")
