"""Rules for PUT of an item, and for storing its file."""

import re

from lookalike.contract.inference.resource_operation import Extension, ResourceOperation
from lookalike.contract.inference.rules.changes import changed_by, steps_named_in_body
from lookalike.contract.inference.rules.rule import Inference, answer_keyword
from lookalike.json_values import format_pointer
from lookalike.schema.view import SchemaView

_PARTIAL = re.compile(
    r"partial(?:ly)?\b[^.]{0,20}\bupdat|updates?\b[^.]{0,20}\bpartial"
    r"|only (?:the )?(?:fields|properties|values|attributes|parameters|members) (?:that (?:are|were) )?"
    r"(?:given|provided|sent|specified|present|included|passed|supplied)"
    r"|(?:unspecified|omitted|missing|not (?:given|provided|sent|specified|present|included|passed|supplied))\b"
    r"[^.]{0,60}"
    r"\b(?:unchanged|not (?:be )?(?:changed|modified|updated|affected)|left as|stay|remain|keep)"
    r"|\bsparse updates?\b",
    re.IGNORECASE,
)
"""Texts that say that members which are not sent stay as they are."""
_NOT_PARTIAL = re.compile(
    r"\b(?:don['’]t|do not|does not|doesn['’]t|cannot|can['’]t|not)\b[^.]*\bpartial", re.IGNORECASE
)
_REMOVED_BY_VALUE = re.compile(
    r"\bto (?:remove|clear|delete|unset|erase) (?:an? |the |any )?(?:optional )?"
    r"(?:field|attribute|property|value|parameter|member)s?\b[^.]{0,60}\b(?:null|empty|blank)\b",
    re.IGNORECASE,
)
"""Texts that say how a member is removed: otherwise than by leaving it out, then."""


def is_partial(text: str) -> bool:
    """Whether a text says of a change that members which are not sent stay as they are."""
    return _PARTIAL.search(_NOT_PARTIAL.sub("", text)) is not None


def replace_item(on: ResourceOperation) -> Inference | None:
    """PUT of an item. Evidence: the body's schema resembles the item's.

    That it creates an item where there is none is stated by a 201, or by its name where no other operation creates; or
    nothing is sent, and DELETE is beside it. Else it changes existing ones only. Members that the body's schema does
    not have stay as they are, since no request can say what becomes of them; and so do all that are not sent, where the
    text says that the update is partial.
    """
    status, body = on.operation.success_status, on.changes_in_body()
    if body is None and status and (stored := store_file(on)) is not None:
        return stored
    creates = "201" in on.operation.statuses or on.creates_by_name
    if body is None and (on.is_membership or (creates and not on.operation.media_types)):
        answer = on.response(status, on.item_template(status))
        return {"select": on.selector(absent="create"), **answer_keyword(answer)}, f"makes {on.noun_phrase} be there"
    body = body or on.whole_body()
    if body is None or not status:
        return None
    member = on.collection.view
    # `/pods/{name}/status` is about the status.
    if member and member in on.resource.schema.members.keys() & body[1].members.keys():
        extension = {
            "select": on.selector(),
            "apply": [{"set": {"fields": {member: f"{body[0]}#{format_pointer((member,))}"}}}],
            **answer_keyword(on.response(status, on.item_template(status))),
        }
        return extension, f"replaces {member} of {on.noun_phrase}"
    shows_part = bool(on.collection.view) and body[1].pointer != on.resource.schema.pointer
    if shows_part or (is_partial(on.operation.text) and not creates):
        changed = changed_by(on, body)
        reason = "the path shows a part" if shows_part else "the text says that it is partial"
        return (changed[0], f"{changed[1]}, since {reason}") if changed else None
    answer = _answer(on, status)
    is_given = on.resource.is_single and not (on.comes_and_goes and "post" in on.siblings)
    extension = {
        "select": on.selector(absent="create") if creates or is_given else on.selector(),
        "apply": [{"replace": {"with": body[0], **keeps(on, body[1])}}, *steps_named_in_body(on)],
        **answer_keyword(answer),
    }
    return extension, f"replaces {on.noun_phrase}" + (", or creates it" if creates else "")


_OF_CHANGES = ("200", "204")


def _answer(on: ResourceOperation, status: str) -> Extension:
    """The response to a PUT, which has 201 for a new item where another status of success is documented beside it."""
    if "201" not in on.operation.statuses:
        return on.response(status, on.item_template(status))
    changed = next((one for one in _OF_CHANGES if one in on.operation.statuses), status)
    answer = on.response(changed, on.item_template(status))
    return answer if changed == "201" else {**answer, "created": "201"}


def store_file(on: ResourceOperation) -> Inference | None:
    """PUT or POST of the file of an item. Evidence: the whole body is a file, and the response can show the item.

    A PUT where there is no such item makes one, as RFC 9110 section 9.3.4 has it.
    """
    template = on.item_template(on.operation.success_status)
    if template is None or not on.operation.uploads:
        return None
    absent = {"absent": "create"} if on.operation.method == "put" else {}
    answer = on.response(on.operation.success_status, template)
    if absent and {"200", "201"} <= {*on.operation.statuses}:
        answer["created"] = "201"
    return {"select": on.selector(**absent), **answer_keyword(answer)}, f"stores the file of {on.noun_phrase}"


def keeps(on: ResourceOperation, sent: SchemaView) -> Extension:
    """The members of the item that a body cannot have by its schema; all of them where that is one of a partial update.

    So it is where a text says how a member is removed. Such a schema requires none of the members that items must have,
    or that must be sent to make one: a server cannot replace an item by a body without them. FastAPI's own tutorial
    writes the schemas of `PUT` so.
    """
    item, key = on.resource.schema, on.resource.key
    needed = ((item.required | on.resource.needed) & sent.members.keys()) - {key}
    is_partial = bool(needed) and not needed & sent.required and sent.pointer != item.pointer
    is_partial = is_partial or _REMOVED_BY_VALUE.search(on.operation.text) is not None
    names = [name for name in item.members if (is_partial or name not in sent.members) and name != key]
    return {"keeps": names} if names and sent.members else {}
