"""The suites in ``expectations/``: finding them, loading them, reading their outline.

A suite module has ``TABLE`` (``schema.table``), ``EXPECTATIONS`` and, where the table may
rightly be empty because a source system was never connected, ``NEEDS`` (its optional feeds as
``system.feed``). Every expectation carries ``meta`` with ``name``, ``why`` and ``severity``.

Loading a suite imports Great Expectations, which takes seconds; ``outline`` does not, and is
what the code location uses to declare checks.
"""

import ast
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.settings import PROJECT_ROOT

EXPECTATIONS_DIR = PROJECT_ROOT / "expectations"
BLOCKING = ("CRITICAL", "HIGH")
SEVERITIES = (*BLOCKING, "MEDIUM")


@dataclass(frozen=True)
class Outline:
    """What a suite will judge, known without running it."""

    suite: str
    table: str
    names: tuple[str, ...]
    controls: tuple[str, ...]


@dataclass(frozen=True)
class Suite:
    """A loaded suite."""

    name: str
    table: str
    expectations: list[Any]
    needs: tuple[str, ...] = ()


def suite_paths(folder: Path = EXPECTATIONS_DIR) -> list[Path]:
    """Return the suite modules, sorted by name."""
    return sorted(path for path in folder.glob("*.py") if not path.stem.startswith("_"))


def load_suite(path: Path) -> Suite:
    """Import one suite module by its path.

    Raises:
        Exception: Whatever the module raises; the gate turns that into a red result.
    """
    spec = importlib.util.spec_from_file_location(f"expectations.{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Suite(
        path.stem, module.TABLE, list(module.EXPECTATIONS), tuple(getattr(module, "NEEDS", ()))
    )


def outline(folder: Path = EXPECTATIONS_DIR) -> list[Outline]:
    """Read the names of all suites, expectations and controls from the source text."""
    return [_outline(path) for path in suite_paths(folder)]


def _outline(path: Path) -> Outline:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    table = next(_assigned(tree, "TABLE"))
    names, controls = [HAS_ROWS], []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id == "control":
            control_id = ast.literal_eval(call.args[0])
            controls.append(control_id)
            names.extend(control_names(control_id))
        meta = next((k.value for k in call.keywords if k.arg == "meta"), None)
        if meta is not None:
            names.append(ast.literal_eval(meta)["name"])
    return Outline(path.stem, table, tuple(names), tuple(controls))


def _assigned(tree: ast.Module, name: str) -> Iterator[Any]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == name:
            yield ast.literal_eval(node.value)


HAS_ROWS = "has_rows"
NOT_RED = ("PASS", "WARN", "EXPLAINED", "NO_DATA")
"""Statuses of a control row that do not turn the control red; a waived row is red and named."""


def control_names(control_id: str) -> tuple[str, str]:
    """Return the names of the two expectations that judge one control."""
    stem = control_id.lower().replace("-", "_")
    return f"{stem}_was_evaluated", f"{stem}_holds"


def has_rows() -> Any:
    """Build the expectation that every suite starts with: an empty table proves nothing."""
    from great_expectations import expectations as gxe

    why = "Every other expectation is true of an empty table."
    meta = {"name": HAS_ROWS, "why": why, "severity": "CRITICAL"}
    return gxe.ExpectTableRowCountToBeBetween(min_value=1, meta=meta)


def control(
    control_id: str,
    *,
    severity: str,
    why: str,
    needs: tuple[str, ...] = (),
    needs_accounts: tuple[str, ...] = (),
    may_lack_history: bool = False,
) -> list[Any]:
    """Build the two expectations that judge one control of ``fct_control_result``.

    The control must have been evaluated, and no row may fail. ``NO_DATA`` is excused only while
    one of the feeds in ``needs`` was never delivered, or the ledger has none of the accounts that
    would be compared, so a control cannot fall silent. A row that finance waived does not count.

    Args:
        control_id: Id in ``fct_control_result``.
        severity: CRITICAL and HIGH hold the release back, MEDIUM warns.
        why: What goes wrong for a reader of the release if the control is ignored.
        needs: Optional feeds without which there is nothing to compare.
        needs_accounts: Statement lines of the account map, one of which must have an account.
        may_lack_history: True where a first build has nothing to compare with yet.
    """
    from great_expectations import expectations as gxe

    evaluated, holds = control_names(control_id)
    meta = {"control": control_id, "why": why, "severity": severity}
    return [
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=_not_evaluated(
                control_id, needs, needs_accounts, may_lack_history
            ),
            meta=meta | {"name": evaluated},
        ),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=f"select * from {{batch}} where control_id = '{control_id}'"
            f" and coalesce(status, 'null') not in {NOT_RED} and waived_by is null",
            meta=meta | {"name": holds},
        ),
    ]


def _not_evaluated(
    control_id: str,
    needs: tuple[str, ...],
    needs_accounts: tuple[str, ...],
    may_lack_history: bool,
) -> str:
    absent = (
        f"select '{control_id}' as control_id, 'no row: the control was not evaluated' as detail"
        f" where not exists (select 1 from {{batch}} where control_id = '{control_id}')"
    )
    if may_lack_history:
        return absent
    silent = (
        f"select control_id, detail from {{batch}}"
        f" where control_id = '{control_id}' and status = 'NO_DATA' and waived_by is null"
    )
    if needs:
        feeds = ", ".join(f"'{feed}'" for feed in needs)
        delivered = (
            "select count(distinct b.system || '.' || b.feed) from raw.batch as b"
            f" where b.is_active and b.system || '.' || b.feed in ({feeds})"
        )
        silent += f" and ({delivered}) = {len(needs)}"
    if needs_accounts:
        lines = ", ".join(f"'{line}'" for line in needs_accounts)
        silent += (
            " and exists (select 1 from staging.stg_finance__gl_account_map"
            f" where statement_line in ({lines}))"
        )
    return f"{absent} union all {silent}"
