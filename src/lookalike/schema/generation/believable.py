"""Believable values: items that look real, without Faker and the same at every start.

One source makes the values of one item. They agree with each other: an e-mail address has the name of the person, and a
change comes after the creation. Names decide by their last words, such as `createdAt` or `shipping_city`.
"""

import math
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from lookalike.json_values import is_number
from lookalike.schema.generation import words
from lookalike.schema.generation.random_source import Deterministic, Randomness, Seeded
from lookalike.schema.generation.rules import Rules
from lookalike.schema.generation.scalars import FORMATS

_PEOPLE = (
    *("user", "customer", "person", "contact", "member", "employee", "owner", "author", "client", "lead", "patient"),
    *("student", "guest", "driver", "agent", "teacher", "doctor", "player", "actor", "artist", "candidate", "staff"),
    *("recipient", "subscriber", "attendee", "participant", "tenant", "profile", "passenger", "operator", "admin"),
)
# The rank of times in the life of an item, by the words at the start or the end of their names: hours after its
# creation. Times without such a word come between the creation and the last change.
_HOURS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("created", "inserted", "added", "registered", "joined", "opened", "creation", "published", "timestamp"), 0),
    (("start", "begin", "from", "since", "scheduled", "checkin", "checkindate", "arrival", "pickup"), 30),
    (("checkout", "checkoutdate", "departure", "dropoff", "return", "returndate"), 24 * 5),
    (("updated", "modified", "changed", "edited", "lastseen", "lastlogin", "lastactivity", "update"), 60),
    (("finished", "completed", "closed", "archived", "canceled", "cancelled", "deleted", "resolved", "merged"), 48),
    (("end", "until", "due", "expire", "expiry", "expiration", "deadline", "validto", "ends", "deliver"), 24 * 30),
)
_OF_COMPANIES = ("website", "domain", "url", "address", "street", "city", "vatnumber", "taxid", "industry", "price")
_NO_TEXT = "string"  # the example that tools write where the author wrote none
_REGIONS = ("state", "province", "region", "county", "statecode", "provincecode")
_PARTS_OF_ADDRESSES = ("city", "town", "zip", "zipcode", "postcode", "postalcode", "street", "line1", "country")
_NUMBERS = frozenset({"int64", "int32", "integer"})  # formats of texts that hold whole numbers
_QUANTITIES = {"numberof": "count", "percent": "percent"}  # which some names have at their start
_EPOCH = frozenset({"unixtime", "unix-time", "unix-timestamp", "timestamp", "epoch"})
_TIME_FORMATS = {
    "date": "%Y-%m-%d",
    **dict.fromkeys(("date-time", "datetime", "dateTime", "iso-datetime"), "%Y-%m-%dT%H:%M:%SZ"),
    **dict.fromkeys(("http-date", "date-time-rfc1123"), "%a, %d %b %Y %H:%M:%S GMT"),
    "date-time-rfc-2822": "%a, %d %b %Y %H:%M:%S +0000",
}
# The formats of times in texts of which the document says no format, by the ends of names: Go's and PHP's documents
# seldom say one, and a page that shows a time can read no other text.
_TIMES_BY_NAME: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("edat", "startat", "startsat", "endat", "endsat", "expiresat", "sentat", "paidat", "seenat", "loginat"),
        "date-time",
    ),
    (("createdon", "updatedon", "modifiedon", "timestamp", "datetime", "expirationtime", "lastlogin"), "date-time"),
    (("date", "birthday", "dateofbirth", "dob"), "date"),
)
_SHOWN_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:([T ])\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?)?")
_SHOWN_CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?")
_SHOWN_TIMES = {"date-time": re.compile(r"\d{4}-\d\d-\d\dT.*"), "date": re.compile(r"\d{4}-\d\d-\d\d")}
_BORN = datetime(1950, 1, 1, tzinfo=UTC).timestamp()
_HOUR, _DAY, _YEAR = 3_600, 86_400, 31_557_600
_MILLENNIUM = datetime(2001, 1, 1, tzinfo=UTC).timestamp()
_YEARS = range(1900, 2027)
_TYPICAL_SEED = 1
_COUNTRY_CODE = 2  # letters (ISO 3166-1 alpha-2)
_NOT_PLAIN = re.compile(r"[^a-z0-9]")


