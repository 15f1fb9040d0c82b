"""Servers of items that name another one, below which they are listed too, as books and their authors."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.catalogue.server import Server
from tests.catalogue.ways import Member, correct, wrong
from tests.support.servers.serving import Answer, Asked

Does = Callable[[Server, Asked], Answer]
BOOK = "/components/schemas/Book/properties"
INVALID_BOOK = "createBook.refused-when-invalid replaceBook.refused-when-invalid"


def created(language: str = "en") -> Does:
    """A new book, in a language where none was sent."""

    def does(server: Server, asked: Asked) -> Answer:
        answer = server.right(asked)
        if answer.status == 201:
            server.items[*asked.path, str(answer.body["id"])].setdefault("language", language)
            return answer._replace(body=server.items[*asked.path, str(answer.body["id"])])
        return answer

    return does


def list_books(server: Server, asked: Asked) -> Answer:
    """The books, those of one author where that is asked for."""
    found, author = server.below(asked.path), asked.query.get("author_id")
    return Answer(200, [one for one in found if author is None or str(one.get("author_id")) == author])


def every_book(server: Server, asked: Asked) -> Answer:
    return Answer(200, server.below(("books",)))


def books_of(server: Server, asked: Asked) -> Answer:
    """The books of an author."""
    if asked.path[:2] not in server.items:
        return server.problem(404)
    return Answer(200, [one for one in server.below(("books",)) if str(one.get("author_id")) == asked.path[1]])


def none_of(server: Server, asked: Asked) -> Answer:
    answer = books_of(server, asked)
    return answer._replace(body=[]) if answer.status == 200 else answer


def all_of(server: Server, asked: Asked) -> Answer:
    return every_book(server, asked) if asked.path[:2] in server.items else server.problem(404)


def delete_author(server: Server, asked: Asked) -> Answer:
    """The author that is deleted, whose books stay and have none."""
    author = server.items.pop(asked.path, None)
    for place, book in server.items.items():
        if place[0] == "books" and str(book.get("author_id")) == asked.path[1]:
            book["author_id"] = None
    return server.problem(404) if author is None else Answer(200, author)


def deletes_another(server: Server, asked: Asked) -> Answer:
    """The answer tells of the author after the one that is deleted."""
    answer = delete_author(server, asked)
    return answer._replace(body={**answer.body, "id": answer.body["id"] + 1}) if answer.status == 200 else answer


BOOKS: Mapping[str, Does] = {
    "createBook": created(),
    "listBooks": list_books,
    "listBooksOfAuthor": books_of,
    "deleteAuthor": delete_author,
}


def ways(**does: Does) -> dict[str, Any]:
    """The ways of a server of books, with other operations by their ids."""
    return {"does": {**BOOKS, **does}}


DEFECTS: tuple[Member, ...] = (
    wrong("books", "all are of any author", "listBooks.filtered-as-asked", **ways(listBooks=every_book)),
    wrong("books", "authors list all", "createBook.listed-after-create", **ways(listBooksOfAuthor=all_of)),
    wrong("books", "authors list none", "createBook.listed-after-create", **ways(listBooksOfAuthor=none_of)),
    wrong("books", "are in another language", "createBook.readable-after-create", **ways(createBook=created("fr"))),
    wrong(
        "books", "another author is told of", "deleteAuthor.answers-as-documented", **ways(deleteAuthor=deletes_another)
    ),
    *(
        wrong("books", f"takes links that break {keyword}", INVALID_BOOK, lax=(f"{BOOK}/links/{keyword}",), **ways())
        for keyword in ("additionalProperties/maxLength", "propertyNames/pattern")
    ),
)

CORRECT: tuple[Member, ...] = (correct("books", "as it is", **ways()),)
