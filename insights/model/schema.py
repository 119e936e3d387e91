# ruff: noqa: D101 - each class is the shape of the JSON that its name says
"""What may stand in the files of a model that comes from elsewhere? Types, ranges and lengths, checked value by value.

A booster is checked node by node: every child lies in its own tree and is reached once, every split asks for a field that
there is, every number is finite. What passed is written out again from the values alone (`booster_text`), and that text is
the only form in which XGBoost reads it outside the limited child.
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from insights.features.catalog import ALWAYS_KNOWN, FIELDS
from insights.ledger.ledger import FURTHER
from insights.ledger.outcomes import calendars
from insights.model.payment_dates import BEFORE, TAIL, TAILS

MOST_FIELDS, MOST_NODES, MOST_TREES, DEEPEST = 2_000, 400_000, 5_000, 64
LARGEST_LEAF = 1e4  # log-odds; so that no sum of leaves is infinite
NO_PARENT = 2**31 - 1  # as XGBoost writes it
UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

Text = Annotated[str, StringConstraints(max_length=500)]
Id = Annotated[str, StringConstraints(pattern=UUID)]
Share = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[float, Field(ge=-1e30, le=1e30)]
Count = Annotated[int, Field(ge=0, le=2**53)]
Leaf = Annotated[float, Field(ge=-LARGEST_LEAF, le=LARGEST_LEAF)]


class Strict(BaseModel):
    """No value of another type, none that is not foreseen, no number that is not finite."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


# --- model.json ------------------------------------------------------------------------------------------------------


class SavedLine(Strict):
    """A logistic regression."""

    centre: list[Number]
    scale: list[Annotated[float, Field(gt=0, le=1e30)]]
    weights: list[Leaf]
    gaps: list[Leaf]
    missing: list[Share]
    base: Leaf


class SavedLearner(Strict):
    """A file of boosted trees, or a logistic regression."""

    file: Annotated[str, StringConstraints(pattern=r"^(on_time|very_late)(_[23])?\.ubj$")] | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    line: SavedLine | None = None

    @model_validator(mode="after")
    def one_of_both(self) -> "SavedLearner":
        if (self.line is None) == (self.file is None) or (self.file is None) != (self.sha256 is None):
            raise ValueError("a learner is a file or a line")
        return self


class SavedStage(Strict):
    """One of the two questions."""

    voices: Annotated[list[SavedLearner], Field(max_length=3)]
    slope: Annotated[float, Field(gt=0, le=100)]
    pivot: Leaf = 0.0
    edges: Annotated[list[Annotated[int, Field(ge=-(10**6), le=10**6)]], Field(max_length=100)]
    rates: Annotated[list[Share], Field(max_length=101)]
    trust: Share

    @model_validator(mode="after")
    def rates_by_edge(self) -> "SavedStage":
        if self.edges != sorted(set(self.edges)) or (self.rates and len(self.rates) != len(self.edges) + 1):
            raise ValueError("edges ascend, with a rate between each two")
        if not self.rates and (not self.voices or self.trust < 1):
            raise ValueError("a stage without learners has rates")
        return self


class SavedTiming(Strict):
    """When invoices are paid."""

    on_time: Annotated[list[Share], Field(min_length=BEFORE + 1, max_length=BEFORE + 1)]
    late: Annotated[list[Share], Field(min_length=1, max_length=3_650)]
    hazard: Annotated[list[Annotated[float, Field(gt=0, le=1e3)]], Field(min_length=len(TAIL) - 1, max_length=len(TAIL) - 1)]
    week: Annotated[str, StringConstraints(pattern=r"^[01]{7}$")]
    trim: Annotated[float, Field(ge=min(TAILS), le=max(TAILS))]
    half_life: Annotated[float, Field(gt=0, le=1e5)] | None = None

    @model_validator(mode="after")
    def shares_sum_to_one(self) -> "SavedTiming":
        if any(abs(sum(shares) - 1) > 1e-6 for shares in (self.on_time, self.late)):
            raise ValueError("shares sum to one")
        if "1" not in self.week:
            raise ValueError("payments arrive on some weekday")
        return self


class SavedRecipe(Strict):
    """What it was made from, apart from the ledger."""

    fields: Annotated[list[Text], Field(max_length=MOST_FIELDS)] | None
    very_late_days: Annotated[int, Field(ge=1, le=3_650)]
    grace_days: Annotated[int, Field(ge=0, le=3_650)]
    calendar: Annotated[str, StringConstraints(max_length=10)]
    training_start: Annotated[str, StringConstraints(max_length=10)] | None
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    rows: Annotated[list[Text], Field(max_length=100)]
    leave_out_write_offs: bool = False

    @model_validator(mode="after")
    def known_words(self) -> "SavedRecipe":
        if self.calendar and self.calendar not in calendars():
            raise ValueError("an unknown calendar")
        if self.training_start:
            date.fromisoformat(self.training_start)
        return self


class SavedShare(Strict):
    field: Text
    share: Share


class SavedBin(Strict):
    p: Share
    share: Share
    n: Count


class SavedWarning(Strict):
    code: Text
    values: dict[Text, Text | int | float | None]


