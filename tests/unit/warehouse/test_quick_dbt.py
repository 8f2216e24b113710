"""dbt with less work finds the same macros, reads the same dates and the same project."""

import datetime as dt

from dagster_project.settings import Settings
from dagster_project.warehouse import manifest as parsed
from dagster_project.warehouse.quick_dbt import import_dbt, made_once


def _namespace():
    from dbt.context.macros import MacroNamespace

    layers = {
        "global_namespace": {"a": "root a", "b": "root b"},
        "local_namespace": {"a": "own a"},
        "global_project_namespace": {"a": "dbt a", "b": "dbt b", "c": "dbt c", "d": "dbt d"},
        "packages": {"c": {"x": "package x"}},
    }
    return MacroNamespace(**layers)


def test_packages_overrule_one_another_as_before():
    import_dbt()
    usual = dict(_namespace())
    with made_once():
        quick = _namespace()
        assert dict(quick) == usual
        assert len(quick) == len(usual)
        assert quick.get("unknown") is None
    assert dict(_namespace()) == usual
    assert usual["a"] == "own a"
    assert usual["b"] == "root b"


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
