"""Edits of what is accepted: rules that are dropped, widened or added."""

from tests.defects.defect import shown
from tests.defects.edited import operation, schema, setting, without
from tests.defects.requests import data, fields, tags
from tests.support.in_process import ASHA, FREE, update

DATA = schema("LeadUpdate", "properties", "lead_data")
VALUES = (*DATA, "additionalProperties")
TAG_TYPE = schema("TagList", "items", "type")
USUAL = "TAG-1 TAG-2 DATA-1 IDEM-1 ATOM-1"

DEFECTS = (
    shown("a body that is an array is accepted", "BODY-2", without(*schema("LeadUpdate", "type")), update(ASHA, [])),
    shown("text is accepted as a tag", "BODY-3", setting(TAG_TYPE, ["number", "string"]), fields(add_tags=["x"])),
    shown("true is accepted as a tag", "BODY-3", setting(TAG_TYPE, ["number", "boolean"]), fields(add_tags=[True])),
    shown("null is accepted as a tag", "BODY-3", setting(TAG_TYPE, ["number", "null"]), fields(add_tags=[None])),
    shown(
        "a tag that comes twice in a list is refused",
        "TAG-1 TAG-2 OK-1 BODY-3",
        setting(schema("TagList", "uniqueItems"), True),
        tags(add=[5, 5]),
    ),
    shown(
        "an empty list of tags is refused",
        "TAG-2 TAG-1 OK-1 BODY-3",
        setting(schema("TagList", "minItems"), 1),
        tags(add=[]),
    ),
    shown(
        "more than two tags in a list are refused",
        "TAG-2 OK-1 BODY-3 IDEM-1 ATOM-1",
        setting(schema("TagList", "maxItems"), 2),
        tags(add=[1, 2, 4]),
    ),
    shown(
        "add_tags and remove_tags are refused together",
        "TAG-2 TAG-1 OK-1 ATOM-1 IDEM-1 MOVE-1",
        setting(schema("LeadUpdate", "not"), {"required": ["add_tags", "remove_tags"]}),
        tags(add=[1], remove=[3]),
    ),
    shown(
        "a new number needs no country code",
        "BODY-6 BODY-1",
        without(*schema("LeadUpdate", "allOf", 0)),
        update(ASHA, {"new_contact_number": FREE}),
    ),
    shown(
        "lead_data may hold texts only",
        "DATA-1 OK-1 BODY-4 BODY-7 IDEM-1",
        setting(VALUES, {"type": "string"}),
        data(score=1),
    ),
    shown(
        "lead_data may not hold objects",
        "DATA-1 OK-1 BODY-4 BODY-7 IDEM-1",
        setting(VALUES, {"not": {"type": "object"}}),
        data(address={"street": "1 Main Street"}),
    ),
    shown(
        "lead_data may not hold lists",
        "DATA-1 OK-1 BODY-4 BODY-7 IDEM-1",
        setting(VALUES, {"not": {"type": "array"}}),
        data(channels=["email"]),
    ),
    shown(
        "lead_data may not hold null",
        "DATA-1 OK-1 BODY-4",
        setting(VALUES, {"not": {"type": "null"}}),
        data(name=None),
        readings="null",
    ),
    shown(
        "lead_data may hold one member only",
        "DATA-1 OK-1 BODY-4 ATOM-1 IDEM-1 TAG-2 MOVE-1",
        setting((*DATA, "maxProperties"), 1),
        data(name="Asha", city="Pune"),
    ),
    shown(
        "lead_data may hold documented names only",
        "DATA-1 OK-1 BODY-4 BODY-7 IDEM-1 TAG-1 TAG-2",
        setting((*DATA, "propertyNames"), {"enum": ["name", "email", "dob"]}),
        data(city="Pune"),
    ),
    shown(
        "lead_data must hold a name",
        "DATA-1 OK-1 BODY-4 TAG-1 TAG-2 IDEM-1 ATOM-1 MEDIA-1 MOVE-1",
        setting((*DATA, "required"), ["name"]),
        data(city="Pune"),
    ),
    shown(
        "new_country_code is required beside lead_data",
        "OK-1 DATA-1 BODY-6 TAG-1 TAG-2 IDEM-1 MEDIA-1",
        setting(schema("LeadUpdate", "allOf", 0, "if"), {"required": ["lead_data"]}),
        data(city="Pune"),
    ),
    shown(
        "a lead whose number has eleven digits is unknown",
        "LEAD-1 OK-1 MOVE-1 TAG-1 TAG-2 DATA-1 IDEM-1",
        setting(operation("parameters", 0, "schema", "maximum"), 9_999_999_999),
        fields(),
        data(27005550142, name="Thandi"),
    ),
)
