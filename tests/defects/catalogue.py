"""All defects, by what they are about."""

from collections.abc import Mapping

from tests.defects import (
    edited_answers,
    edited_effects,
    edited_rules,
    envelopes,
    inconsistent,
    lead_data,
    moves,
    repeats,
    robustness,
    security,
    tag_lists,
    validation,
)
from tests.defects.defect import Defect

GROUPS: Mapping[str, tuple[Defect, ...]] = {
    "answers, by an edit of the document": edited_answers.DEFECTS,
    "rules, by an edit of the document": edited_rules.DEFECTS,
    "effects, by an edit of the document": edited_effects.DEFECTS,
    "security": security.DEFECTS,
    "envelopes": envelopes.DEFECTS,
    "validation": validation.DEFECTS,
    "robustness": robustness.DEFECTS,
    "tags": tag_lists.DEFECTS,
    "lead_data": lead_data.DEFECTS,
    "moves": moves.DEFECTS,
    "repetition, atomicity, flakiness": repeats.DEFECTS,
    "no choice of a reading": inconsistent.DEFECTS,
}
DEFECTS: tuple[Defect, ...] = tuple(defect for group in GROUPS.values() for defect in group)
