"""How often may somebody try to sign in? Counted in this process: of several servers, each counts by itself."""

from ipaddress import IPv6Address, IPv6Network

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from insights.ledger.errors import Refused

PER_USER = RateLimitItemPerMinute(10, 15)  # ten in 15 minutes
PER_ADDRESS = RateLimitItemPerMinute(100, 15)  # an office behind one address signs in at nine
TOO_MANY = "Too many attempts to sign in. Wait a quarter of an hour, or ask an administrator for a link."


def place_of(address: str) -> str:
    """What counts as one address: of IPv6 the network of 64 bits, all of which one visitor has."""
    try:
        whole = IPv6Address(address)
    except ValueError:
        return address
    return str(whole.ipv4_mapped or IPv6Network((int(whole), 64), strict=False))


class Attempts:
    """Attempts of the last quarter of an hour, by user and by address."""

    def __init__(self) -> None:
        self.storage = MemoryStorage()
        self.limiter = MovingWindowRateLimiter(self.storage)

    def count(self, user: str, address: str) -> None:
        """One more; Refused where it is one too many. Counted before it is tried, so that none slip through at once."""
        by_address = self.limiter.hit(PER_ADDRESS, "address", place_of(address))
        if not (by_address and self.limiter.hit(PER_USER, "user", user)):
            raise Refused(TOO_MANY, "too_many_attempts")

    def succeeded(self, user: str) -> None:
        """Whoever knows the password starts anew."""
        self.limiter.clear(PER_USER, "user", user)
