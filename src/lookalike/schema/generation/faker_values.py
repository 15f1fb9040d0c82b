"""Realistic strings for members by their name or format, made by Faker.

Faker is an extra (`pip install 'lookalike[dynamic]'`). It is imported when the first such string is needed, since that
takes longer than the start of the mock.
"""

import importlib.util
import re
import threading
from collections.abc import Iterator
from typing import Any

from lookalike.schema.generation.rules import Rules

MISSING = "realistic bodies need Faker: pip install 'lookalike[dynamic]'"

# The provider of Faker that makes a string of a format ...
_BY_FORMAT = {
    "email": "safe_email",
    "idn-email": "safe_email",
    "hostname": "domain_name",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "uri": "url",
    "url": "url",
    "uuid": "uuid4",
    "password": "password",
}
# ... and for a member, by the end of its name in lower case without punctuation; the first that fits counts.
_BY_NAME = {
    "firstname": "first_name",
    "givenname": "first_name",
    "lastname": "last_name",
    "surname": "last_name",
    "familyname": "last_name",
    "username": "user_name",
    "login": "user_name",
    "companyname": "company",
    "company": "company",
    "organization": "company",
    "filename": "file_name",
    "name": "name",
    "email": "safe_email",
    "phonenumber": "phone_number",
    "phone": "phone_number",
    "mobile": "phone_number",
    "countrycode": "country_code",
    "country": "country",
    "city": "city",
    "state": "state",
    "street": "street_address",
    "address": "address",
    "postcode": "postcode",
    "zipcode": "postcode",
    "zip": "postcode",
    "currency": "currency_code",
    "locale": "locale",
    "language": "language_code",
    "timezone": "timezone",
    "useragent": "user_agent",
    "color": "color_name",
    "jobtitle": "job",
    "title": "sentence",
    "subject": "sentence",
    "description": "paragraph",
    "summary": "paragraph",
    "message": "sentence",
    "comment": "sentence",
    "text": "paragraph",
    "slug": "slug",
    "url": "url",
    "uri": "url",
    "href": "url",
    "link": "url",
    "website": "url",
    "host": "hostname",
    "ip": "ipv4",
    "uuid": "uuid4",
    "iban": "iban",
    "isbn": "isbn13",
}
_DATES = {"date": "%Y-%m-%d", "date-time": "%Y-%m-%dT%H:%M:%SZ", "time": "%H:%M:%SZ"}
_PUNCTUATION = re.compile(r"[^a-z0-9]")
_ATTEMPTS = 3
_local = threading.local()


def is_installed() -> bool:
    """Whether Faker is installed."""
    return importlib.util.find_spec("faker") is not None


class FakerStrings:
    """Strings drawn from a seed.

    Each is seeded by its number, so that the strings that one request gets do not depend on other requests.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def strings(self, name: str, rules: Rules) -> Iterator[str]:
        """A few strings of the format, or else for a member of that name; none if a pattern says how they look."""
        provider = self._provider(name, rules)
        if not provider or not is_installed():
            return
        for _ in range(_ATTEMPTS):
            self._count += 1
            yield self._string(provider)

    def _provider(self, name: str, rules: Rules) -> str:
        if rules["patterns"]:
            return ""
        if "format" in rules:
            known = rules["format"]
            return known if known in _DATES else _BY_FORMAT.get(known, "")
        bare = _PUNCTUATION.sub("", name.lower())
        return next((provider for end, provider in _BY_NAME.items() if bare.endswith(end)), "")

    def _string(self, provider: str) -> str:
        faker = _faker()
        faker.seed_instance(f"{self._seed} {self._count}")
        if provider in _DATES:  # between fixed days: "in this year" would be another string for the same seed next year
            from datetime import UTC, datetime

            moment = datetime.fromtimestamp(faker.random_int(1_577_836_800, 1_767_225_599), UTC)
            return moment.strftime(_DATES[provider])
        return str(getattr(faker, provider)()).replace("\n", ", ")


def _faker() -> Any:
    """The Faker of this thread: making one takes longer than making a whole body, and it is not safe to share."""
    if not hasattr(_local, "faker"):
        from faker import Faker

        _local.faker = Faker()
    return _local.faker
