"""How do people sign in here, under which address, and which proxies are believed? Read from the settings, once.

What cannot be safe is refused with a sentence before the server starts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from types import MappingProxyType
from urllib.parse import urlsplit

from insights.access import Role
from insights.ledger.errors import Refused
from insights.store.settings import Settings

LOOPBACK = ("localhost", "127.0.0.1", "::1")
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Address:
    """Under which browsers reach the server."""

    scheme: str
    netloc: str  # the host, with the port where it is not the scheme's own: as browsers write it

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.netloc}"

    @property
    def host(self) -> str:
        """Without the port."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True)
class Issuer:
    """An OpenID Connect provider, and what we are to it."""

    issuer: str
    client_id: str
    client_secret: str
    scopes: str
    name_claim: str
    groups_claim: str
    roles: Mapping[str, Role]  # of groups


@dataclass(frozen=True)
class Entrance:
    """How people sign in."""

    provider: str  # "": whoever is at this machine, and nobody else; "password", "proxy" or "oidc"
    address: Address | None
    proxies: tuple[Network, ...]
    proxy_header: str
    newcomers: Role | None
    issuer: Issuer | None

    @property
    def guarded(self) -> bool:
        """Whether anybody has to sign in."""
        return bool(self.provider)

    def believes(self, host: str) -> bool:
        """Whether an address is that of a proxy in front."""
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self.proxies if address.version == network.version)


def read(settings: Settings) -> Entrance:
    """The entrance of the settings. Refused where something is missing, or would be open to others than those signed in."""
    entrance = Entrance(
        settings.sign_in,
        address_of(settings.address) if settings.address else None,
        networks(settings.proxies),
        settings.proxy_header.lower(),
        settings.newcomers,
        issuer_of(settings) if settings.sign_in == "oidc" else None,
    )
    if settings.sign_in == "proxy" and not entrance.proxies:
        raise wrong("INSIGHTS_SIGN_IN=proxy needs INSIGHTS_PROXIES: the addresses of the proxies whose word is taken.")
    if settings.sign_in == "oidc" and entrance.address is None:
        raise wrong("INSIGHTS_SIGN_IN=oidc needs INSIGHTS_ADDRESS: where the provider sends people back to.")
    if not settings.sign_in and settings.address:
        raise wrong("INSIGHTS_ADDRESS is for others than this machine: say by INSIGHTS_SIGN_IN how they sign in.")
    return entrance


def wrong(sentence: str) -> Refused:
    return Refused(sentence, "bad_settings")


def address_of(text: str) -> Address:
    """An address as browsers write its origin; Refused where passwords would go over the network unencrypted."""
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if (
        parts.scheme not in {"http", "https"}
        or not host
        or parts.username
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
    ):
        raise wrong(f"INSIGHTS_ADDRESS is an origin like https://insights.example.com, not {text}.")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise wrong("INSIGHTS_ADDRESS has to begin with https: over http, whoever listens could sign in as anybody.")
    usual = {"http": 80, "https": 443}[parts.scheme]
    written = f"[{host}]" if ":" in host else host
    return Address(parts.scheme, written if port in {None, usual} else f"{written}:{port}")


def unheard(address: str) -> bool:
    """Whether nobody on the way hears what is said to an address: over https, or to this computer."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks, separated by commas."""
    try:
        return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise wrong(f"INSIGHTS_PROXIES lists addresses or networks, as 10.0.0.2 or 172.16.0.0/12, not {text}.") from error


def issuer_of(settings: Settings) -> Issuer:
    """The provider of the settings."""
    if not settings.oidc_issuer or not settings.oidc_client_id or settings.oidc_client_secret_file is None:
        raise wrong(
            "INSIGHTS_SIGN_IN=oidc needs INSIGHTS_OIDC_ISSUER, INSIGHTS_OIDC_CLIENT_ID and INSIGHTS_OIDC_CLIENT_SECRET_FILE."
        )
    if not unheard(settings.oidc_issuer):
        raise wrong("INSIGHTS_OIDC_ISSUER has to begin with https.")
    try:
        secret = settings.oidc_client_secret_file.read_text("utf-8").strip()
    except OSError as error:
        raise wrong(f"The file of INSIGHTS_OIDC_CLIENT_SECRET_FILE cannot be read: {error.strerror}.") from error
    except UnicodeError as error:
        raise wrong("The file of INSIGHTS_OIDC_CLIENT_SECRET_FILE is no text in UTF-8.") from error
    return Issuer(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret,
        settings.oidc_scopes,
        settings.oidc_name_claim,
        settings.oidc_groups_claim,
        roles_of(settings.oidc_roles.split(",")),
    )


def roles_of(pairs: Sequence[str]) -> Mapping[str, Role]:
    """Which group gives which role, from `group=role`."""
    roles = {}
    for pair in filter(None, (text.strip() for text in pairs)):
        group, _, role = pair.rpartition("=")
        if not group or role not in set(Role):
            raise wrong(
                f"INSIGHTS_OIDC_ROLES lists group=role, separated by commas; the roles are {', '.join(Role)}. Not: {pair}."
            )
        roles[group] = Role(role)
    return MappingProxyType(roles)
