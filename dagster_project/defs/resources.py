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

GROUPS = {
    **{f"intermediate_{name}": "unified_documents" for name in ("order", "shipment", "delivery")},
    **{f"intermediate_{name}": "unified_documents" for name in ("return", "document", "invoice")},
    **{f"intermediate_{name}": "unified_reference" for name in ("calendar", "carrier", "currency")},
    "intermediate_product": "unified_reference",
    "intermediate_customer": "unified_customers",
    "intermediate_party": "unified_customers",
    "intermediate_touched": "unified_documents",
    "intermediate_segment": "segmentation",
    "intermediate_demand": "demand",
    **{f"intermediate_{name}": "value" for name in ("profit", "value")},
    **{f"intermediate_{name}": "governance" for name in ("governance", "imputation")},
    "intermediate_control": "controls",
    "staging_landing": "controls",
}
"""Folders that stand together as one box in the graph; every other folder is a box of its own."""


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
        """Return layer and folder (`staging_erp`), unless ``GROUPS`` says otherwise."""
        if dbt_resource_props["resource_type"] == "seed":
            return "seeds_" + Path(dbt_resource_props["original_file_path"]).parent.name
        folder = "_".join(dbt_resource_props["fqn"][1:-1][:2])
        return GROUPS.get(folder, folder)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Return the owner of a mart; what leads to it belongs to data engineering."""
        meta = dbt_resource_props.get("config", {}).get("meta") or {}
        return team(meta.get("owner") or "data_engineering")

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the description without the SQL, which the metadata tab shows already."""
        return " ".join((dbt_resource_props.get("description") or "").split())