class BelievableRandomness(Seeded):
    """The values of one item: of a seed, of the noun that it is called by, of its number, and the time of creation."""

    def __init__(self, seed: int, noun: str, number: int, created: float) -> None:
        super().__init__(f"{seed}/{noun}/{number}")
        order = random.Random(f"{seed}/{noun}")  # noqa: S311  # values of a mock are no secrets
        # The same order for all items of a noun, so that no two neighbours have the same name.
        self.first_name, self.last_name, quality, thing, self.title = (
            order.sample(table, len(table))[number % len(table)]
            for table in (words.FIRST_NAMES, words.LAST_NAMES, words.QUALITIES, words.THINGS, words.TITLES)
        )
        self.thing = f"{quality} {thing}"
        self.city = order.sample(words.CITIES, len(words.CITIES))[number % len(words.CITIES)]
        self.is_person = self.is_of_person = _plain(noun).endswith(_PEOPLE)
        self._created = created

    def realistic(
        self, name: str, type_name: str, rules: Rules, shown: Sequence[Any], siblings: tuple[str, ...] = ()
    ) -> Iterator[Any]:
        """Values of the member's format, else of its name, else like those that the document shows of it."""
        plain = _plain(name)
        self.is_of_person = self.is_person or _describe_person(siblings)
        if type_name == "string" and plain.endswith(_REGIONS) and _describe_place(siblings):
            yield from (self.city.region, self.city.country_code)
        elif type_name == "string":
            yield from self._strings(plain, rules, [one for one in shown if isinstance(one, str) and one != _NO_TEXT])
        elif type_name in ("integer", "number"):
            yield from self._numbers(plain, type_name, rules, [one for one in shown if isinstance(one, int | float)])
        elif type_name == "array":
            yield from (self._some(one) for one in shown if isinstance(one, list) and all(map(_is_text, one)))

    # --- Texts ---

    def _strings(self, name: str, rules: Rules, shown: Sequence[str]) -> Iterator[str]:
        format_name = rules.get("format") or _time_format(name, rules, shown)
        if shown and (form := _SHOWN_TIME.fullmatch(shown[0])):
            yield _time_like(form, self._time(name))
        if shown and _SHOWN_CLOCK.fullmatch(shown[0]):
            yield f"{8 + self.pick(12):02}:{15 * self.pick(4):02}:00"[: len(shown[0])]
        if format_name in _NUMBERS and (_is_time(name) or name.endswith("edat")):
            yield str(int(self._time(name)))
        if format_name in _TIME_FORMATS:
            yield datetime.fromtimestamp(self._time(name), UTC).strftime(_TIME_FORMATS[format_name])
            return
        make = _BY_FORMAT.get(format_name) if format_name else _maker(name)
        is_shown = make in (None, _number, _state) or (make in _NAMES and any(map(_is_code, shown)))
        if shown and is_shown and not format_name:
            yield self._like(self.choose(shown))
        if make is not None:
            yield _written_like(shown[0], make(self)) if shown and make in _NAMES else self._cased(shown, make)
            if make is _country:  # which may have to be a code by its length
                yield self.city.country_code
        elif not format_name and not rules["patterns"] and not shown:
            first, second = self._random.sample(words.WORDS, 2)
            yield from (first, f"{first} {second}")  # a list may have to hold different ones

    def _cased(self, shown: Sequence[str], make: "MakeText") -> str:
        """A text, which is a code of a country or in small letters where the example is."""
        text = (_country_code if make is _country and shown and len(shown[0]) == _COUNTRY_CODE else make)(self)
        return text.lower() if shown and shown[0].islower() and text.isupper() else text

    def _some(self, shown: Sequence[str]) -> list[str]:
        """Some texts of a list that the document shows, in its order."""
        taken = {*self._random.sample(shown, self._random.randint(min(1, len(shown)), len(shown)))}
        return [one for one in dict.fromkeys(shown) if one in taken]

    def _like(self, shown: str) -> str:
        """A text like one that the document shows, with other digits: `INV-0042` becomes `INV-5170`."""
        return re.sub(r"[0-9]", lambda _: str(self._random.randrange(1, 10)), shown)

    def choose(self, values: Sequence[str]) -> str:
        """One of several texts."""
        return self._random.choice(values)

    def digits(self, count: int) -> str:
        """A text of digits."""
        return "".join(str(self._random.randrange(10)) for _ in range(count))

    def uuid(self) -> str:
        """A UUID of version 4."""
        return str(UUID(int=self._random.getrandbits(128), version=4))

    # --- Numbers and times ---

    def _numbers(self, name: str, type_name: str, rules: Rules, shown: Sequence[float]) -> Iterator[Any]:
        is_whole = type_name == "integer"
        name = next((name + quantity for start, quantity in _QUANTITIES.items() if name.startswith(start)), name)
        if is_whole and shown and is_time_in_milliseconds(shown[0]):
            yield int(self._time(name)) * 1000
        if rules.get("format") in _EPOCH or (is_whole and _is_time(name)):
            yield int(self._time(name))
        if is_whole and shown and shown[0] in _YEARS:
            yield self._random.choice(_YEARS[-25:])
        for endings, (low, high) in _RANGES.items():
            if name.endswith(endings) and "multipleOf" not in rules:
                least, most = max(low, rules.get("minimum", low)), min(high, rules.get("maximum", high))
                if least <= most:
                    value = self._random.uniform(least, most)
                    yield int(value) if is_whole else round(value, 2)
        if shown and not isinstance(shown[0], bool) and shown[0] > 1:
            value = shown[0] * self._random.uniform(0.5, 1.5)
            yield int(value) if is_whole else round(value, 2)

    def _time(self, name: str) -> float:
        if "birth" in name or name == "dob":
            return _BORN + self._random.randrange(50 * _YEAR) // _DAY * _DAY
        hours = next((hours for words, hours in _HOURS if name.startswith(words) or name.endswith(words)), None)
        if hours is None:
            hours = next((hours for words, hours in _HOURS if any(word in name for word in words)), 12)
        return self._created + hours * _HOUR + (self._random.randrange(6 * _HOUR) if hours else 0)


