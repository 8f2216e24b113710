"""Reads families, buying groups and places of customers and writes who compares notes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.analytics.inputs import numbers
from dagster_project.analytics.tables import Tables
from dagster_project.schemes.closed import Closed, segments_then
from dagster_project.schemes.exposure import (
    AREA,
    BUYING_GROUP,
    PARENT,
    Meeting,
    area_of,
    exposed_pairs,
    meetings,
)
from dagster_project.schemes.outputs import table_of
from dagster_project.schemes.policy import Settings
from dagster_project.segmentation.policy import Scheme

PARTY_COLUMNS = (
    "customer_id",
    "entity_id",
    "parent_customer_id",
    "buying_group",
    "region",
    "is_excluded",
)
PLACE_COLUMNS = ("site_id", "customer_id", "site_type", "latitude", "longitude", "geo_basis")


def exposure_table(
    tables: Tables, closed: Closed, settings: Settings, schemes: Sequence[Scheme]
) -> pa.Table:
    """Return the most exposed pairs of customers at the end of the closed month."""
    weights = {
        PARENT: settings.contact_weight_parent,
        BUYING_GROUP: settings.contact_weight_buying_group,
        AREA: settings.contact_weight_area,
    }
    segments = segments_then(tables, closed).sort_by("entity_id")
    labels = {
        (row["scheme_id"], row["segment_code"]): bool(row["external_label"])
        for row in tables.read("policy.segment").to_pylist()
    }
    rows: list[dict[str, Any]] = []
    for scheme in schemes:
        own = segments.filter(pc.equal(segments["scheme_id"], scheme.scheme_id))
        names, codes = own["entity_id"].to_pylist(), own["segment_code"].to_pylist()
        rank_of = {tier.code: k + 1 for k, tier in enumerate(scheme.tiers)}
        rank = np.array([rank_of.get(code, 0) for code in codes], dtype=np.int64)
        found = _meetings(tables, {name: k for k, name in enumerate(names)})
        pairs = exposed_pairs(
            rank, found, weights, settings.exposure_largest_place, settings.exposure_pairs_kept
        )
        rows += [
            {
                "scheme_id": scheme.scheme_id,
                "exposure_rank": k + 1,
                "entity_a": names[pair.first],
                "segment_a": codes[pair.first],
                "entity_b": names[pair.second],
                "segment_b": codes[pair.second],
                "tier_gap": pair.gap,
                "contact_kinds": " ".join(pair.kinds),
                "contact_weight": pair.weight,
                "exposure_index": pair.exposure,
                "is_label_visible": any(
                    labels.get((scheme.scheme_id, codes[side]), False)
                    for side in (pair.first, pair.second)
                ),
            }
            for k, pair in enumerate(pairs)
        ]
    return table_of("visibility_exposure", rows, as_of_month=closed.start)


def _meetings(tables: Tables, place: Mapping[str, int]) -> list[Meeting]:
    party = tables.read("intermediate.int_customer__party", PARTY_COLUMNS).to_pylist()
    entity = {row["customer_id"]: row["entity_id"] for row in party if not row["is_excluded"]}
    parents = {row["parent_customer_id"] for row in party if row["parent_customer_id"]}
    known = [row for row in party if entity.get(row["customer_id"]) in place]
    at = [(row, place[row["entity_id"]]) for row in known]
    families = [(row["parent_customer_id"], k) for row, k in at]
    families += [(row["customer_id"], k) for row, k in at if row["customer_id"] in parents]
    sites = tables.read("intermediate.int_customer__site", PLACE_COLUMNS)
    # The middle of a country says nothing about neighbours.
    precise = pc.and_(
        pc.is_in(sites["geo_basis"], pa.array(["AS_DELIVERED", "POSTCODE_CENTROID"])),
        pc.equal(sites["site_type"], "CUSTOMER"),
    )
    sites = sites.filter(precise)
    cells = area_of(numbers(sites["latitude"]), numbers(sites["longitude"]))
    owners = [entity.get(name) for name in sites["customer_id"].to_pylist()]
    areas = [
        (cell, place[name])
        for cell, name in zip(cells, owners, strict=True)
        if name is not None and name in place
    ]
    groups = [(row["buying_group"], k) for row, k in at]
    return [*meetings(PARENT, families), *meetings(BUYING_GROUP, groups), *meetings(AREA, areas)]
