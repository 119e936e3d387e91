"""Does a model from elsewhere do what models do, and nothing else? It is unpacked, checked and tried in the limited child.

The child reads the archive, checks every value (`schema`), lets XGBoost read the boosters, and predicts. It hands back the
values, as JSON. They are checked again here, and from them alone the model is put together: no byte that came from
elsewhere reaches XGBoost outside the child.
"""

import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from insights.model import archive, schema
from insights.model.base_learners import neutral_names
from insights.model.model import Model, combine, order_mark
from insights.sandbox import folders, start, walls
from insights.sandbox.limits import Limits

LOG = logging.getLogger(__name__)
MODULE = "insights.model"
LIMITS = Limits(memory=1024, cpu_seconds=60, wall_seconds=120)
ANSWER = "answer.json"
ROWS = 64  # that it has to predict
PAST = (-400, -30, -1, 0, 1, 2, 15, 30, 31, 400)  # days past due of these rows

Runner = Callable[[Path, Limits], int]


@dataclass(frozen=True)
class Tried:
    """A model that passed, who made it from what (id, name, created_at, actor, ledger_id), and with which libraries.

    In `origin` also the signature of the archive, "" where it has none.
    """

    model: Model
    origin: dict[str, str]
    made_with: dict[str, str]


def tried(path: Path, *, run: Runner | None = None) -> Tried:
    """The model of an archive; Refused with code "archive_damaged" for whatever is none, "no_archive" where it is too large."""
    archive.check_size(path)
    with folders.temporary() as folder:
        (folder / "request.json").write_text(json.dumps({"path": str(path.resolve())}), encoding="utf-8")
        ended = run(folder, LIMITS) if run else start.run(MODULE, folder, LIMITS)
        answer = folder / ANSWER
        if not answer.is_file() or answer.stat().st_size > archive.LARGEST:
            if ended == start.UNEXPECTED:
                LOG.warning("A model archive was refused:\n%s", start.trace(folder))
            raise archive.damaged()
        try:
            return put_together(json.loads(answer.read_bytes()))
        except Exception as error:  # the child has read what nobody trusts, so its answer is not trusted either
            raise archive.damaged() from error


def put_together(answer: dict[str, Any]) -> Tried:
    """The model of a child's answer; ValueError and the like where a value is not as it may be."""
    saved = schema.SavedModel.model_validate(answer["model"])
    origin = schema.SavedOrigin.model_validate(answer["origin"]).model_dump(exclude={"format", "sha256"})
    made_with = schema.MadeWith.model_validate({"versions": answer["made_with"]}).versions
    texts = {file: text_of(values, saved.fields) for file, values in answer["boosters"].items()}
    return Tried(model_of(answer["model"], texts), origin, made_with)


def text_of(values: Any, fields: Sequence[str]) -> str:  # noqa: ANN401 - JSON
    return schema.booster_text(values, fields, neutral_names(len(fields)), order_mark(fields))


def model_of(values: dict[str, Any], texts: dict[str, str]) -> Model:
    """The model of checked values and boosters as text."""
    import xgboost

    return Model.from_json(values, lambda learner: xgboost.Booster(model_file=bytearray(texts[learner["file"]].encode())))


def child(folder: Path, limits: Limits) -> None:
    """What runs in the child: walls first, then the archive; the answer is left in the folder, or none."""
    import xgboost  # noqa: F401 - before the walls

    path = Path(json.loads((folder / "request.json").read_text(encoding="utf-8"))["path"])
    walls.confine(limits, [path], folder)
    try:
        answer = examined(path)
    except MemoryError:
        sys.exit(start.OUT_OF_MEMORY)
    partial = folder / "answer.part"
    partial.write_text(json.dumps(answer, allow_nan=False), encoding="utf-8")
    partial.replace(folder / ANSWER)


def examined(path: Path) -> dict[str, Any]:
    """All values of an archive's model, once it was checked, loaded and tried; whatever is wrong is raised."""
    import xgboost

    origin, contents = archive.unpacked(path)
    values = json.loads(contents[archive.MODEL])
    if contents[archive.DIGEST].decode("ascii") != sha256(contents[archive.MODEL]).hexdigest():
        raise archive.damaged()
    fields = schema.SavedModel.model_validate(values).fields
    learners = [learner for stage in values["stages"] for learner in stage["voices"] if "file" in learner]
    if {learner["file"] for learner in learners} != set(contents) & set(archive.BOOSTERS):
        raise archive.damaged()
    boosters = {}
    for learner in learners:
        content = contents[learner["file"]]
        if sha256(content).hexdigest() != learner["sha256"]:
            raise archive.damaged()
        loaded = xgboost.Booster(model_file=bytearray(content))
        boosters[learner["file"]] = json.loads(bytes(loaded.save_raw("json")))
    try_out(model_of(values, {file: text_of(booster, fields) for file, booster in boosters.items()}))
    made_with = json.loads(contents.get(archive.MADE_WITH, b"{}"))
    return {"origin": origin, "model": values, "boosters": boosters, "made_with": made_with}


def try_out(model: Model) -> None:
    """ValueError unless it gives probabilities, and contributions that add up, for whatever a row may hold."""
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(ROWS, len(model.fields))) * 10.0 ** draw.integers(-3, 9, (ROWS, len(model.fields)))
    matrix = np.where(draw.random(rows.shape) < 0.3, np.nan, rows).astype(np.float32)
    past = np.resize(np.array(PAST, np.int64), ROWS)
    odds = [stage.log_odds(matrix, past) for stage in model.stages]
    probabilities = combine(odds[0], odds[1], past, model.recipe.very_late_days)
    if not np.isfinite(probabilities).all() or (probabilities < 0).any() or np.abs(probabilities.sum(axis=1) - 1).max() > 1e-9:
        raise ValueError("no probabilities")
    for stage in model.stages:
        if stage.learners and not np.isfinite(stage.contributions(matrix)).all():
            raise ValueError("no contributions")