def _plain(name: str) -> str:
    return _NOT_PLAIN.sub("", name.lower())


@lru_cache(maxsize=256)
def _describe_person(names: tuple[str, ...]) -> bool:
    """Whether members describe a person, as an author: by a name to log in, or by an address but no site."""
    plain_names = [*map(_plain, names)]
    is_named = any(one.endswith(("username", "login", "firstname", "lastname", "birthday")) for one in plain_names)
    return is_named or (any(map(_is_mail, plain_names)) and not any(one.endswith(_OF_COMPANIES) for one in plain_names))


@lru_cache(maxsize=256)
def _describe_place(names: tuple[str, ...]) -> bool:
    """Whether members describe an address, whose `state` is no state of an item."""
    return any(_plain(one).endswith(_PARTS_OF_ADDRESSES) for one in names)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != _NO_TEXT


def _is_mail(plain_name: str) -> bool:
    return plain_name.endswith(("email", "mail", "emailaddress"))


def _time_like(form: re.Match[str], time: float) -> str:
    """A time as an example writes times, in UTC where it names an offset."""
    separator, seconds, fraction, offset = form.groups()[1:]
    parts = ("%Y-%m-%d", f"{separator}%H:%M" if separator else "", ":%S" if seconds else "")
    text = datetime.fromtimestamp(time, UTC).strftime("".join(parts))
    zero = "" if not offset else "Z" if offset == "Z" else "+00:00" if ":" in offset else "+0000"
    return text + ("." + "0" * (len(fraction) - 1) if fraction else "") + zero


def is_time_in_milliseconds(example: Any) -> bool:
    """Whether an example is the time since 1970, of this century."""
    number = example if is_number(example) else 0
    return _MILLENNIUM <= number / 1000 <= 2 * _MILLENNIUM + _YEAR


def _is_code(text: str) -> bool:
    """Whether an example is a code rather than a name: one word with digits, such as `INV-0042`."""
    return " " not in text and any(map(str.isdigit, text))


def _written_like(shown: str, name: str) -> str:
    """A name with the case, and the mark between its words, of one that the document shows, such as `hello-world`."""
    mark = next((one for one in "-_." if one in shown), "") if " " not in shown else " "
    if " " not in shown and not mark and shown.islower():
        mark = "-"
    text = name.replace(" ", mark or " ")
    return text.lower() if shown.islower() else text.upper() if mark != " " and shown.isupper() else text


def _is_time(name: str) -> bool:
    is_created = any(name.startswith(words) for words, _ in _HOURS[:1]) and not name.endswith(("by", "id", "count"))
    return is_created or name.endswith(("updatedat", "modifiedat", "timestamp"))


def _time_format(plain_name: str, rules: Rules, shown: Sequence[str] = ()) -> str:
    """The format of the time that a text holds by its name, as examples have it; empty where it is none."""
    named = next((one for endings, one in _TIMES_BY_NAME if plain_name.endswith(endings)), "")
    if not named or rules["patterns"] or not shown:
        return "" if rules["patterns"] else named
    return next((one for one, pattern in _SHOWN_TIMES.items() if pattern.fullmatch(shown[0])), "")


