"""The members of the catalogue: each line is a server, correct in its own way or wrong in one."""

import json
from collections.abc import Mapping

from tests.catalogue import (
    attributed,
    authored,
    below,
    bulk,
    complaints,
    conditional,
    described,
    downloads,
    enveloped,
    files,
    guarded,
    linked,
    odata,
    ordered,
    own_links,
    owned,
    paged,
    procedures,
    signed_in,
    staged,
    trees,
    unimplemented,
)
from tests.catalogue.ways import (
    CHANGED_NOTE,
    READ_NOTE,
    Member,
    any_parent,
    as_ascii,
    as_double,
    as_latin_1,
    changing_all,
    correct,
    crashing,
    cross_talk,
    deletes_all,
    deletes_nothing,
    echoing,
    ignoring,
    inverted_filter,
    keeping,
    lax,
    leaves_children,
    losing,
    no_parent_checked,
    not_listed,
    on,
    one_too_many,
    refusing,
    replacing,
    right_but,
    same_id,
    stores_nothing,
    taking_all,
    total_of_all,
    total_of_page,
    total_of_rest,
    under_any_parent,
    unfiltered,
    with_body,
    with_header,
    with_item,
    with_member,
    with_status,
    without_empty,
    without_header,
    wrong,
)
from tests.support.servers.serving import NOTHING

N = "/components/schemas/Note/properties"
LAX_NOTES: Mapping[str, str] = {
    "title/maxLength": "title",
    "title/minLength": "title",
    "title/type": "",
    "kind/enum": "",
    "code/pattern": "",
    "price/minimum": "",
    "price/maximum": "",
    "price/multipleOf": "",
    "stars/exclusiveMinimum": "",
    "stars/exclusiveMaximum": "",
    "count/type": "",
    "due/format": "",
    "day/format": "",
    "email/format": "",
    "ref/format": "",
    "tags/minItems": "",
    "tags/maxItems": "",
    "tags/uniqueItems": "",
    "tags/items/maxLength": "",
    "tags/items/type": "",
    "done/type": "",
    "schema/const": "",
    "nick/maxLength": "",
    "place/additionalProperties": "",
    "place/required": "",
    "place/properties/zip/pattern": "",
}
INVALID_NOTE = "createNote.refused-when-invalid replaceNote.refused-when-invalid changeNote.refused-when-invalid"


