"""The words in names."""

import pytest

from lookalike.naming.words import singular


@pytest.mark.parametrize(
    ("many", "one"),
    [
        *(("pets", "pet"), ("categories", "category"), ("boxes", "box"), ("status", "status"), ("me", "me")),
        *(("warehouses", "warehouse"), ("movies", "movie"), ("series", "series"), ("indices", "index")),
    ],
)
def test_a_resource_is_named_by_one_of_its_items(many: str, one: str) -> None:
    assert singular(many) == one
