"""Articles, tags and comments, as drf-spectacular 0.30 describes them, told by the client of openapi-generator.

That client reads each answer strictly by the schemas of the document.
"""

import importlib
from collections import ChainMap
from functools import partial
from typing import Any

from bench.sdk.generated.story import URL, attempt, check

client = importlib.import_module("client")
connection = client.ApiClient(client.Configuration(host=URL))
parts = [made(connection) for name, made in vars(client).items() if name.endswith("Api")]
api = ChainMap(*({name: getattr(part, name) for name in dir(part)} for part in parts))


def log_in(token: str) -> None:
    connection.default_headers["Authorization"] = f"Bearer {token}"


def refused(act: Any) -> tuple[int, str]:
    """The status and the body of a refusal."""
    try:
        act()
    except client.ApiException as error:
        return error.status, str(error.body)
    return 0, ""


def register(**members: str) -> Any:
    return api["register_create"](client.UserSRequest.from_dict(members))


def token_of(password: str) -> Any:
    return api["token_create"](client.TokenObtainPairRequest(username="asha", password=password))


def article(**members: object) -> Any:
    return api["articles_create"](client.ArticleSRequest.from_dict(members))


def titles(**query: object) -> list[str]:
    return [one.title for one in api["articles_list"](**query).results]


user = attempt(lambda: register(username="asha", email="asha@example.com", password="changethis"))
check("a user registers", lambda: (user.username, user.email.actual_instance), ("asha", "asha@example.com"))
check(
    "a name is taken once",
    lambda: refused(lambda: register(username="asha", password="changethis"))[0] in (400, 409, 422),
)
check("a wrong password is refused", lambda: refused(lambda: token_of("other-one"))[0], 401)
tokens = attempt(lambda: token_of("changethis"))
log_in("wrong")
check("a token that no login gave is refused", lambda: refused(api["users_me_retrieve"])[0], 401)
log_in(getattr(tokens, "access", ""))
check("the token says who asks", lambda: api["users_me_retrieve"]().username, "asha")
refreshed = attempt(lambda: api["token_refresh_create"](client.TokenRefreshRequest(refresh=tokens.refresh)))
check("a token is refreshed", lambda: bool(refreshed.access))


def tag(name: str) -> Any:
    return api["tags_create"](client.TagSRequest(name=name, slug=name))


tags = [attempt(partial(tag, name)) for name in ("news", "tech")]
check("tags are listed", lambda: [one.slug for one in api["tags_list"]()], ["news", "tech"])
first = attempt(lambda: article(title="First", body="about cats", tag_ids=[tags[0].id]))
check("an article is a draft of who made it", lambda: (first.status, first.author.username), ("draft", "asha"))
check("it shows its tags", lambda: [one.name for one in first.tags], ["news"])
check("nothing became of it yet", lambda: (first.views, first.comment_count, first.published_at), (0, 0, None))
for number in range(4):
    status = ("draft", "published")[number % 2]
    attempt(partial(article, title=f"T{number}", rating=f"{number}.50", status=status))
page = attempt(lambda: api["articles_list"](page_size=2))
check("a page has links", lambda: (page.count, page.previous, page.next is not None), (5, None, True))
check("the last page has none behind it", lambda: api["articles_list"](page_size=2, page=3).next, None)
check("articles are sorted", lambda: titles(ordering="title"), ["First", "T0", "T1", "T2", "T3"])
check("they are searched", lambda: titles(search="cats"), ["First"])
check("they are found by status", lambda: sorted(titles(status="published")), ["T1", "T3"])
check("they are found by a part of the title", lambda: titles(title__icontains="fir"), ["First"])
check("they are found by rating", lambda: sorted(titles(min_rating=2)), ["T2", "T3"])
check("they are found by author", lambda: len(titles(author="asha")), 5)
check("they are found by tag", lambda: titles(tag="news"), ["First"])
changed = attempt(lambda: api["articles_partial_update"](first.id, client.PatchedArticleSRequest(title="Second")))
check("one is changed in part", lambda: (changed.title, changed.body), ("Second", "about cats"))
check("one is published", lambda: api["articles_publish_create"](first.id).status, "published")
check("since when is known", lambda: api["articles_retrieve"](first.id).published_at is not None)
comment = attempt(lambda: api["comments_create"](client.CommentSRequest(article=first.id, text="nice")))
check("a comment waits for approval", lambda: (comment.author, comment.approved), ("asha", False))
check("comments are found by article", lambda: api["comments_list"](article=first.id).count, 1)
check("comments of an article are listed below it", lambda: len(api["articles_comments_list"](first.id)), 1)
check("an article counts them", lambda: api["articles_retrieve"](first.id).comment_count, 1)
check("an unknown one is 404", lambda: refused(lambda: api["articles_retrieve"](999))[0], 404)
check("one is deleted", lambda: api["articles_destroy"](first.id), None)
check("and gone", lambda: refused(lambda: api["articles_retrieve"](first.id))[0], 404)
check("with its comments", lambda: refused(lambda: api["comments_retrieve"](comment.id))[0], 404)