DEFECTS: tuple[Member, ...] = (
    *conditional.DEFECTS,
    *linked.DEFECTS,
    *guarded.DEFECTS,
    *complaints.DEFECTS,
    *files.DEFECTS,
    *enveloped.DEFECTS,
    *unimplemented.DEFECTS,
    *ordered.DEFECTS,
    *authored.DEFECTS,
    *described.DEFECTS,
    *below.DEFECTS,
    *procedures.DEFECTS,
    *odata.DEFECTS,
    *trees.DEFECTS,
    *paged.DEFECTS,
    *own_links.DEFECTS,
    *owned.DEFECTS,
    *downloads.DEFECTS,
    *attributed.DEFECTS,
    *bulk.DEFECTS,
    *signed_in.DEFECTS,
    *staged.DEFECTS,
    # Input that breaks the schema and is taken
    *(lax("notes", f"{N}/{pointer}", INVALID_NOTE) for pointer in LAX_NOTES),
    lax("notes", "/components/schemas/Note/required", INVALID_NOTE),
    lax("notes", "/components/schemas/Note/additionalProperties", INVALID_NOTE),
    lax("notes", "/components/schemas/NotePatch/minProperties", "changeNote.refused-when-invalid"),
    lax("notes", "/components/schemas/NotePatch/additionalProperties", "changeNote.refused-when-invalid"),
    lax("notes", "/paths/~1notes/get/parameters/0/schema/enum", "listNotes.refused-when-invalid"),
    lax("notes", "/paths/~1notes/get/parameters/1/schema/maximum", "listNotes.refused-when-invalid"),
    lax("notes", "/paths/~1notes/get/parameters/1/schema/minimum", "listNotes.refused-when-invalid"),
    lax("notes", "/paths/~1notes/get/parameters/2/schema/minimum", "listNotes.refused-when-invalid"),
    lax("notes", "/paths/~1notes/get/parameters/3/schema/format", "listNotes.refused-when-invalid"),
    lax(
        "contacts",
        "/components/schemas/Contact/properties/name/maxLength",
        "createContact.refused-when-invalid replaceContact.refused-when-invalid",
    ),
    lax(
        "contacts",
        "/components/schemas/Contact/properties/age/maximum",
        "createContact.refused-when-invalid replaceContact.refused-when-invalid",
    ),
    lax(
        "contacts",
        "/components/schemas/Contact/properties/phone/pattern",
        "createContact.refused-when-invalid replaceContact.refused-when-invalid",
    ),
    lax("pages", "/components/schemas/Page/properties/words/minimum", "putPage.refused-when-invalid"),
    lax(
        "pages",
        "/paths/~1pages~1{slug}/parameters/0/schema/pattern",
        "putPage.refused-when-invalid getPage.refused-when-invalid",
    ),
    lax("settings", "/components/schemas/Settings/properties/motto/maxLength", "putSettings.refused-when-invalid"),
    lax("settings", "/components/schemas/Settings/properties/size/maximum", "putSettings.refused-when-invalid"),
    lax(
        "sums",
        "/paths/~1calculateSum/post/requestBody/content/application~1json/schema/properties/terms/maxItems",
        "calculateSum.refused-when-invalid",
    ),
    lax(
        "sums",
        "/paths/~1calculateSum/post/requestBody/content/application~1json/schema/properties/terms/minItems",
        "calculateSum.refused-when-invalid",
    ),
    lax(
        "sums",
        "/paths/~1calculateSum/post/requestBody/content/application~1json/schema/additionalProperties",
        "calculateSum.refused-when-invalid",
    ),
    lax("sums", "/paths/~1translate/post/parameters/0/schema/pattern", "translate.refused-when-invalid"),
    lax(
        "samples",
        "/components/schemas/Sample/properties/value/maximum",
        "createSample.refused-when-invalid replaceSample.refused-when-invalid createSamples.refused-when-invalid",
    ),
    lax(
        "samples",
        "/paths/~1samples~1batch/post/requestBody/content/application~1json/schema/maxItems",
        "createSamples.refused-when-invalid",
    ),
    lax(
        "samples",
        "/paths/~1samples~1batch/post/requestBody/content/application~1json/schema/minItems",
        "createSamples.refused-when-invalid",
    ),
    wrong(
        "notes",
        "takes members that only the server sets",
        "createNote.ignores-read-only replaceNote.ignores-read-only changeNote.ignores-read-only",
        read_only="taken",
    ),
    wrong(
        "notes",
        "PATCH takes members that only the server sets",
        "changeNote.ignores-read-only",
        does={"changeNote": taking_all},
    ),
    # Answers
    wrong(
        "notes",
        "a date-time without a zone",
        "createNote.answers-as-documented getNote.answers-as-documented",
        shown=lambda item: {**item, "made": "2030-01-01T00:00:00"},
    ),
    wrong(
        "notes",
        "an id that is a text",
        "createNote.answers-as-documented getNote.answers-as-documented",
        shown=lambda item: {**item, "id": str(item["id"])},
    ),
    wrong(
        "notes",
        "a member that the schema forbids",
        "createNote.answers-as-documented getNote.answers-as-documented",
        shown=lambda item: {**item, "owner": 1},
    ),
    wrong(
        "notes",
        "lists show another shape",
        "listNotes.answers-as-documented",
        spoil=on("listNotes", with_item(lambda item: {**item, "kind": 3})),
    ),
    wrong(
        "notes",
        "lists of items without a required member",
        "listNotes.answers-as-documented",
        spoil=on("listNotes", with_item(lambda item: {name: one for name, one in item.items() if name != "title"})),
    ),
    wrong(
        "notes",
        "an error without the documented body",
        "getNote.answers-as-documented",
        spoil=refusing("getNote", with_body(NOTHING)),
    ),
    wrong(
        "notes",
        "an error whose body has another shape",
        "createNote.answers-as-documented",
        spoil=refusing("createNote", with_body({"error": "no"})),
    ),
    wrong(
        "notes",
        "an error as HTML",
        "getNote.answers-as-documented",
        spoil=refusing(
            "getNote", lambda answer: answer._replace(body=b"<p>no</p>", headers={"Content-Type": "text/html"})
        ),
    ),
    wrong(
        "notes",
        "JSON that is called HTML",
        "getNote.answers-as-documented",
        spoil=on("getNote", with_header("Content-Type", "text/html")),
    ),
    wrong(
        "notes",
        "another charset than is told",
        "getNote.answers-as-documented createNote.readable-after-create",
        spoil=on("getNote", as_latin_1),
    ),
    wrong(
        "notes",
        "a 204 with a body",
        "deleteNote.answers-as-documented",
        spoil=on("deleteNote", with_body({"done": True})),
    ),
    wrong(
        "notes",
        "a body that is cut off",
        "listNotes.answers-as-documented",
        spoil=on("listNotes", lambda answer: answer._replace(body=json.dumps(answer.body).encode()[:-1] + b",")),
    ),
    wrong("notes", "200 in place of the documented 201", "createNote.answers-as-documented", created=200),
    wrong(
        "notes", "a 500 for what does not exist", "getNote.answers-as-documented getNote.unknown-is-404", unknown=500
    ),
    wrong(
        "articles",
        "no ETag, which is required",
        "getArticle.answers-as-documented",
        spoil=on("getArticle", without_header("ETag")),
    ),
    wrong(
        "articles",
        "an ETag that is no entity tag",
        "getArticle.answers-as-documented",
        spoil=on("getArticle", with_header("ETag", "v1")),
    ),
    wrong(
        "orders",
        "a page without its total",
        "listOrders.answers-as-documented",
        spoil=on("listOrders", lambda answer: answer._replace(body={"data": answer.body["data"]})),
    ),
    wrong(
        "orders",
        "a list in place of a page",
        "listOrders.answers-as-documented",
        spoil=on("listOrders", lambda answer: answer._replace(body=answer.body["data"])),
    ),
    wrong(
        "sums",
        "a total that is a text",
        "calculateSum.answers-as-documented",
        spoil=on("calculateSum", with_member("total", "1")),
    ),
    wrong("sums", "an operation that is not there", "translate.is-implemented", does={"translate": crashing(501)}),
    # The members of items
    *(
        wrong("notes", f"a change leaves {name} as it was", CHANGED_NOTE, kept=ignoring(name))
        for name in ("title", "price", "due", "tags", "done", "nick", "place", "count", "kind", "ref")
    ),
    *(wrong("notes", f"{name} is lost", READ_NOTE, kept=losing(name)) for name in ("code", "stars", "day", "email")),
    wrong("notes", "characters beyond ASCII are lost", READ_NOTE, kept=keeping(title=as_ascii)),
    wrong("notes", "titles are cut at twenty characters", READ_NOTE, kept=keeping(title=lambda text: text[:20])),
    wrong("notes", "fractions are lost", READ_NOTE, kept=keeping(price=int)),
    wrong("notes", "integers beyond 2^53 are rounded", READ_NOTE, kept=keeping(count=as_double)),
    wrong("notes", "integers are kept in 32 bits", READ_NOTE, kept=keeping(count=lambda number: number & 0x7FFFFFFF)),
    wrong("notes", "an empty value changes nothing", CHANGED_NOTE, kept=without_empty),
    wrong("notes", "a change of anything sets code", CHANGED_NOTE, kept=cross_talk),
    wrong("notes", "all items get one id", "createNote.readable-after-create", does={"createNote": same_id}),
    wrong(
        "notes",
        "what is created is not stored",
        "createNote.readable-after-create createNote.listed-after-create",
        does={"createNote": stores_nothing},
    ),
    wrong("notes", "a change changes every item", CHANGED_NOTE, does={"changeNote": changing_all}),
    wrong(
        "notes", "PATCH drops what was not sent", "changeNote.rest-kept-after-change", does={"changeNote": replacing}
    ),
    wrong("notes", "DELETE deletes nothing", "deleteNote.absent-after-delete", does={"deleteNote": deletes_nothing}),
    wrong("notes", "DELETE deletes all", "deleteNote.absent-after-delete", does={"deleteNote": deletes_all}),
    wrong("pages", "PUT ignores words", "putPage.changed-after-change", kept=ignoring("words")),
    wrong(
        "pages", "what is put is not listed", "putPage.listed-after-create", does={"listPages": right_but(not_listed)}
    ),
    wrong("stock", "PUT ignores the shelf", "putLevel.changed-after-change", kept=ignoring("shelf")),
    wrong("stock", "DELETE deletes nothing", "deleteLevel.absent-after-delete", does={"deleteLevel": deletes_nothing}),
    wrong(
        "contacts",
        "vip is always true",
        "createContact.readable-after-create replaceContact.changed-after-change",
        kept=keeping(vip=bool, age=lambda age: age + 1),
    ),
    wrong("settings", "the motto is not kept", "putSettings.changed-after-change", kept=losing("motto")),
    wrong(
        "tasks",
        "lists have the tasks of all projects",
        "createTask.listed-after-create listTasks.answers-as-documented",
        does={"listTasks": any_parent},
    ),
    wrong("tasks", "tasks are read below any project", "getTask.unknown-is-404", does={"getTask": under_any_parent}),
    wrong(
        "tasks",
        "tasks outlive their project",
        "deleteProject.absent-after-delete",
        does={"deleteProject": leaves_children},
    ),
    wrong(
        "tasks",
        "tasks of a project that is not there are made",
        "createTask.unknown-is-404",
        does={"createTask": no_parent_checked},
    ),
    wrong(
        "orders",
        "orders forget the customer",
        "createOrder.readable-after-create replaceOrder.changed-after-change",
        kept=keeping(customerId=lambda id: id + 1),
    ),
    # Lists
    wrong(
        "notes",
        "the last item is not listed",
        "createNote.listed-after-create",
        does={"listNotes": right_but(not_listed)},
    ),
    wrong("notes", "a filter is ignored", "listNotes.filtered-as-asked", does={"listNotes": unfiltered("kind")}),
    wrong("notes", "a filter finds the others", "listNotes.filtered-as-asked", does={"listNotes": inverted_filter}),
    wrong("orders", "limit is ignored", "listOrders.paged-as-asked", does={"listOrders": unfiltered("limit")}),
    wrong("orders", "limit is off by one", "listOrders.paged-as-asked", does={"listOrders": one_too_many}),
    wrong(
        "orders",
        "the total is that of the page",
        "listOrders.paged-as-asked",
        does={"listOrders": right_but(total_of_page)},
    ),
    wrong(
        "orders",
        "the total counts what is left",
        "listOrders.paged-as-asked",
        does={"listOrders": right_but(total_of_rest)},
    ),
    wrong(
        "orders",
        "the total counts what a filter leaves out",
        "listOrders.filtered-as-asked",
        does={"listOrders": right_but(total_of_all)},
    ),
    wrong("orders", "a filter is ignored", "listOrders.filtered-as-asked", does={"listOrders": unfiltered("status")}),
    # Credentials
    wrong(
        "vault",
        "no token is asked for",
        "createSecret.refused-without-credentials",
        lets_in={"token": lambda asked: True},
    ),
    wrong(
        "vault",
        "any token is taken",
        "createSecret.refused-without-credentials",
        lets_in={"token": lambda asked: "bearer" in asked.headers.get("authorization", "").lower()},
    ),
    wrong(
        "vault",
        "a token that begins alike is taken",
        "createSecret.refused-without-credentials",
        lets_in={
            "token": lambda asked: (
                len(asked.headers.get("authorization", "")) > 8
                and "Bearer tok-write".startswith(asked.headers["authorization"])
            )
        },
    ),
    wrong(
        "vault",
        "an expired token is taken",
        "createSecret.refused-without-credentials",
        lets_in={"token": lambda asked: asked.headers.get("authorization") == "Bearer tok-old"},
    ),
    wrong(
        "vault",
        "a revoked token is taken",
        "createSecret.refused-without-credentials",
        lets_in={"token": lambda asked: asked.headers.get("authorization") == "Bearer tok-revoked"},
    ),
    wrong(
        "vault",
        "scopes are not looked at",
        "createSecret.refused-without-credentials",
        lets_in={"token": lambda asked: asked.headers.get("authorization") == "Bearer tok-read"},
    ),
    wrong(
        "vault",
        "a revoked key is taken",
        "getAudit.refused-without-credentials",
        lets_in={"key": lambda asked: asked.headers.get("x-api-key") == "key-revoked"},
    ),
    wrong(
        "vault",
        "the key of a pair is not asked for",
        "getAudit.refused-without-credentials",
        lets_in={"key": lambda asked: True},
    ),
    wrong(
        "vault",
        "the user of a pair is not asked for",
        "getAudit.refused-without-credentials",
        lets_in={"user": lambda asked: True},
    ),
    wrong(
        "vault",
        "any password is taken",
        "getAudit.refused-without-credentials",
        lets_in={"user": lambda asked: asked.headers.get("authorization", "").startswith("Basic YW5u")},
    ),
    wrong(
        "vault",
        "a key is taken from a header",
        "getUsage.refused-without-credentials",
        lets_in={"query": lambda asked: asked.headers.get("api_key") == "query-67890"},
    ),
)

