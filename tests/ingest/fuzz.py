"""What becomes of thousands of broken exports? `python -m tests.ingest.fuzz 10000 [FIRST]` prints the figures.

Each is a file of the corpus with seeded damage; every third comes with a second damaged file, as further invoices, payments or
attributes. It must end in a ledger that lost nothing, in questions, or in a sentence that was foreseen, within a minute.
"""

import io
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from insights import ingest
from insights.ingest.draft import Options
from insights.ledger.errors import Refused
from insights.sandbox.limits import Limits
from tests.ingest import corpus, forked
from tests.ingest.examples import assert_nothing_lost

UNFORESEEN = {"not_understood", "takes_too_long", "too_much_memory"}
WORKERS = 2  # at once
LIMITS = Limits(cpu_seconds=50, wall_seconds=60)
SOURCES = [path for path in sorted(corpus.FOLDER.iterdir()) if path.is_file() and path.suffix != ".py"]
TOKENS = [
    b"",
    b"=1+1",
    b"-",
    b"NaN",
    b"1e999",
    b"99/99/9999",
    b"0000-00-00",
    b"1.234",
    b"1,234",
    b"1.234,56",
    b'"',
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"Total",
    b"\r",
    b"9" * 400,
    b"(1)",
    b"01/02/2024",
    b"2024-02-30",
    b"\xe2\x82\xac",
    b"-" * 30,
    b"|",
    b";" * 50,
    b"'; DROP TABLE x; --",
    b"31.12.9999",
]
SEPARATORS = b",;|\t\n"


def mutant(seed: int) -> tuple[str, bytes]:
    """(name of the source, damaged bytes): the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - damage, not secrets
    source = chance.choice(SOURCES)
    data = source.read_bytes()
    if data.startswith(b"PK") and chance.random() < 0.7:
        return source.name, _inside(data, chance)
    return source.name, _damaged(data, chance)


def _inside(data: bytes, chance: random.Random) -> bytes:
    """Damage in the parts of a workbook, packed again."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as target:
        hit = chance.choice(source.namelist())
        for name in source.namelist():
            target.writestr(name, _damaged(source.read(name), chance) if name == hit else source.read(name))
    return sink.getvalue()


def _damaged(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        data = chance.choice(DAMAGES)(data, chance)
    return data


def _place(data: bytes, chance: random.Random) -> int:
    return chance.randrange(len(data) + 1)


def flip(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: _place(data, chance)]


def drop(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + data[at + chance.randrange(1, 80) :]


def double(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    part = data[at : at + chance.randrange(1, 300)]
    return data[:at] + part * chance.choice((2, 3, 50)) + data[at:]


def insert(data: bytes, chance: random.Random) -> bytes:
    at = _place(data, chance)
    return data[:at] + chance.choice(TOKENS) + data[at:]


def cell(data: bytes, chance: random.Random) -> bytes:
    """Another value between two separators."""
    at = _place(data, chance)
    ends = [k for k in range(at, min(len(data), at + 100)) if data[k] in SEPARATORS]
    return data[: ends[0] + 1] + chance.choice(TOKENS) + data[ends[1] :] if len(ends) > 1 else insert(data, chance)


def shuffle(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)


def replace(data: bytes, chance: random.Random) -> bytes:
    """One separator or mark for another, everywhere."""
    return data.replace(
        chance.choice((b",", b";", b".", b"/", b"-", b'"', b"\n", b"0")),
        chance.choice((b",", b";", b".", b"/", b"\t", b" ", b"", b"\r\n")),
    )


def encode(data: bytes, chance: random.Random) -> bytes:
    return data.decode("latin-1").encode(chance.choice(("utf-16", "utf-8", "utf-16-be")))


DAMAGES: list[Callable[[bytes, random.Random], bytes]] = [
    flip,
    flip,
    cut,
    drop,
    double,
    insert,
    cell,
    cell,
    shuffle,
    replace,
    encode,
]


def options(seed: int, folder: Path) -> Options:
    """With every third mutant goes another one, as one of the second files."""
    role = {0: "more", 3: "payments", 6: "attributes"}.get(seed % 9)
    if role is None:
        return Options()
    name, data = mutant(-1 - seed)
    path = folder / f"second-{name}"
    path.write_bytes(data)
    return Options(more=(path,)) if role == "more" else Options(payments=path) if role == "payments" else Options(attributes=path)


def fate(seed: int, folder: Path) -> str:
    """What became of a mutant: "ledger", "questions" or the code of the refusal; raises AssertionError for what must not be."""
    name, data = mutant(seed)
    path = folder / name
    path.write_bytes(data)
    started = time.monotonic()
    try:
        draft = ingest.read(path, options(seed, folder), run=forked.run, limits=LIMITS)
    except Refused as refusal:
        if refusal.code in UNFORESEEN or not str(refusal):
            raise AssertionError(f"seed {seed} ({name}): {refusal}") from refusal
        return refusal.code
    finally:
        assert time.monotonic() - started < LIMITS.wall_seconds, f"seed {seed} ({name}) took too long"
    if draft.ledger is None:
        assert draft.questions, f"seed {seed} ({name})"
        return "questions"
    assert_nothing_lost(draft.ledger)
    assert sum(draft.ignored.values()) == draft.ledger.rows_ignored, f"seed {seed} ({name})"
    assert len(ingest.problems_table(draft.ledger)) == draft.ledger.rows_set_aside, f"seed {seed} ({name})"
    assert sum(part.rows for part in draft.aside) == draft.ledger.rows_set_aside, f"seed {seed} ({name})"
    assert ingest.reconciliation(draft.ledger).rows_read == draft.ledger.rows_read, f"seed {seed} ({name})"
    return "ledger"


def timed(seed: int) -> tuple[str, float]:
    """What became of a mutant, "FAILED" with what is wrong for what must not be, and how long it took (seconds)."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = fate(seed, Path(folder))
        except Exception as error:  # noqa: BLE001 whatever it is, it is counted and the next one tried
            found = f"FAILED seed {seed}: {type(error).__name__}: {error}"
    return found, time.monotonic() - begun


def main() -> None:
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    fates: Counter[str] = Counter()
    slowest, started = (0.0, 0), time.monotonic()
    with ThreadPoolExecutor(WORKERS) as pool:  # threads wait, forks work
        for seed, (found, seconds) in enumerate(pool.map(timed, range(first, first + count)), start=first):
            fates[found.split(" ")[0]] += 1
            slowest = max(slowest, (seconds, seed))
            if found.startswith("FAILED"):
                sys.stdout.write(f"{found}\n")
            if (seed + 1 - first) % 500 == 0:
                sys.stderr.write(f"{seed + 1 - first} files, {fates['FAILED']} failed\n")
    took = time.monotonic() - started
    lines = [f"{count} files in {took:.0f} s with {WORKERS} at once, the slowest {slowest[0]:.1f} s (seed {slowest[1]})"]
    sys.stdout.writelines(f"{line}\n" for line in [*lines, *(f"{number:7} {name}" for name, number in fates.most_common())])
    sys.exit(fates["FAILED"] > 0)


if __name__ == "__main__":
    main()
