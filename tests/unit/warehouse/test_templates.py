"""dbt's compiled templates are kept by their text; a file that does not fit is not used."""

import marshal

import pytest
from dbt_common.clients.jinja import MacroFuzzEnvironment, get_environment, get_template

from dagster_project.warehouse import templates
from dagster_project.warehouse.templates import kept_templates


@pytest.fixture
def compiled(monkeypatch):
    """Texts that Jinja itself compiled."""
    found, original = [], MacroFuzzEnvironment.compile

    def spy(self, source, *rest, **options):
        found.append(source)
        return original(self, source, *rest, **options)

    monkeypatch.setattr(MacroFuzzEnvironment, "compile", spy)
    return found


def rendered(text: str, native: bool = False):
    return get_template(text, {}, native=native).render({"n": 2})


def test_a_template_is_compiled_once_and_means_the_same(tmp_path, compiled):
    for _ in range(2):
        with kept_templates(tmp_path):
            assert rendered("{{ n + 1 }} rows") == "3 rows"
            # The same text as a value is other code.
            assert rendered("{{ n + 1 }}", native=True) == 3
            assert rendered("{{ n + 1 }}") == "3"
    assert compiled == ["{{ n + 1 }} rows", "{{ n + 1 }}", "{{ n + 1 }}"]


@pytest.mark.parametrize(
    "content",
    [b"", b"torn", marshal.dumps(("another version", {})), marshal.dumps(7)],
    ids=["empty", "torn", "another version", "something else"],
)
def test_a_file_that_does_not_fit_is_written_anew(tmp_path, compiled, content):
    (tmp_path / templates._FILE).write_bytes(content)
    with kept_templates(tmp_path):
        assert rendered("{{ n }}") == "2"
    assert compiled == ["{{ n }}"]
    with kept_templates(tmp_path):
        assert rendered("{{ n }}") == "2"
    assert compiled == ["{{ n }}"]


def test_outside_dbt_compiles_as_it_does(tmp_path):
    usual = MacroFuzzEnvironment.compile
    with kept_templates(tmp_path):
        assert MacroFuzzEnvironment.compile is not usual
    assert MacroFuzzEnvironment.compile is usual
    assert get_environment().from_string("{{ 1 }}").render({}) == "1"