CORRECT: tuple[Member, ...] = (
    *conditional.CORRECT,
    *linked.CORRECT,
    *guarded.CORRECT,
    *complaints.CORRECT,
    *files.CORRECT,
    *enveloped.CORRECT,
    *unimplemented.CORRECT,
    *ordered.CORRECT,
    *authored.CORRECT,
    *described.CORRECT,
    *below.CORRECT,
    *procedures.CORRECT,
    *odata.CORRECT,
    *trees.CORRECT,
    *paged.CORRECT,
    *own_links.CORRECT,
    *owned.CORRECT,
    *downloads.CORRECT,
    *attributed.CORRECT,
    *bulk.CORRECT,
    *signed_in.CORRECT,
    *staged.CORRECT,
    *(
        correct(shape, "as it is")
        for shape in (
            "notes",
            "orders",
            "tasks",
            "pages",
            "stock",
            "sums",
            "contacts",
            "articles",
            "settings",
            "samples",
            "groups",
            "vault",
            "payments",
        )
    ),
    *(
        correct(shape, "refuses with 422", refused=422)
        for shape in ("notes", "orders", "contacts", "settings", "samples", "pages")
    ),
    *(
        correct(shape, "answers 204 to the deletion of what is not there", delete_unknown=204)
        for shape in ("notes", "pages", "stock", "tasks")
    ),
    *(
        correct(shape, "answers 410 for what is not there", unknown=410)
        for shape in ("notes", "tasks", "pages", "articles")
    ),
    *(
        correct(shape, "refuses members that only the server sets", read_only="refused")
        for shape in ("contacts", "notes")
    ),
    correct("notes", "echoes members that only the server sets", spoil=echoing("made")),
    *(correct(shape, "lists the newest first", newest_first=True) for shape in ("notes", "orders", "tasks", "pages")),
    *(correct(shape, "has pages of three", page=3) for shape in ("notes", "orders")),
    *(
        correct(shape, "counts from a million", first_id=1_000_000)
        for shape in ("notes", "orders", "tasks", "groups", "payments", "contacts")
    ),
    *(correct(shape, "counts beyond 2^53", first_id=2**53 + 1) for shape in ("notes", "groups")),
    correct("notes", "trims titles", kept=keeping(title=str.strip)),
    correct("notes", "keeps emails in lower case", kept=keeping(email=str.lower)),
    correct(
        "notes",
        "shows a member only where it has a value",
        shown=lambda item: {name: value for name, value in item.items() if value is not None},
    ),
    correct("orders", "shows null for members without a value", shown=lambda item: item),
    correct(
        "contacts",
        "shows a link that the document does not tell of",
        shown=lambda item: {**item, "self": f"/contacts/{item['id']}"},
    ),
    correct("tasks", "shows when an item was made", shown=lambda item: {**item, "made": "2030-01-01T00:00:00Z"}),
    correct("articles", "shows a tag with a creation too", spoil=on("createArticle", with_header("ETag", '"x"'))),
    correct("pages", "replaces with 200 and creates with 200", spoil=on("putPage", with_status(200))),
    correct(
        "vault",
        "answers 403 to wrong credentials",
        spoil=lambda server, asked, answer: (
            answer._replace(status=403) if answer.status == 401 and asked.path[0] == "secrets" else answer
        ),
    ),
    correct("tasks", "keeps steps in their order", kept=keeping(steps=list)),
    correct(
        "notes",
        "answers with a charset",
        spoil=on("getNote listNotes", with_header("Content-Type", "application/json; charset=utf-8")),
    ),
    correct(
        "notes",
        "has more in its errors",
        spoil=refusing(
            "getNote createNote",
            lambda answer: answer._replace(
                body={**(answer.body if isinstance(answer.body, dict) else {"code": 1, "message": ""}), "trace": "x"}
            ),
        ),
    ),
    correct("notes", "has prices in two decimals", kept=keeping(price=lambda number: round(number, 2))),
    correct(
        "notes",
        "shows times with milliseconds",
        shown=lambda item: {
            **item,
            **({"due": item["due"].replace("Z", ".000Z")} if item.get("due", "").endswith(":00Z") else {}),
        },
    ),
)
