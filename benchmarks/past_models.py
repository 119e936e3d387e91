"""Which models are there of past days? Trained once for what several scripts measure, and kept by what they depend on."""

import argparse
import hashlib
import json
import tempfile
from datetime import date
from pathlib import Path

import numpy as np

from insights.evaluation import month_starts
from insights.ledger.ledger import Ledger
from insights.model.model import Model
from insights.model.recipe import Recipe
from insights.model.training import train
from insights.store.provenance import code_digest, libraries

PACKAGES = ("ledger", "features", "model")  # of ours, that a trained model depends on


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """The options that every script over models of past days has."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ledger", help="a file; before it perhaps a title and =, after it an @ and its columns known at issue")
    parser.add_argument("--dates", type=int, default=5, metavar="N", help="so many as-of dates before the last third, evenly")
    parser.add_argument("--very-late-days", type=int, default=10, metavar="N")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "insights-past-models")
    return parser


def development_dates(ledger: Ledger, recipe: Recipe, many: int) -> tuple[date, ...]:
    """So many of the as-of dates before the last third, on which choices may be made; the first and the last are among them."""
    dates = month_starts(ledger, recipe)
    dates = dates[: len(dates) * 2 // 3]
    return tuple(dates[place] for place in np.unique(np.linspace(0, len(dates) - 1, many).astype(np.int64)))


def past_model(ledger: Ledger, as_of: date, recipe: Recipe, cache: Path) -> Model:
    """The model of what was known before a day, from disk where it was trained before by the same code and libraries."""
    depends_on = (ledger.fingerprint, json.dumps(recipe.to_json()), as_of, code_digest(packages=PACKAGES), libraries())
    folder = cache / hashlib.sha256(repr(depends_on).encode()).hexdigest()[:20]
    if not (folder / "model.json.sha256").exists():
        train(ledger, as_of, recipe).save(folder)
    return Model.load(folder)
