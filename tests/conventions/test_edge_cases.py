"""Every edge case is on the page of evidence, with tests that are really there."""

import pytest
from edge_cases import PAGE, TESTS_DIR, cases, functions_of, named_tests, scenarios_page


def test_page_is_what_the_names_of_the_tests_say():
    assert PAGE.read_text(encoding="utf-8") == scenarios_page(), "run: make docs"


def test_all_sixty_cases_are_listed_in_order():
    assert list(cases()) == [f"E{number:02d}" for number in range(1, 61)]


def test_every_case_that_a_test_names_is_listed():
    assert set(named_tests()) <= set(cases())


@pytest.mark.parametrize("case", cases())
def test_tests_that_the_list_adds_exist(case):
    for node in cases()[case].get("also", []):
        path, _, name = node.partition("::")
        assert name in functions_of(TESTS_DIR.parent / path), f"{node} is not there"


def test_a_function_that_names_its_case_counts_for_that_one_alone(tmp_path):
    file = tmp_path / "tests" / "test_e10_e11_merge.py"
    file.parent.mkdir()
    file.write_text("def test_e10_one(): ...\ndef test_both(): ...\ndef helper(): ...\n")
    path = "tests/test_e10_e11_merge.py"
    assert named_tests(file.parent) == {
        "E10": [f"{path}::test_e10_one", f"{path}::test_both"],
        "E11": [f"{path}::test_both"],
    }
