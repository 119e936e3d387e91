"""How often may somebody try to sign in? Counted over all processes and hosts of a server."""

from datetime import timedelta
from ipaddress import IPv6Address, IPv6Network

from insights.ledger.errors import Refused
from insights.store import attempts
from insights.store.store import Store

WITHIN = timedelta(minutes=15)
PER_USER = 10
PER_ADDRESS = 100  # an office behind one address signs in at nine
TOO_MANY = "Too many attempts to sign in. Wait a quarter of an hour, or ask an administrator for a link."


def place_of(address: str) -> str:
    """What counts as one address: of IPv6 the network of 64 bits, all of which one visitor has."""
    try:
        whole = IPv6Address(address)
    except ValueError:
        return address
    return str(whole.ipv4_mapped or IPv6Network((int(whole), 64), strict=False))


def count(store: Store, user: str, address: str) -> None:
    """One more; Refused where it is one too many. Counted before it is tried, so that none slip through at once."""
    limits = [(f"address {place_of(address)}", PER_ADDRESS), (_of_user(user), PER_USER)]
    if not attempts.count(store, limits, WITHIN):
        raise Refused(TOO_MANY, "too_many_attempts")


def succeeded(store: Store, user: str) -> None:
    """Whoever knows the password starts anew."""
    attempts.forget(store, _of_user(user))


def _of_user(user: str) -> str:
    return f"user {user}"
