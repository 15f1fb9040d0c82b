"""Setting up: from a contract, a URL and what the user told, to what stories are told with."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from lookalike.contract.contract import Contract
from lookalike.contract.security import BASIC
from lookalike.model.behaviour import Model
from lookalike.verify.requests.encoder import RequestEncoder, basic_credentials
from lookalike.verify.requests.values import ValueGenerator
from lookalike.verify.server.client import Client
from lookalike.verify.server.redaction import placeholders
from lookalike.verify.server.target import Credentials, Target
from lookalike.verify.server.token_command import RenewedToken
from lookalike.verify.setup import Mocked
from lookalike.verify.stories.roles import roles_of
from lookalike.verify.stories.teller import Desk

Note = Callable[[str, str], None]

# Any credentials are good for a mock whose schemes have no tokens; those of basic are a name and a password.
_ANY = ("lookalike", "lookalike:lookalike")

_ENCODED = "$(printf %s \"$TOKEN\" | base64 | tr -d '\\n')"


def prefixed(url: str, contract: Contract) -> str:
    """The URL below which the paths of a contract are: with its base path where the URL has no path itself."""
    return url.rstrip("/") + ("" if urlsplit(url).path.strip("/") else contract.base_path)


def desk_of_mock(contract: Contract, client: Client, mock: Mocked, seed: int) -> Desk:
    """What stories about a Lookalike mock are told with, which tells its credentials and can be reset."""
    told = mock.get("credentials").items()
    credentials = {name: Credentials(**tokens) for name, tokens in told if "valid" in tokens}
    mock.reset()
    made_up = {name: _ANY[one.kind == BASIC] for name, one in contract.schemes.items()}
    tokens = {**made_up, **_valid(contract, client, credentials)}
    return Desk(
        contract,
        Model(contract),
        client,
        RequestEncoder(tokens),
        ValueGenerator(contract, seed),
        roles_of(contract),
        True,
    )


def desk_of(
    contract: Contract, client: Client, target: Target, seed: int, note: Note = lambda operation, path: None
) -> Desk:
    """What stories about any server are told with, as the target file tells."""
    writer, values = RequestEncoder(_valid(contract, client, target.credentials)), ValueGenerator(contract, seed)
    return Desk(
        contract,
        Model(contract),
        client,
        writer,
        values,
        roles_of(contract),
        is_free=False,
        given=target.parameters,
        settle=target.settle,
        note=note,
    )


def _valid(contract: Contract, client: Client, credentials: Mapping[str, Credentials]) -> dict[str, str]:
    """The valid credentials by scheme, which from now on nobody is shown, and which are renewed."""
    for name, one in credentials.items():
        client.hide(placeholders(one))
        if name in contract.schemes and contract.schemes[name].kind == BASIC:
            client.hide({basic_credentials(one.valid): _ENCODED})
        if one.command:
            client.renew(RenewedToken(one.valid, one.command))
    return {name: one.valid for name, one in credentials.items()}
