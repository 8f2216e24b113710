"""The page of edge cases: each with the tests that prove it, found by their names.

A test belongs to a case when its function is named `test_e14_…`, or when it stands in a file
`test_e14_….py` and names no other case itself. What no name can tell stands in `scenarios.yml`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

TESTS_DIR = Path(__file__).resolve().parents[1]
LIST = TESTS_DIR.parent / "docs" / "scenarios.yml"
PAGE = TESTS_DIR.parent / "docs" / "reference" / "scenarios.md"
_FUNCTION, _FILE = re.compile(r"test_e(\d\d)_"), re.compile(r"(?:test|_)_?e(\d\d)(?=_)")

HEADER = """# Edge cases

What happens in the awkward cases, and which tests prove it. Written from `docs/scenarios.yml` and
the names of the tests by `make docs`; do not edit it here. A case without a test is open; a case in
part says what no test proves yet.
"""


def cases() -> dict[str, dict[str, Any]]:
    """Return all cases by id: given, then, and where needed also and missing."""
    return yaml.safe_load(LIST.read_text(encoding="utf-8"))


def named_tests(root: Path = TESTS_DIR) -> dict[str, list[str]]:
    """Return the tests of each case by their names, as pytest node ids in order."""
    found: dict[str, list[str]] = {}
    for path in sorted(root.rglob("test_*.py")):
        in_file = [f"E{number}" for number in _FILE.findall(path.stem)]
        for name in functions_of(path):
            own = _FUNCTION.match(name)
            for case in [f"E{own[1]}"] if own else in_file:
                node = f"{path.relative_to(root.parent)}::{name}"
                found.setdefault(case, []).append(node)
    return found


def functions_of(path: Path) -> Iterator[str]:
    """Yield the names of the test functions of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for item in tree.body:
        if isinstance(item, ast.FunctionDef) and item.name.startswith("test_"):
            yield item.name


def proofs_of(case: str, named: dict[str, list[str]]) -> list[str]:
    """Return all tests of a case, those found by name and those that the list adds."""
    return [*named.get(case, []), *cases()[case].get("also", [])]


def scenarios_page() -> str:
    """One row per case: what is given, what follows, how far it is proved and by which tests."""
    named, known = named_tests(), cases()
    proved = {case: proofs_of(case, named) for case in known}
    whole = sum(bool(tests) and "missing" not in known[case] for case, tests in proved.items())
    part = sum(bool(tests) and "missing" in known[case] for case, tests in proved.items())
    count = f"{whole} of {len(known)} cases are proved, {part} in part."
    rows = [HEADER, count, "", "| case | given | then | state | tests |", "|---|---|---|---|---|"]
    for case, said in known.items():
        missing = said.get("missing")
        state = "open" if not proved[case] else f"in part; open: {missing}" if missing else "proved"
        tests = _by_file(proved[case])
        rows.append(f"| {case} | {said['given']} | {said['then']} | {state} | {tests} |")
    return "\n".join(rows) + "\n"


def _by_file(nodes: list[str]) -> str:
    """The files of tests, each once."""
    files = dict.fromkeys(node.split("::")[0] for node in nodes)
    return "<br>".join(f"[{Path(path).name}](../../{path})" for path in files)


def main() -> None:
    """Write the page."""
    PAGE.write_text(scenarios_page(), encoding="utf-8")
    print(PAGE.relative_to(TESTS_DIR.parent))


if __name__ == "__main__":
    main()
