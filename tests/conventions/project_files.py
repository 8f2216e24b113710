"""The project as the convention tests see it: tracked files, the dbt manifest, model SQL."""

import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from dagster_project.settings import DBT_DIR, PROJECT_ROOT, get_settings
from dagster_project.warehouse.manifest import read_manifest

GENERATED = {".venv", ".tierline", "target", "node_modules", "tierline.egg-info"}


@cache
def tracked_files() -> list[Path]:
    """Return the files under version control; all files where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0:
        found = [PROJECT_ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [p for p in PROJECT_ROOT.rglob("*") if not GENERATED & set(p.parts)]
    return [path for path in found if path.is_file()]


@cache
def manifest() -> dict[str, Any]:
    return read_manifest(get_settings())


@cache
def models() -> dict[str, dict[str, Any]]:
    """Return the models by name."""
    nodes = manifest()["nodes"].values()
    return {node["name"]: node for node in nodes if node["resource_type"] == "model"}


def layer(node: dict[str, Any]) -> str:
    """Return staging, intermediate or marts."""
    return node["fqn"][1]


def parents(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the models, seeds and sources that a model reads."""
    every = {**manifest()["nodes"], **manifest()["sources"]}
    return [every[unique_id] for unique_id in node["depends_on"]["nodes"]]


def names_in(folder: str) -> list[str]:
    """Return the model names of one layer, for parametrised tests."""
    return sorted(name for name, node in models().items() if layer(node) == folder)


def sql(name: str) -> str:
    """Return a model's SQL in lower case without comments."""
    text = (DBT_DIR / models()[name]["original_file_path"]).read_text(encoding="utf-8")
    text = re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL)
    return re.sub(r"--[^\n]*", " ", text).lower()
