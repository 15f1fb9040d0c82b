"""Security schemes, and the requirements of operations (OpenAPI 3.1 sections 4.8.27 and 4.8.30)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lookalike.contract import extension
from lookalike.contract.extension import BearerRules
from lookalike.schema.vocabulary import KEYWORD

BEARER = "bearer"
BASIC = "basic"
API_KEY = "apiKey"
MUTUAL_TLS = "mutualTLS"

# The URLs of an OAuth flow (OpenAPI 3.1 section 4.8.29.1 and 3.2), and of a scheme of OpenID Connect.
_URLS = frozenset({"authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl", "openIdConnectUrl"})
_SIGN_IN = frozenset({"oauth2", "openIdConnect"})
_OF_TYPE = {"oauth2": BEARER, "openIdConnect": BEARER, "apiKey": API_KEY, "mutualTLS": MUTUAL_TLS}


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """A security scheme.

    `kind` is `bearer` (also for OAuth 2 and OpenID Connect, whose tokens are sent so), `basic`, `apiKey`, `mutualTLS`,
    or another scheme of the Authorization field. An API key is sent in the `location` `header`, `query` or `cookie`, as
    the `parameter`. OAuth 2 and OpenID Connect have `urls`, by the names of the members that give them, and `scopes`.
    """

    name: str
    kind: str
    bearer: BearerRules
    location: str = ""
    parameter: str = ""
    urls: tuple[tuple[str, str], ...] = ()
    scopes: tuple[str, ...] = ()


class Requirement(NamedTuple):
    """A scheme that must be satisfied, with the scopes that its credentials need."""

    scheme: SecurityScheme
    scopes: tuple[str, ...] = ()


Requirements = tuple[tuple[Requirement, ...], ...]


def scheme(name: str, raw: Mapping[str, Any]) -> SecurityScheme:
    """Read the security scheme of a name."""
    kind = _OF_TYPE.get(raw["type"]) or str(raw.get("scheme", "")).lower()
    flows = raw.get("flows", {}).values()
    scopes = dict.fromkeys(scope for flow in flows for scope in flow.get("scopes", {}))
    members = [entry for flow in (raw, *flows) for entry in flow.items()]
    urls = [(member, url) for member, url in members if member in _URLS and isinstance(url, str)]
    return SecurityScheme(
        name,
        kind,
        extension.bearer(raw.get(KEYWORD, {})),
        raw.get("in", "header"),
        raw.get("name", ""),
        tuple(urls) if raw["type"] in _SIGN_IN else (),
        tuple(scopes),
    )


def security_requirements(raw: Iterable[Mapping[str, Any]], schemes: Mapping[str, SecurityScheme]) -> Requirements:
    """Read alternatives, each of requirements that must be satisfied together; an empty one any request satisfies."""
    return tuple(
        tuple(Requirement(schemes[name], tuple(scopes)) for name, scopes in alternative.items()) for alternative in raw
    )