class _Typical(Deterministic):
    """The first of everything, with a text that people would write where a name tells which and nothing is shown."""

    def realistic(
        self, name: str, type_name: str, rules: Rules, shown: Sequence[Any], siblings: tuple[str, ...] = ()
    ) -> Iterator[Any]:
        """The text for the name of a member, if any."""
        if type_name == "string" and not shown and "format" not in rules and not rules["patterns"]:
            text = _typical_text(_plain(name), _time_format(_plain(name), rules))
            if text and rules.get("minLength", 0) <= len(text) <= rules.get("maxLength", math.inf):
                yield text


@lru_cache(maxsize=4096)
def _typical_text(plain_name: str, format_name: str) -> str:
    """The text of a member of that name; empty where neither the name tells anything nor the format is of a time."""
    if format_name:
        return FORMATS[format_name][0]
    if plain_name.endswith(("message", "msg")):
        return "OK"  # of a response, whose message is about what was done
    make = _maker(plain_name)
    if make is None:
        return ""
    values = BelievableRandomness(_TYPICAL_SEED, "", 0, 0)
    values.begin_with(plain_name)  # so that a summary is no description
    return make(values)


TYPICAL: Randomness = _Typical()


def _maker(plain_name: str) -> "MakeText | None":
    return next((one for ends, one in _BY_NAME.items() if plain_name.endswith(ends)), None)


# --- Makers of texts ---

MakeText = Callable[[BelievableRandomness], str]


def _name(values: BelievableRandomness) -> str:
    return f"{values.first_name} {values.last_name}" if values.is_of_person else values.thing


def _thing(values: BelievableRandomness) -> str:
    return values.thing


def _full_name(values: BelievableRandomness) -> str:
    return f"{values.first_name} {values.last_name}"


def _first_name(values: BelievableRandomness) -> str:
    return values.first_name


def _last_name(values: BelievableRandomness) -> str:
    return values.last_name


def _user_name(values: BelievableRandomness) -> str:
    return f"{values.first_name}.{values.last_name}".lower()


def _email(values: BelievableRandomness) -> str:
    return f"{_user_name(values)}@example.com"  # RFC 2606 section 3


def _phone(values: BelievableRandomness) -> str:
    return f"+120255501{values.digits(2)}"  # numbers that are kept for fiction


def _slug(values: BelievableRandomness) -> str:
    return values.thing.lower().replace(" ", "-")


def _company(values: BelievableRandomness) -> str:
    return f"{values.last_name} {values.choose(words.COMPANY_FORMS)}"


def _host(values: BelievableRandomness) -> str:
    return f"{_slug(values)}.example.com"


def _url(values: BelievableRandomness) -> str:
    return f"https://example.com/{_slug(values)}"


def _image(values: BelievableRandomness) -> str:
    return f"https://example.com/{_slug(values)}.png"


def _word(values: BelievableRandomness) -> str:
    return values.choose(words.WORDS)


def _state(values: BelievableRandomness) -> str:
    return "active"


def _role(values: BelievableRandomness) -> str:
    return values.choose(("member", "editor", "admin"))


def _visibility(values: BelievableRandomness) -> str:
    return values.choose(("public", "private"))


def _version(values: BelievableRandomness) -> str:
    return f"1.{values.pick(10)}.{values.pick(10)}"


def _ipv4(values: BelievableRandomness) -> str:
    return f"192.0.2.{1 + values.pick(254)}"  # RFC 5737


def _ipv6(values: BelievableRandomness) -> str:
    return f"2001:db8::{1 + values.pick(0xFFFE):x}"  # RFC 3849


def _uuid(values: BelievableRandomness) -> str:
    return values.uuid()


def _street(values: BelievableRandomness) -> str:
    return f"{1 + values.pick(120)} {values.choose(words.STREETS)}"


def _city(values: BelievableRandomness) -> str:
    return values.city.name


def _country(values: BelievableRandomness) -> str:
    return values.city.country


def _country_code(values: BelievableRandomness) -> str:
    return values.city.country_code


def _postcode(values: BelievableRandomness) -> str:
    return values.city.postcode


def _address(values: BelievableRandomness) -> str:
    return f"{_street(values)}, {values.city.postcode} {values.city.name}"


def _title(values: BelievableRandomness) -> str:
    return values.title


def _sentence(values: BelievableRandomness) -> str:
    return values.choose(words.SENTENCES)


def _text(values: BelievableRandomness) -> str:
    return f"{values.choose(words.SENTENCES)} {values.choose(words.SENTENCES)}"


def _file_name(values: BelievableRandomness) -> str:
    return f"{_slug(values)}.pdf"


def _color(values: BelievableRandomness) -> str:
    return f"#{values.pick(0xFFFFFF):06x}"