class SavedSpan(Strict):
    first: date = Field(alias="from", strict=False)
    last: date = Field(alias="to", strict=False)


class SavedBaseline(Strict):
    log_loss: Number | None = None
    accuracy: Share | None = None
    macro_f1: Share | None = None


class SavedCounts(Strict):
    training: Count = 0
    resolved: Count = 0
    held_out: Count = 0
    on_time: Count = 0
    late: Count = 0
    very_late: Count = 0


class SavedStageMetrics(Strict):
    rows: Count
    rounds: Count
    calibrated: bool
    by_rate: bool
    voices: Annotated[list[Literal["trees", "bold", "deep", "line"]], Field(max_length=3)] | None = None
    log_loss: Number | None = None
    baseline_log_loss: Number | None = None


class SavedMetrics(Strict):
    """What it says of itself: shown as a claim, and believed by nobody."""

    counts: SavedCounts | None = None
    held_out: SavedSpan | None = None
    stages: dict[Literal["on_time", "very_late"], SavedStageMetrics] | None = None
    importance: Annotated[list[SavedShare], Field(max_length=MOST_FIELDS)] | None = None
    warnings: Annotated[list[SavedWarning], Field(max_length=20)] | None = None
    log_loss: Number | None = None
    accuracy: Share | None = None
    macro_f1: Share | None = None
    brier: Annotated[float, Field(ge=0, le=2)] | None = None
    auc: Share | None = None
    ece: Share | None = None
    confusion: Annotated[list[Annotated[list[Count], Field(min_length=3, max_length=3)]], Field(max_length=3)] | None = None
    reliability: Annotated[list[SavedBin], Field(max_length=100)] | None = None
    baselines: dict[Literal["commonest", "base_rates", "customer_past"], SavedBaseline] | None = None

    @model_validator(mode="after")
    def whole(self) -> "SavedMetrics":
        if self.confusion and len(self.confusion) != 3:
            raise ValueError("three buckets")
        return self


class SavedModel(Strict):
    """model.json."""

    format: Literal[2]
    recipe: SavedRecipe
    trained_as_of: date = Field(strict=False)
    ledger_id: Annotated[str, StringConstraints(max_length=36)]
    ledger_fingerprint: Annotated[str, StringConstraints(max_length=100)]
    fields: Annotated[list[Text], Field(min_length=1, max_length=MOST_FIELDS)]
    stages: Annotated[list[SavedStage], Field(min_length=2, max_length=2)]
    metrics: SavedMetrics
    timing: SavedTiming | None

    @model_validator(mode="after")
    def belongs_together(self) -> "SavedModel":
        if len(set(self.fields)) < len(self.fields) or not all(map(is_field, self.fields)):
            raise ValueError("fields are known, each once")
        lines = [learner.line for stage in self.stages for learner in stage.voices if learner.line]
        if any(
            len(values) != len(self.fields) for line in lines for values in line.model_dump().values() if isinstance(values, list)
        ):
            raise ValueError("a line has a number for each field")
        if self.timing and len(self.timing.late) != self.recipe.very_late_days:
            raise ValueError("a share for every day late")
        for name, stage in zip(("on_time", "very_late"), self.stages, strict=True):
            for number, learner in enumerate(stage.voices, 1):
                if learner.file not in (None, f"{name}_{number}.ubj" if number > 1 else f"{name}.ubj"):
                    raise ValueError("every file once, in its own stage")
        return self


def is_field(name: str) -> bool:
    """Whether a model may learn from a field of this name; a column that tells how an invoice ended is none."""
    return name in FIELDS or name in ALWAYS_KNOWN or (name.startswith(FURTHER) and len(name) > len(FURTHER))


class SavedOrigin(Strict):
    """The manifest of an archive: who made which model, when, from what."""

    format: Literal[1]
    id: Id
    name: Text
    created_at: Annotated[str, StringConstraints(max_length=40)]
    actor: Text
    ledger_id: Annotated[str, StringConstraints(max_length=36)]
    sha256: dict[Text, Text]
    signature: Annotated[str, StringConstraints(max_length=64)] = ""  # of the workspace that trained it (`store/signing.py`)


class MadeWith(Strict):
    """made_with.json."""

    versions: Annotated[dict[Text, Text], Field(max_length=40)]


# --- boosters --------------------------------------------------------------------------------------------------------


class TreeParam(Strict):
    num_deleted: Literal["0"]
    num_feature: Text
    num_nodes: Text
    size_leaf_vector: Literal["0", "1"]


