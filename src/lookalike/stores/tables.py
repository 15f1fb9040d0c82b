"""The tables of a store: made in an empty database, and changed from those of an earlier version."""

from lookalike.errors import UsageError
from lookalike.stores.database import Database, Execute, serialised

VERSION = 2
ELSEWHERE = "Choose another database with --store"

# Texts are JSON where they stand for values: keys, so that 5 is not "5", and items. JSON has no NUL, which PostgreSQL
# refuses. `position` is the order of creation, `place` the order among the items of a parent.
_TABLES_OF_1 = (
    "CREATE TABLE lookalike_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE lookalike_sandboxes (name TEXT PRIMARY KEY, is_changed INTEGER NOT NULL, settings TEXT NOT NULL)",
    (
        "CREATE TABLE lookalike_items (sandbox TEXT NOT NULL, resource TEXT NOT NULL, id TEXT NOT NULL,"
        " key TEXT NOT NULL, position BIGINT NOT NULL, parent TEXT NOT NULL, place BIGINT NOT NULL, item TEXT NOT NULL,"
        " PRIMARY KEY (sandbox, resource, id))"
    ),
    "CREATE INDEX lookalike_items_by_position ON lookalike_items (sandbox, resource, position)",
    "CREATE INDEX lookalike_items_by_place ON lookalike_items (sandbox, resource, place)",
    "CREATE INDEX lookalike_items_by_parent ON lookalike_items (sandbox, resource, parent, place)",
    (
        "CREATE TABLE lookalike_aliases (sandbox TEXT NOT NULL, resource TEXT NOT NULL, alias TEXT NOT NULL,"
        " id TEXT NOT NULL, PRIMARY KEY (sandbox, resource, alias))"
    ),
    "CREATE INDEX lookalike_aliases_by_id ON lookalike_aliases (sandbox, resource, id)",
    (
        "CREATE TABLE lookalike_numbers (sandbox TEXT NOT NULL, resource TEXT NOT NULL, number TEXT NOT NULL,"
        " PRIMARY KEY (sandbox, resource))"
    ),
)

ALL_PARENTS = "*"
"""The parent in the table of counts that stands for all of them; no key is written so."""

# Counting the rows of a million items takes longer than all else of a request for a page of them.
_COUNTS = (
    (
        "CREATE TABLE lookalike_counts (sandbox TEXT NOT NULL, resource TEXT NOT NULL, parent TEXT NOT NULL,"
        " items BIGINT NOT NULL, PRIMARY KEY (sandbox, resource, parent))"
    ),
    (
        "INSERT INTO lookalike_counts (sandbox, resource, parent, items)"
        " SELECT sandbox, resource, '*', count(*) FROM lookalike_items GROUP BY sandbox, resource"
    ),
    (
        "INSERT INTO lookalike_counts (sandbox, resource, parent, items) SELECT sandbox, resource, parent, count(*)"
        " FROM lookalike_items WHERE parent <> '' GROUP BY sandbox, resource, parent"
    ),
)

# Each query is to have one index that it can use. PostgreSQL has no statistics of a new table, and takes several for
# equally good; one by which it reads all items of a resource makes the transaction meet all others there. So these
# begin with an expression, which only the queries of lists have.
_INDEXES = (
    "DROP INDEX lookalike_items_by_position",
    "CREATE INDEX lookalike_items_by_position ON lookalike_items ((sandbox || ''), resource, position)",
    "DROP INDEX lookalike_items_by_place",
    "CREATE INDEX lookalike_items_by_place ON lookalike_items ((sandbox || ''), resource, place)",
    "DROP INDEX lookalike_items_by_parent",
    "CREATE INDEX lookalike_items_by_parent ON lookalike_items ((sandbox || ''), resource, parent, place)",
    "DROP INDEX lookalike_aliases_by_id",
    "CREATE INDEX lookalike_aliases_by_id ON lookalike_aliases ((sandbox || ''), resource, id)",
)

# Made anew, since the latest databases of version 1 have the column `used` already.
_USED = (
    "ALTER TABLE lookalike_sandboxes RENAME TO lookalike_sandboxes_of_1",
    (
        "CREATE TABLE lookalike_sandboxes (name TEXT PRIMARY KEY, is_changed INTEGER NOT NULL, settings TEXT NOT NULL,"
        " used BIGINT NOT NULL)"
    ),
    (
        "INSERT INTO lookalike_sandboxes (name, is_changed, settings, used)"
        " SELECT name, is_changed, settings, 0 FROM lookalike_sandboxes_of_1"
    ),
    "DROP TABLE lookalike_sandboxes_of_1",
)

# `kind` is that of the text, and `weight` a number that a list of names shows; `number` is the order of creation.
_RECORDS = (
    (
        "CREATE TABLE lookalike_records (sandbox TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,"
        " number BIGINT NOT NULL, weight BIGINT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (sandbox, kind, name))"
    ),
    "CREATE INDEX lookalike_records_by_number ON lookalike_records ((sandbox || ''), kind, number)",
    "CREATE TABLE lookalike_journal (number {serial}, sandbox TEXT NOT NULL, value TEXT NOT NULL)",
    "CREATE INDEX lookalike_journal_by_sandbox ON lookalike_journal (sandbox, number)",
)


def prepare(database: Database) -> None:
    """Make the tables, or bring those of an earlier version up to date.

    Raises `UsageError` for a database of another program, or of a newer version of this one.
    """

    def work(execute: Execute) -> None:
        for version in range(_version(database, execute), VERSION):
            for statement in _STEPS[version]:
                execute(statement.replace("{serial}", database.serial))
        execute(_SET_META, "schema", str(VERSION))

    # Alone from the first attempt on: PostgreSQL shows a transaction the tables that others made since it began.
    serialised(database, work, is_alone=True)


def _version(database: Database, execute: Execute) -> int:
    """The version of the tables that are there, 0 if there are none."""
    tables, where = database.tables(execute), database.name
    if "lookalike_meta" not in tables:
        if any(name.startswith("lookalike_") for name in tables):
            raise UsageError(f"{where} has tables named lookalike_… that Lookalike did not make", ELSEWHERE)
        return 0
    rows = execute(_META, "schema")
    version = str(rows[0][0]) if rows else ""
    if not version.isdigit() or int(version) < 1:
        raise UsageError(f"{where} has a table lookalike_meta that Lookalike did not make", ELSEWHERE)
    if int(version) > VERSION:
        raise UsageError(
            f"{where} was made by a newer Lookalike (schema {version}; this one knows {VERSION})",
            "Upgrade Lookalike, or choose another database with --store",
        )
    return int(version)


def read_meta(execute: Execute, name: str) -> str:
    """A text about the whole database, empty if there is none."""
    rows = execute(_META, name)
    return str(rows[0][0]) if rows else ""


def write_meta(execute: Execute, name: str, value: str) -> None:
    """Keep a text about the whole database."""
    execute(_SET_META, name, value)


_STEPS = (_TABLES_OF_1, (*_USED, *_COUNTS, *_INDEXES, *_RECORDS))
_META = "SELECT value FROM lookalike_meta WHERE name = ?"
_SET_META = (
    "INSERT INTO lookalike_meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
