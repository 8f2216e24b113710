"""What several definitions share: the writer pool, names of groups and owners, the dbt translator.

Add here only what more than one module of this folder needs.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

from dagster_project.settings import get_settings
from dagster_project.warehouse.manifest import ensure_manifest

WRITER_POOL = "warehouse_writer"
"""Everything that writes the home stands in this pool of size one."""

FAMILIES = {
    **dict.fromkeys(
        ["order", "shipment", "delivery", "return", "document", "invoice"], "documents"
    ),
    **dict.fromkeys(["calendar", "carrier", "currency", "product"], "reference"),
    "segment": "customer",
}
"""Concepts of the intermediate layer that stand as one box in the graph; others by themselves."""


@cache
def dbt_manifest() -> dict[str, Any]:
    """Return the parsed dbt project; parsed anew only if one of its files changed."""
    return json.loads(ensure_manifest(get_settings()).read_bytes())


def team(owner: str | None) -> list[str]:
    """Return a contract's owner as Dagster spells teams."""
    return [f"team:{owner}"] if owner else []


def cause(error: Exception) -> dg.Failure:
    """Return an error of the project as a run failure that says what, why and next."""
    return dg.Failure(description=str(error), allow_retries=False)


class LayerTranslator(DagsterDbtTranslator):
    """Groups by layer and system or concept, owners from `meta`, descriptions without SQL."""

    def __init__(self) -> None:
        super().__init__(
            DagsterDbtTranslatorSettings(
                enable_source_tests_as_checks=True, enable_source_metadata=False
            )
        )

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Return layer and folder: `staging_erp`, `unified_documents`, `marts_core`."""
        if dbt_resource_props["resource_type"] == "seed":
            return "seeds_" + Path(dbt_resource_props["original_file_path"]).parent.name
        layer, *folders = dbt_resource_props["fqn"][1:-1]
        if layer == "intermediate":
            return "unified_" + FAMILIES.get(folders[0], folders[0])
        return "_".join([layer, *folders[:1]])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Return the owner of a mart; what leads to it belongs to data engineering."""
        meta = dbt_resource_props.get("config", {}).get("meta") or {}
        return team(meta.get("owner") or "data_engineering")

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the description without the SQL, which the metadata tab shows already."""
        return " ".join((dbt_resource_props.get("description") or "").split())
