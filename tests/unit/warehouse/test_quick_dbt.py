"""dbt with less work finds the same macros, reads the same dates and the same project."""

import datetime as dt

import pytest

from dagster_project.settings import Settings, get_settings
from dagster_project.warehouse import manifest as parsed
from dagster_project.warehouse.quick_dbt import import_dbt, made_once


def _namespace(search_package: str):
    from dbt.clients.jinja import MacroStack
    from dbt.context.macros import MacroNamespaceBuilder

    macros = parsed.load_manifest(get_settings()).get_macros_by_package()
    packages = ["dbt_duckdb", "dbt"]
    builder = MacroNamespaceBuilder("tierline", search_package, MacroStack(), packages, "node")
    return builder.build_namespace(macros, {"a": "context"})


def _ids(found):
    """Return the ids of macros instead of the callables made of them."""
    return {
        name: one.macro.unique_id if hasattr(one, "macro") else _ids(one)
        for name, one in found.items()
    }


@pytest.mark.parametrize("search_package", ["tierline", "dbt"])
def test_names_stand_for_the_macros_that_they_stood_for(search_package):
    import_dbt()
    usual = _namespace(search_package)
    with made_once():
        quick = _namespace(search_package)
    assert _ids(quick) == _ids(usual)
    for layer in ("local_namespace", "global_namespace", "global_project_namespace", "packages"):
        assert _ids(getattr(quick, layer)) == _ids(getattr(usual, layer))
    for package in (None, "dbt", "tierline"):
        for name in ("is_update", "is_incremental", "unknown"):
            found = [one.get_from_package(package, name) for one in (usual, quick)]
            assert len({one and one.macro.unique_id for one in found}) == 1, (package, name)
    one, other = usual["is_incremental"], quick["is_incremental"]
    assert (one.context, one.node, one.stack.depth) == (other.context, other.node, 0)


def test_an_unknown_package_is_named():
    from dbt.exceptions import PackageNotFoundForMacroError

    with made_once():
        quick = _namespace("tierline")
    with pytest.raises(PackageNotFoundForMacroError, match="elsewhere"):
        quick.get_from_package("elsewhere", "is_update")


def test_dates_are_read_as_before():
    import agate

    import_dbt()
    with made_once():
        assert agate.Date().cast("2026-02-28") == dt.date(2026, 2, 28)
        assert agate.Date().cast("28 February 2026") == dt.date(2026, 2, 28)


def test_a_spoiled_copy_of_the_project_is_not_used(tmp_path, monkeypatch):
    settings = Settings(home=tmp_path)
    names = set(parsed.load_manifest(settings).nodes)
    copy = parsed.target_dir(settings) / parsed._PICKLED
    kept = copy.read_bytes()
    for spoiled in (b"", b"no pickle", kept[: len(kept) // 2]):
        copy.write_bytes(spoiled)
        monkeypatch.setattr(parsed, "_loaded", {})
        assert set(parsed.load_manifest(settings).nodes) == names
    assert copy.read_bytes()[:20] == kept[:20]
    monkeypatch.setattr(parsed, "_loaded", {})
    assert set(parsed.load_manifest(settings).nodes) == names
