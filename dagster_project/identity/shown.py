"""Small pictures in Markdown, for people who look at a run in Dagster."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

WIDEST = 40
"""Blocks of the longest bar."""


def steps(values: Iterable[float], width: int) -> dict[str, int]:
    """Count values by steps of ``width``, from the least to the most; steps between count 0."""
    counts: dict[int, int] = {}
    for value in values:
        step = int(value // width)
        counts[step] = counts.get(step, 0) + 1
    every = range(min(counts), max(counts) + 1) if counts else range(0)
    return {f"{step * width} to {(step + 1) * width}": counts.get(step, 0) for step in every}


def bars(counts: Mapping[str, int]) -> str:
    """Return a table with a bar for each count."""
    most = max(counts.values(), default=0)
    lines = [
        f"| {name} | {count:,} | {'█' * -(-count * WIDEST // most) if count else ''} |"
        for name, count in counts.items()
    ]
    return "\n".join(["| | count | |", "|---|---:|---|", *lines]) if lines else "Nothing."


def rows(table: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as a table with the names of their columns."""
    if not table:
        return "Nothing."
    names = list(table[0])
    lines = ["| " + " | ".join(str(row[name]) for name in names) + " |" for row in table]
    return "\n".join(["| " + " | ".join(names) + " |", "|---" * len(names) + "|", *lines])
