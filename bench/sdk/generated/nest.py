"""A blog, as @nestjs/swagger describes it: a login, generic pages, actions with 201, comments, an upload."""

import json
from functools import partial
from typing import Any

from bench.sdk.generated.story import Client, attempt, check, file, models

model, guest = models(), Client()
token = attempt(
    lambda: guest.auth_controller_login(body=model.LoginDto(email="asha@example.com", password="secret")).parsed
)
check("a login gives a token", lambda: bool(token.access_token))
check("without a token nothing is read", lambda: guest.articles_controller_find_one("x").status_code, 401)
api = Client(token=getattr(token, "access_token", "none"))
check("the profile is the one who logged in", lambda: api.auth_controller_profile().parsed.email, "asha@example.com")


def article(number: int) -> Any:
    return model.CreateArticleDto(title=f"Title {number}", body="b", tags=["x"])


def created(number: int) -> Any:
    return api.articles_controller_create(body=article(number)).parsed


def page(**query: object) -> Any:
    return json.loads(api.articles_controller_find_all(**query).content)


made = [attempt(partial(created, number)) for number in range(5)]
first = made[0]
check("an article is created", lambda: (first.title, first.published, first.tags), ("Title 0", False, ["x"]))
check("keys differ", lambda: len({one.id for one in made}), 5)
check("it is read", lambda: api.articles_controller_find_one(first.id).parsed, first)
check(
    "articles are listed", lambda: [one["title"] for one in page()["data"]], [f"Title {number}" for number in range(5)]
)
numbers = {"page": 2, "take": 2, "itemCount": 5, "pageCount": 3, "hasPreviousPage": True, "hasNextPage": True}
check("a page has its numbers", lambda: page(page=2, take=2)["meta"], numbers)
check("the last page is short", lambda: len(page(page=3, take=2)["data"]), 1)
check("and says so", lambda: page(page=3, take=2)["meta"]["hasNextPage"], False)
change = attempt(lambda: model.UpdateArticleDto(title="Other title"))
check("it is changed", lambda: api.articles_controller_update(first.id, body=change).parsed.title, "Other title")
check("and keeps the rest", lambda: api.articles_controller_find_one(first.id).parsed.tags, ["x"])
check("it is published", lambda: json.loads(api.articles_controller_publish(first.id).content)["published"])
check("published ones are listed", lambda: [one["title"] for one in page(published=True)["data"]], ["Other title"])
comment = attempt(lambda: api.comments_controller_create(first.id, body=model.CreateCommentDto(text="Nice")).parsed)
check("a comment is created", lambda: (comment.text, comment.article_id), ("Nice", first.id))
check("it is listed", lambda: api.comments_controller_find_all(first.id).parsed, [comment])
check("and not below another article", lambda: api.comments_controller_find_all(made[1].id).parsed, [])
sent = attempt(lambda: model.FileUploadDto(file=file(b"hello", "a.txt", "text/plain")))
kept = attempt(lambda: api.files_controller_upload(body=sent).parsed)
check("a file is uploaded", lambda: (kept.originalname, kept.mimetype, kept.size), ("a.txt", "text/plain", 5))
check("it is read", lambda: api.files_controller_get(kept.id).parsed, kept)
check(
    "a short title is refused",
    lambda: api.articles_controller_create(body=model.CreateArticleDto(title="x", body="b")).status_code,
    400,
)
check("an article is deleted", lambda: api.articles_controller_remove(first.id).status_code, 200)
check("and gone", lambda: api.articles_controller_find_one(first.id).status_code, 404)
check("with its comments", lambda: api.comments_controller_find_all(first.id).status_code, 404)
