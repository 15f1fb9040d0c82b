"""Edits of what is answered: security, the bodies and the statuses."""

from tests.defects.defect import shown
from tests.defects.edited import answer, operation, setting, succeeding_with, without
from tests.defects.requests import ABSENT, bearing, data, fields
from tests.support.in_process import ASHA, update

OK = fields()
NO_TOKEN = bearing(None)
UNKNOWN_LEAD = data(ABSENT, name="Nobody")
BAD_DATA = update(ASHA, {"lead_data": 1})
DENIED = "AUTH-1 AUTH-2 AUTH-3 AUTH-4"
REFUSED = "BODY-1 BODY-2 BODY-3 BODY-4 BODY-5 BODY-6"
UNKNOWN = "LEAD-1 MOVE-1 IDEM-1"
ABSENT_STATUS = operation("x-lookalike", "select", "absent")

SECURITY = (
    shown("nobody needs a token", DENIED, without("security"), NO_TOKEN),
    shown("the 401 has another message", DENIED, setting(answer("401", "message"), "Unauthorized"), NO_TOKEN),
    shown("the 401 says status 403 in its body", DENIED, setting(answer("401", "status"), 403), NO_TOKEN),
    shown("the 401 says its status as text", DENIED, setting(answer("401", "status"), "401"), NO_TOKEN),
    shown("the 401 says success true", DENIED, setting(answer("401", "success"), True), NO_TOKEN),
    shown("the 401 says nothing of success", DENIED, without(*answer("401", "success")), NO_TOKEN),
)

SUCCESSES = (
    shown(
        "the success message is misspelt", "OK-1", setting(answer("201", "message"), "Succesfully updated lead."), OK
    ),
    shown(
        "the success message has no full stop",
        "OK-1",
        setting(answer("201", "message"), "Successfully updated lead"),
        OK,
    ),
    shown("the success message is missing", "OK-1", without(*answer("201", "message")), OK),
    shown("the success message is null", "OK-1", setting(answer("201", "message"), None), OK),
    shown("the success says status 200 in its body", "OK-1", setting(answer("201", "status"), 200), OK),
    shown("the success says its status as text", "OK-1", setting(answer("201", "status"), "201"), OK),
    shown("the success says nothing of its status", "OK-1", without(*answer("201", "status")), OK),
    shown("the success says success false", "OK-1", setting(answer("201", "success"), False), OK),
    shown("the success says success as text", "OK-1", setting(answer("201", "success"), "true"), OK),
    shown("the success says nothing of success", "OK-1", without(*answer("201", "success")), OK),
    shown("a success is 200", "OK-1", succeeding_with("200", True), OK),
    shown("a success is 202", "OK-1", succeeding_with("202", True), OK),
    shown("a success is 204 without a body", "OK-1", succeeding_with("204", False), OK),
)

ERRORS = (
    shown("the 404 has another message", UNKNOWN, setting(answer("404", "message"), "Lead not found"), UNKNOWN_LEAD),
    shown("the 404 says its status as text", UNKNOWN, setting(answer("404", "status"), "404"), UNKNOWN_LEAD),
    shown("the 404 says success true", UNKNOWN, setting(answer("404", "success"), True), UNKNOWN_LEAD),
    shown(
        "the 404 has the message of the 401",
        UNKNOWN,
        setting(answer("404", "message"), "UnAuthorized Access-Token!"),
        UNKNOWN_LEAD,
    ),
    shown("an unknown lead is answered 400", UNKNOWN, setting(ABSENT_STATUS, "400"), UNKNOWN_LEAD),
    shown("the 400 has an empty message", REFUSED, setting(answer("400", "message"), ""), BAD_DATA),
    shown("the 400 has no message", REFUSED, without(*answer("400", "message")), BAD_DATA),
    shown(
        "the 400 has an object for a message",
        REFUSED,
        setting(answer("400", "message"), {"lead_data": "$answer.reason"}),
        BAD_DATA,
    ),
    shown("the 400 says success true", REFUSED, setting(answer("400", "success"), True), BAD_DATA),
    shown("the 400 says status 422 in its body", REFUSED, setting(answer("400", "status"), 422), BAD_DATA),
)

DEFECTS = (*SECURITY, *SUCCESSES, *ERRORS)
