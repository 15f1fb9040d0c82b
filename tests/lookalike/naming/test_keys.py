"""The members that names of path parameters stand for."""

import pytest

from lookalike.naming.keys import key_field, parent_field


@pytest.mark.parametrize(
    ("param", "noun", "members", "key"),
    [
        ("petId", "pets", ["name", "id"], "id"),
        ("petId", "pets", ["pet_id", "id"], "pet_id"),
        ("pet_id", "pets", ["petId"], "petId"),
        ("id", "pets", ["PetID", "name"], "PetID"),
        ("username", "users", ["id", "username"], "username"),
        ("user", "users", ["name", "login"], "name"),
        ("slug", "articles", ["id", "slug"], "slug"),
        ("uuid", "tokens", ["id", "uuid"], "uuid"),
        ("number", "issues", ["id", "number"], "number"),
        ("petId", "pets", ["colour"], ""),
        ("date", "rates", ["id", "value"], ""),
    ],
)
def test_a_parameter_is_matched_with_the_member_that_it_names(
    param: str, noun: str, members: list[str], key: str
) -> None:
    assert key_field(param, noun, members) == key


@pytest.mark.parametrize(
    ("param", "noun", "members", "key"),
    [
        ("intent", "payment_intents", ["object", "id"], "id"),
        ("username", "users", ["name", "login", "id"], "login"),
        ("username", "users", ["name", "id"], "name"),
        ("promotion_code", "promotion_codes", ["code", "id"], "id"),
        ("zip_code", "places", ["code", "id"], "code"),
    ],
)
def test_a_parameter_names_a_member_under_a_usual_name(param: str, noun: str, members: list[str], key: str) -> None:
    assert key_field(param, noun, members) == key


def test_the_key_of_a_parent_is_never_the_own_one() -> None:
    assert parent_field("id", "owner", ["name"]) == "owner_id"
    assert parent_field("ownerId", "owner", ["owner_id"]) == "owner_id"
    assert parent_field("ownerId", "owner", ["owner"]) == "owner"
    assert parent_field("owner", "owner", ["owner_code"], parent_key="code") == "owner_code"


def test_a_parent_whose_collection_has_no_name_is_not_found_in_the_own_key() -> None:
    assert parent_field("repo", "", ["id", "title"], ["number"]) == "repo"