class Tree(Strict):
    """One tree as XGBoost writes it: a list per property, with an entry for each node."""

    base_weights: list[Leaf]
    categories: Annotated[list[int], Field(max_length=0)]
    categories_nodes: Annotated[list[int], Field(max_length=0)]
    categories_segments: Annotated[list[int], Field(max_length=0)]
    categories_sizes: Annotated[list[int], Field(max_length=0)]
    default_left: list[Annotated[int, Field(ge=0, le=1)]]
    id: Count
    left_children: list[int]
    loss_changes: list[Number]
    parents: list[int]
    right_children: list[int]
    split_conditions: list[Number]
    split_indices: list[Count]
    split_type: list[Literal[0]]
    sum_hessian: list[Number]
    tree_param: TreeParam

    @model_validator(mode="after")
    def is_a_tree(self) -> "Tree":
        lists = [value for name, value in self if isinstance(value, list) and not name.startswith("categories")]
        many = len(self.left_children)
        if not many or any(len(values) != many for values in lists) or self.tree_param.num_nodes != str(many):
            raise ValueError("an entry for each node")
        check_nodes(self.left_children, self.right_children, self.parents)
        leaf = np.array(self.left_children) == -1
        if np.abs(np.array(self.split_conditions)[leaf]).max() > LARGEST_LEAF:
            raise ValueError("a leaf that is too large")
        return self


def check_nodes(left: Sequence[int], right: Sequence[int], parents: Sequence[int]) -> None:
    """ValueError unless every node but the first is the child of exactly one, and is reached from the first."""
    many = len(left)
    if parents[0] != NO_PARENT:
        raise ValueError("the first node has no parent")
    seen, level, depth = 1, [0], 0
    while level:
        below = []
        for node in level:
            if left[node] == right[node] == -1:
                continue
            for child in (left[node], right[node]):
                if not 0 < child < many or parents[child] != node:
                    raise ValueError("a child lies in its own tree")
                below.append(child)
        if len(set(below)) < len(below):
            raise ValueError("a node has one parent")
        seen, level, depth = seen + len(below), below, depth + 1
        if seen > many or depth > DEEPEST:
            raise ValueError("too deep")
    if seen != many:
        raise ValueError("every node is reached")


class TreesParam(Strict):
    num_parallel_tree: Literal["1"]
    num_trees: Text


class Categories(Strict):
    enc: Annotated[list[int], Field(max_length=0)]
    feature_segments: Annotated[list[int], Field(max_length=0)]
    sorted_idx: Annotated[list[int], Field(max_length=0)]


class TreesModel(Strict):
    cats: Categories
    gbtree_model_param: TreesParam
    iteration_indptr: list[int]
    tree_info: list[Literal[0]]
    trees: Annotated[list[Tree], Field(min_length=1, max_length=MOST_TREES)]


class GradientBooster(Strict):
    model: TreesModel
    name: Literal["gbtree"]


class LearnerParam(Strict):
    base_score: Annotated[str, StringConstraints(pattern=r"^\[?[0-9.]{1,20}(E-?[0-9]{1,2})?\]?$")]
    boost_from_average: Literal["0", "1"]
    num_class: Literal["0"]
    num_feature: Text
    num_target: Literal["1"]


class LossParam(Strict):
    scale_pos_weight: Literal["1"]


class Objective(Strict):
    name: Literal["binary:logistic"]
    reg_loss_param: LossParam


class BoosterLearner(Strict):
    attributes: Annotated[dict[Text, Text], Field(max_length=4)]
    feature_names: Annotated[list[Text], Field(max_length=MOST_FIELDS)]
    feature_types: Annotated[list[Text], Field(max_length=MOST_FIELDS)]
    gradient_booster: GradientBooster
    learner_model_param: LearnerParam
    objective: Objective


class SavedBooster(Strict):
    """A booster as XGBoost writes it in JSON."""

    learner: BoosterLearner
    version: Annotated[list[Count], Field(min_length=3, max_length=3)]


def booster_text(values: Any, fields: Sequence[str], neutral: Sequence[str], mark: str) -> str:  # noqa: ANN401 - JSON
    """A booster as JSON made of its checked values alone; ValueError where one of them is not as it may be.

    `fields` are the model's in their order; the booster calls them so, or by `neutral` names; `mark` is what it may say of
    their order itself.
    """
    booster = SavedBooster.model_validate(values)
    learner, model = booster.learner, booster.learner.gradient_booster.model
    trees, many = model.trees, len(fields)
    if list(learner.feature_names) not in (list(neutral), list(fields)) or set(learner.feature_types) - {"float"}:
        raise ValueError("other fields than the model's, or in another order")
    if learner.attributes.get("fields", mark) != mark or set(learner.attributes) - {"fields", "best_iteration", "best_score"}:
        raise ValueError("other fields than the model's, or in another order")
    if len(learner.feature_types) not in (0, many) or learner.learner_model_param.num_feature != str(many):
        raise ValueError("another number of fields")
    if not 0 < float(learner.learner_model_param.base_score.strip("[]")) < 1:
        raise ValueError("no probability to begin with")
    if model.gbtree_model_param.num_trees != str(len(trees)) or len(model.tree_info) != len(trees):
        raise ValueError("another number of trees")
    if model.iteration_indptr != list(range(len(trees) + 1)) or [tree.id for tree in trees] != list(range(len(trees))):
        raise ValueError("trees in another order")
    if sum(len(tree.left_children) for tree in trees) > MOST_NODES:
        raise ValueError("too many nodes")
    if any(tree.tree_param.num_feature != str(many) or max(tree.split_indices) >= many for tree in trees):
        raise ValueError("a field that is not there")
    return json.dumps(booster.model_dump())
