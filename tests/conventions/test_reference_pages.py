"""The pages that can be derived say what the code says; `make docs` writes them."""

import pytest

from docs.generate import PAGES


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_page_is_what_the_generator_writes(path):
    assert path.read_text(encoding="utf-8") == PAGES[path](), "run: make docs"