def _currency(values: BelievableRandomness) -> str:
    return values.city.currency


def _language(values: BelievableRandomness) -> str:
    return values.city.language


def _time_zone(values: BelievableRandomness) -> str:
    return values.city.time_zone


def _number(values: BelievableRandomness) -> str:
    return values.digits(8)


def _decimal(values: BelievableRandomness) -> str:
    return f"{1 + values.pick(500)}.{values.digits(2)}"


def _iban(values: BelievableRandomness) -> str:
    return f"DE00{values.digits(18)}"  # ISO 13616, with a check that no bank accepts


def _digest(values: BelievableRandomness) -> str:
    return values.uuid().replace("-", "")


_NAMES = (_name, _title, _full_name, _thing)  # of which an example that all items had would hide all variety
_BY_FORMAT: Mapping[str, MakeText] = {
    **dict.fromkeys(("email", "idn-email"), _email),
    **dict.fromkeys(("hostname", "idn-hostname"), _host),
    **dict.fromkeys(("uri", "url", "iri"), _url),
    **dict.fromkeys(("decimal", "decimal128", "double", "float", "sf-decimal"), _decimal),
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "uuid": _uuid,
    "phone": _phone,
    "color": _color,
}
# By the ends of names, the longer before those that they end with.
_BY_NAME: Mapping[tuple[str, ...], MakeText] = {
    ("firstname", "givenname", "forename"): _first_name,
    ("lastname", "surname", "familyname"): _last_name,
    ("username", "login", "handle", "nickname", "loginname"): _user_name,
    ("companyname", "company", "organization", "organisation", "employer", "vendor"): _company,
    ("filename",): _file_name,
    ("realname", "author", "contactname"): _full_name,
    ("countrycode",): _country_code,
    ("street", "addressline1", "line1", "streetname"): _street,
    ("cityname", "city", "town", "location"): _city,
    ("countryname", "country", "nationality"): _country,
    ("hostname", "host", "domain"): _host,
    ("name",): _name,
    ("email", "mail", "emailaddress"): _email,
    ("phone", "phonenumber", "mobile", "telephone", "fax"): _phone,
    ("postcode", "postalcode", "zipcode", "zip"): _postcode,
    ("ipaddress", "ip"): _ipv4,
    ("address",): _address,
    ("currency", "currencycode"): _currency,
    ("locale", "language", "lang"): _language,
    ("timezone", "tz"): _time_zone,
    ("color", "colour"): _color,
    ("product", "item", "category", "label", "brand", "project", "model"): _thing,
    ("title", "subject", "headline"): _title,
    ("summary", "message", "comment", "note", "notes", "reason", "caption"): _sentence,
    ("description", "text", "body", "content", "bio", "about"): _text,
    ("slug",): _slug,
    ("image", "avatar", "photo", "picture", "thumbnail", "logo", "banner", "cover"): _image,
    ("tag", "tags", "taglist", "keyword", "keywords", "labels", "topic", "topics"): _word,
    ("status", "state"): _state,
    ("role",): _role,
    ("version",): _version,
    ("url", "uri", "href", "link", "website", "homepage"): _url,
    ("uuid", "guid"): _uuid,
    ("sha", "sha1", "hash", "checksum", "digest", "etag", "fingerprint"): _digest,
    ("token", "secret", "apikey", "clientid", "publickey"): _digest,
    ("visibility",): _visibility,
    ("number", "reference", "sku", "barcode"): _number,
    ("iban",): _iban,
    ("price", "amount", "balance", "salary", "subtotal", "grandtotal"): _decimal,
}
# By the ends of names too: the bounds of numbers.
_RANGES: Mapping[tuple[str, ...], tuple[float, float]] = {
    ("latitude", "lat"): (-60, 70),
    ("longitude", "lng", "lon"): (-179, 179),
    ("age",): (18, 80),
    ("birthyear",): (1950, 2004),
    ("year",): (2015, 2026),
    ("month",): (1, 12),
    ("day",): (1, 28),
    ("rating", "stars"): (1, 5),
    ("percent", "percentage", "progress", "discount"): (0, 100),
    ("quantity", "qty"): (1, 12),
    ("adults", "children", "guests", "passengers", "nights", "beds", "bedrooms", "bathrooms", "capacity", "floor"): (
        1,
        6,
    ),
    ("price", "cost", "fee", "tax", "amount", "total", "balance", "salary"): (5, 500),
    ("width", "height"): (100, 1600),
    ("count", "stock", "position", "priority", "rank", "order"): (0, 40),
    ("size", "bytes", "length"): (1000, 500_000),
}
