"""What matching is told and what it gives back: thresholds, verdicts, pairs and clusters."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from dagster_project.identity.model import Model
from dagster_project.identity.standardise import Standardised

REVIEW_THRESHOLD = 0.5
"""From here a person looks at the pair; below, two records are two customers."""

AUTO_THRESHOLD = 0.95

CLUSTERS = pa.schema(
    [
        ("record_id", pa.string()),
        ("cluster_id", pa.string()),
        ("method", pa.string()),
        ("confidence", pa.float64()),
        ("rule", pa.string()),
        ("linked_id", pa.string()),
        ("reason", pa.string()),
    ]
)
"""``cluster_id``: smallest id of the members. ``method``: MANUAL, DETERMINISTIC, PROBABILISTIC or
SINGLE, of the strongest pair that holds the record in; ``confidence``: its probability; ``rule``,
``linked_id`` and ``reason``: its rule, its other record and why, null for SINGLE."""

VERDICTS = pa.schema(
    [("left_id", pa.string()), ("right_id", pa.string()), ("verdict", pa.string())]
)
"""What people decided, in the order in which they did: ``same`` or ``different``."""


@dataclass(frozen=True)
class Policy:
    """When to merge without asking.

    Args:
        auto_threshold: Probability from which a pair is merged.
        review_threshold: Probability from which a pair is shown to a person.
        merge_within: Sources whose own active records may be merged with each other.
        max_block: A blocking key that more records share is left out.
    """

    auto_threshold: float = AUTO_THRESHOLD
    review_threshold: float = REVIEW_THRESHOLD
    merge_within: Sequence[str] = ()
    max_block: int = 200


@dataclass(frozen=True)
class Matches:
    """Pairs (``PAIRS``), clusters (``CLUSTERS``), and everything they came from.

    ``blocking`` counts pairs per rule and what was left out; ``compared`` counts the records that
    were compared anew; ``model`` and ``standardised`` are what ``rematch`` and ``explain`` need.
    """

    pairs: pa.Table
    clusters: pa.Table
    model: Model
    standardised: Standardised
    blocking: pa.Table
    compared: int
