"""A library of each kind, for the tests that ask both for the same."""

import pytest

from core.keeping.library import Library


@pytest.fixture(params=["disk", "memory"])
def library(request, tmp_path):
    library = Library(tmp_path / "library.sqlite" if request.param == "disk" else None)
    yield library
    assert library.problem is None
    library.close()
