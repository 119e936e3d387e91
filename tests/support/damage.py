"""How does a file get damaged?"""

from pathlib import Path


def flip(path: Path, bit: int) -> None:
    """Turn one bit of a file over; counted from its end where it is below zero, and round and round where there are fewer."""
    whole = bytearray(path.read_bytes())
    at = bit % (8 * len(whole))
    whole[at // 8] ^= 1 << (at % 8)
    path.write_bytes(whole)
