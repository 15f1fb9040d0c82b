"""Values for requests: the seed decides them, but names and keys are those of one run alone."""

import json
import re
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lookalike.contract.contract import Contract
from lookalike.contract.reader import load_contract
from lookalike.contract.semantics import Unique
from lookalike.json_values import ABSENT
from lookalike.verify.requests.run_names import RunKeys, new_run_id
from lookalike.verify.requests.values import NameStyle, ValueGenerator

DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    post:
      operationId: createPet
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [name, kind]
              properties:
                name: {type: string, maxLength: 20}
                kind: {type: string, examples: [dog]}
                email: {type: string, format: email}
                slug: {type: string, pattern: "^[a-z]{8}$"}
                label: {enum: [small, large]}
                owner: {type: object, properties: {user_name: {type: string}, city: {type: string}}}
            example:
              {name: Rex, kind: dog, email: rex@example.com, slug: rexrexre, label: small,
               owner: {user_name: Asha, city: Pune}}
      responses: {"201": {description: made}}
  /pets/{id}:
    parameters: [{name: id, in: path, required: true, schema: SCHEMA}]
    get: {operationId: getPet, responses: {"200": {description: it}}}
"""
KEYS: dict[str, dict[str, Any]] = {
    "a number": {"type": "integer"},
    "a number of 32 bits": {"type": "integer", "format": "int32"},
    "a small number": {"type": "integer", "minimum": 10_000, "maximum": 1_000_000},
    "a text": {"type": "string"},
    "a UUID": {"type": "string", "format": "uuid"},
    "a text of a pattern": {"type": "string", "pattern": "^[a-f0-9]{24}$"},
    "a text of a form of its own": {"type": "string", "pattern": "^PET-[A-Z]{8}$"},
    "a short text": {"type": "string", "maxLength": 20},
}


def contract(folder: Path, key: dict[str, Any] | None = None) -> Contract:
    file = folder / "openapi.yaml"
    file.write_text(DOCUMENT.replace("SCHEMA", json.dumps(key or {"type": "string"})))
    return load_contract(file)


def drawn(read: Contract, values: ValueGenerator) -> list[Any]:
    """Some values of each kind."""
    create, get = read.operations[0], read.operations[1]
    return [
        *islice(values.bodies(create), 4),
        *islice(values.bodies(create, varied=True), 4),
        *(values.new_key(parameter) for parameter in get.parameters.values() for _ in range(3)),
    ]


def test_the_same_seed_draws_the_same_values_but_for_the_id_of_the_run(tmp_path: Path) -> None:
    read = contract(tmp_path)
    first, second = (json.dumps(drawn(read, ValueGenerator(read, 7, run))) for run in ("aaaabbbbc", "ddddeeeef"))
    other = json.dumps(drawn(read, ValueGenerator(read, 8, "aaaabbbbc")))
    assert first != second
    assert without_keys(first).replace("aaaabbbbc", "ddddeeeef") == without_keys(second)
    assert without_keys(first) != without_keys(other)


def without_keys(text: str) -> str:
    """The values without keys, of which the letters behind the id of the run differ too."""
    return re.sub(r"lookalike-[a-z]{17}", "", text)


def test_two_generators_of_one_run_draw_the_very_same(tmp_path: Path) -> None:
    read = contract(tmp_path)
    assert drawn(read, ValueGenerator(read, 7, "aaaabbbbc")) == drawn(read, ValueGenerator(read, 7, "aaaabbbbc"))


def test_a_story_draws_the_same_whatever_other_stories_drew(tmp_path: Path) -> None:
    read = contract(tmp_path)
    alone = drawn(read, ValueGenerator(read, 7, "aaaabbbbc").for_story("createPet.readable-after-create"))
    values = ValueGenerator(read, 7, "aaaabbbbc")
    drawn(read, values.for_story("createPet.listed-after-create"))
    assert drawn(read, values.for_story("createPet.readable-after-create")) == alone


def test_a_value_that_only_one_item_may_have_is_another_each_time(tmp_path: Path) -> None:
    read = contract(tmp_path)
    values, create = ValueGenerator(read, 7, "aaaabbbbc"), replace(read.operations[0], unique=(Unique("kind", "409"),))
    first, as_documented, *_ = values.bodies(create)
    assert as_documented["kind"] == "dog"  # a server may accept no other
    assert len({first["kind"], next(values.bodies(create))["kind"], "dog"}) == 3


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_keys_fit_their_schema_and_are_those_of_one_run_alone(tmp_path: Path, key: dict[str, Any]) -> None:
    read = contract(tmp_path, key)
    (parameter,) = read.operations[1].parameters.values()
    runs = [
        {ValueGenerator(read, 7, run, story).new_key(parameter) for story in ("", "a", "b")}
        for run in ("aaaabbbbc", "aaaabbbbd")
    ]
    assert [len(keys) for keys in runs] == [3, 3]
    assert not runs[0] & runs[1]
    assert parameter.schema is not None
    assert all(parameter.schema.accepts({"id": one}) for keys in runs for one in keys)


def test_each_kind_of_object_that_a_member_may_be_is_sent(tmp_path: Path) -> None:
    kinds = [{"type": "object", "required": [name], "properties": {name: {"type": "integer"}}} for name in ("a", "b")]
    file = tmp_path / "openapi.yaml"
    file.write_text(DOCUMENT.replace("{enum: [small, large]}", json.dumps({"oneOf": kinds})).replace("SCHEMA", "{}"))
    create = load_contract(file).operations[0]
    values = ValueGenerator(load_contract(file), 7)
    sent = [body["label"].keys() for body in values.with_choices(create, {"name": "Rex", "kind": "dog"})]
    assert sent == [{"a"}, {"b"}]


def test_a_key_that_may_be_counted_is_made_up_long(tmp_path: Path) -> None:
    read = contract(tmp_path, {"type": "string", "pattern": "^w-[0-9]+$"})
    (parameter,) = read.operations[1].parameters.values()
    assert min(len(ValueGenerator(read, seed, "aaaabbbbc").new_key(parameter)) for seed in range(20)) > len("w-999")


def test_a_key_of_a_closed_set_is_not_made_up(tmp_path: Path) -> None:
    read = contract(tmp_path, {"enum": ["a", "b"]})
    (parameter,) = read.operations[1].parameters.values()
    assert ValueGenerator(read, 7).new_key(parameter) is ABSENT


def test_names_have_the_mark_of_the_run_and_all_else_is_as_in_the_example(tmp_path: Path) -> None:
    read = contract(tmp_path)
    values = ValueGenerator(read, 7, "aaaabbbbc")
    first, second = (next(values.bodies(read.operations[0])) for _ in range(2))
    assert (first["kind"], first["label"], first["owner"]["city"]) == ("dog", "small", "Pune")
    assert values.marks.in_value(first["name"]).startswith("aaaabbbbc")
    assert values.marks.in_value(first["name"]) != values.marks.in_value(second["name"])


def test_the_name_of_an_item_is_marked_in_a_document_of_json_api_too(tmp_path: Path) -> None:
    item: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}, "owner": {"type": "object"}}}
    schema = {"type": "object", "properties": {"data": {"type": "object", "properties": {"attributes": item}}}}
    sent = {"data": {"attributes": {"name": "Rex", "owner": {"name": "Asha"}}}}
    body = {"content": {"application/json": {"schema": schema, "example": sent}}}
    post = {"requestBody": body, "responses": {"201": {"description": "made"}}}
    file = tmp_path / "openapi.json"
    file.write_text(
        json.dumps({"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {"/pets": {"post": post}}})
    )
    values, create = ValueGenerator(load_contract(file), 7, "aaaabbbbc"), load_contract(file).operations[0]
    pet = next(values.bodies(create))["data"]["attributes"]
    assert values.marks.in_value(pet["name"])
    assert pet["owner"] == {"name": "Asha"}


def test_without_a_run_names_are_those_of_the_example(tmp_path: Path) -> None:
    read = contract(tmp_path)
    values = ValueGenerator(read, 7)
    assert next(values.bodies(read.operations[0]))["name"] == "Rex"
    assert not values.marks.in_value("Rex lookalike")


def test_bodies_come_in_the_style_of_names_that_a_story_before_saw_accepted(tmp_path: Path) -> None:
    read = contract(tmp_path)
    create, values = read.operations[0], ValueGenerator(read, 7, "aaaabbbbc")
    styles = {body.names: body for body in list(values.proposed_bodies(create))[:3]}
    assert list(styles) == [NameStyle.MARKED, NameStyle.SLUG, NameStyle.UNMARKED]
    assert re.fullmatch("[a-z-]+", styles[NameStyle.SLUG].value["name"])
    for body in styles.values():
        story, beside = values.for_story("a"), values.for_story("b")
        before = next(values.proposed_bodies(create)).names
        story.accepted(create, body, varied=False)
        assert next(beside.proposed_bodies(create)).names is before
        values.take_over(story)
        assert next(values.for_story("c").proposed_bodies(create)).names is body.names


def test_where_only_the_example_was_accepted_no_varied_body_is_sent_again(tmp_path: Path) -> None:
    read = contract(tmp_path)
    create, values = read.operations[0], ValueGenerator(read, 7, "aaaabbbbc")
    first, *_, last = values.proposed_bodies(create, varied=True)
    assert (first.is_varied, last.is_varied) == (True, False)
    values.accepted(create, last, varied=True)
    assert not any(body.is_varied for body in values.proposed_bodies(create, varied=True))


def test_after_the_example_it_comes_without_optional_members_and_first_where_only_that_was_accepted(
    tmp_path: Path,
) -> None:
    read = contract(tmp_path)
    create, values = read.operations[0], ValueGenerator(read, 7)
    first, least = list(values.proposed_bodies(create))[:2]
    media = values.media(create)
    assert media is not None
    assert media.schema is not None
    assert (first.is_least, least.is_least) == (False, True)
    assert least.value.keys() < first.value.keys()
    smaller = ({name: one for name, one in least.value.items() if name != left} for left in least.value)
    assert not any(map(media.schema.accepts, smaller))
    values.accepted(create, least, varied=False)
    assert next(values.proposed_bodies(create, varied=True)).is_least


@pytest.mark.parametrize(
    ("pattern", "example"),
    [(r"^[a-z0-9-]+\.example\.$", "shop.example."), ("^[a-z]+$", "shop"), ("^[a-z]+/shop$", "a/shop")],
)
def test_a_name_that_has_to_fit_a_pattern_has_a_mark_too(tmp_path: Path, pattern: str, example: str) -> None:
    file = tmp_path / "openapi.yaml"
    text = DOCUMENT.replace("SCHEMA", "{type: string}").replace('"^[a-z]{8}$"', f"'{pattern}'")
    file.write_text(text.replace("rexrexre", example))
    values = ValueGenerator(load_contract(file), 7, "aaaabbbbc")
    slug = next(values.bodies(load_contract(file).operations[0]))["slug"]
    assert re.search(pattern, slug)
    assert values.marks.in_value(slug)


def test_ids_of_runs_are_of_one_length_grow_with_time_and_differ_within_a_second() -> None:
    ids = [new_run_id(1_800_000_000 + second, 0) for second in range(0, 10_000_000, 99_999)]
    assert {len(one) for one in ids} == {9}
    assert all(earlier < later for earlier, later in pairwise(ids))
    assert len({new_run_id(1_800_000_000.0, chance) for chance in range(100)}) == 100
    assert all(one.isalpha() and one.islower() for one in ids)


def test_the_keys_of_a_run_are_all_different() -> None:
    keys = RunKeys("aaaabbbbc", "a story")
    assert len({keys.text() for _ in range(500)} | {keys.uuid() for _ in range(500)}) == 1000
    assert UUID(keys.uuid()).version == 4
