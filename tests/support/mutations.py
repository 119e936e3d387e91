"""How is a model's archive changed by somebody who then seals everything anew? And how are thousands of them tried in a while?"""

import json
import multiprocessing
import os
import random
import struct
from hashlib import sha256
from pathlib import Path
from typing import Any

from insights.model import imported
from insights.sandbox.limits import Limits
from tests.support import forks

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["xgboost", "insights.model.imported"])


def forked(folder: Path, limits: Limits) -> int:
    """As `sandbox.start.run`, forked instead of started: the same limits, the same child."""
    os.environ["OMP_NUM_THREADS"] = "1"
    return forks.run(CONTEXT, imported.child, (folder, limits), limits.wall_seconds)


def resealed(contents: dict[str, bytes], values: dict[str, Any]) -> dict[str, bytes]:
    """The files with other values in model.json, and digests that fit."""
    for stage in values.get("stages", ()):
        for learner in stage.get("voices", ()):
            if learner.get("file") in contents:
                learner["sha256"] = sha256(contents[learner["file"]]).hexdigest()
    model = json.dumps(values, indent=1, sort_keys=True).encode()
    return contents | {"model.json": model, "model.json.sha256": sha256(model).hexdigest().encode()}


def mutated(contents: dict[str, bytes], seed: int) -> dict[str, bytes]:
    """The files with one to eight changes in a booster or in a number of model.json, sealed anew."""
    draw = random.Random(seed)  # noqa: S311 - examples
    boosters = sorted(name for name in contents if name.endswith(".ubj"))
    values = json.loads(contents["model.json"])
    if seed % 5 == 4:
        change_number(values, draw)
        return resealed(contents, values)
    name = draw.choice(boosters)
    whole = bytearray(contents[name])
    for _ in range(draw.randrange(1, 9)):
        change_bytes(whole, draw)
    return resealed(contents | {name: bytes(whole)}, values)


def change_bytes(whole: bytearray, draw: random.Random) -> None:
    """A bit turned over, a byte or a word replaced, some bytes removed or doubled."""
    at, kind = draw.randrange(len(whole)), draw.randrange(5)
    if kind == 0:
        whole[at] ^= 1 << draw.randrange(8)
    elif kind == 1:
        whole[at] = draw.choice((0, 0x7F, 0x80, 0xFF, draw.randrange(256)))
    elif kind == 2:
        whole[at : at + 4] = struct.pack(">i", draw.choice((-1, -(2**31), 2**31 - 1, 10**6, draw.randrange(100))))
    elif kind == 3:
        del whole[at : at + draw.randrange(1, 9)]
    else:
        whole[at:at] = whole[at : at + draw.randrange(1, 9)]


def change_number(values: Any, draw: random.Random) -> None:  # noqa: ANN401 - JSON
    """One number, somewhere in model.json, becomes one that models do not have, or another."""
    places = list(numbers(values))
    holder, key = draw.choice(places)
    holder[key] = draw.choice((float("nan"), float("inf"), -1, 0, 1e308, 2**63, "1", None, True, holder[key] * 2 + 1))


def numbers(values: Any) -> Any:  # noqa: ANN401 - JSON
    """Where numbers stand: (list or object, key)."""
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        if isinstance(value, dict | list):
            yield from numbers(value)
        elif isinstance(value, int | float):
            yield values, key
