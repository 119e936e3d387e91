"""Which field adds how much to the log-odds of boosted trees? SHAP values of many rows at a time.

The values are those of XGBoost's `pred_contribs` (Lundberg and others, 2020), which walks every tree anew for every row. Here a
tree falls into groups of neighbouring leaves that hang on at most BITS splits. What a group adds for which fields depends on the
answers to these splits alone, so that it is worked out once per pattern of answers, and a row only looks it up.

The weight of a field among the others of a leaf's path is an integral of a polynomial (Owen's form of Shapley's weights), which
a quadrature with enough nodes gives exactly.
"""

import json
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from insights.ledger.ledger import Floats, Ints, Matrix

if TYPE_CHECKING:
    import xgboost

Flags = npt.NDArray[np.bool_]
Answers = tuple[tuple[int, bool], ...]  # on a leaf's path: which split of its group, and whether the leaf lies to its left

BITS: Final = 7  # splits of a group: a table has 128 lines
DEEPEST: Final = 6  # trees beyond have too many patterns
BLOCK: Final = 16_384  # rows at a time: what they need of a tree stays in the processor's cache
POINTS, WEIGHTS = np.polynomial.legendre.leggauss(DEEPEST // 2)  # exact up to degree DEEPEST - 1
POINTS, WEIGHTS = (POINTS + 1) / 2, WEIGHTS / 2  # from 0 to 1


@dataclass(frozen=True)
class _Tree:
    """The nodes of a tree; leaves have -1 for their children, and their value as `condition`."""

    left: list[int]
    right: list[int]
    field: list[int]
    condition: list[float]
    missing_left: list[int]
    cover: list[float]


@dataclass(frozen=True)
class _Group:
    """Neighbouring leaves of a tree: the splits that lead to them or lie between them, and each leaf's answers to these."""

    splits: tuple[int, ...]
    leaves: tuple[int, ...]
    answers: tuple[Answers, ...]


@dataclass(frozen=True)
class _Lookup:
    """What a group adds: float64[splits, 2 ** splits], by the field of each split and the answers to all."""

    splits: tuple[int, ...]
    fields: tuple[int, ...]
    table: Floats


@dataclass(frozen=True)
class _Ready:
    """A tree made ready: its splits as (node, field, condition, missing goes left), and what its groups add."""

    splits: tuple[tuple[int, int, np.float32, bool], ...]
    lookups: tuple[_Lookup, ...]


@dataclass(frozen=True)
class TreeContributions:
    """The trees of a booster, made ready for any number of rows."""

    trees: tuple[_Ready, ...]
    base: float
    fields: int

    def of(self, matrix: Matrix) -> Floats:
        """float64[rows, fields + 1], the last column the base; each row adds up to its margin."""
        out = np.empty((len(matrix), self.fields + 1))
        out[:, -1] = self.base
        for begin in range(0, len(matrix), BLOCK):
            block = slice(begin, begin + BLOCK)
            out[block, :-1] = self._of_columns(np.ascontiguousarray(matrix[block].T)).T
        return out

    def _of_columns(self, columns: npt.NDArray[np.float32]) -> Floats:
        """float64[fields, rows]; of each row the trees are added in their order, whatever rows stand beside it."""
        out, many = np.zeros(columns.shape), columns.shape[1]
        added = np.empty(many)
        for tree in self.trees:
            went_left = {}
            for node, field, condition, missing_left in tree.splits:
                column = columns[field]
                went_left[node] = (~(column >= condition) if missing_left else column < condition).view(np.uint8)
            for lookup in tree.lookups:
                pattern = np.zeros(many, np.uint8)
                for bit, node in enumerate(lookup.splits):
                    pattern |= went_left[node] << np.uint8(bit)
                line = pattern.astype(np.intp)
                for field, amounts in zip(lookup.fields, lookup.table, strict=True):
                    out[field] += np.take(amounts, line, out=added, mode="clip")
        return out


def made_ready(booster: "xgboost.Booster") -> TreeContributions | None:
    """The trees of a booster; None where they are others than this application grows: deeper, or of another kind."""
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    grown = learner["gradient_booster"]
    if grown["name"] != "gbtree" or learner["objective"]["name"] != "binary:logistic":
        return None
    trees = [_tree(values) for values in grown["model"]["trees"]]
    if not all(map(_as_grown_here, grown["model"]["trees"], trees)):
        return None
    base = _base(learner) + sum(map(_expected, trees))
    return TreeContributions(_ready(trees), base, int(learner["learner_model_param"]["num_feature"]))


def _tree(values: dict[str, Any]) -> _Tree:
    return _Tree(
        values["left_children"],
        values["right_children"],
        values["split_indices"],
        values["split_conditions"],
        values["default_left"],
        values["sum_hessian"],
    )


def _as_grown_here(values: dict[str, Any], tree: _Tree) -> bool:
    """Whether a tree splits by number alone, is not too deep, and has seen rows at every node."""
    return not values["categories_nodes"] and min(tree.cover) > 0 and not _deeper(tree, 0, DEEPEST)


def _deeper(tree: _Tree, node: int, most: int) -> bool:
    """Whether there are more than `most` splits on a way down from a node."""
    if tree.left[node] < 0:
        return False
    return most == 0 or any(_deeper(tree, child, most - 1) for child in (tree.left[node], tree.right[node]))


def _base(learner: dict[str, Any]) -> float:
    """The log-odds that all trees start from."""
    share = float(learner["learner_model_param"]["base_score"].strip("[]"))
    return math.log(share / (1 - share))


def _expected(tree: _Tree, node: int = 0) -> float:
    """The mean of a tree over the rows that it was grown on."""
    if tree.left[node] < 0:
        return tree.condition[node]
    children = (tree.left[node], tree.right[node])
    covers = [tree.cover[child] for child in children]
    return sum(cover * _expected(tree, child) for cover, child in zip(covers, children, strict=True)) / sum(covers)


# ---------------------------------------------------------------- leaves in groups


def _groups(tree: _Tree, node: int, path: tuple[tuple[int, bool], ...]) -> list[_Group]:
    """The groups below a node to which a path of (split, to its left) leads."""
    below = _splits(tree, node)
    if not path and not below:  # a tree without a question adds nothing for any field
        return []
    if len(path) + len(below) > BITS:
        left, right = ((tree.left[node], True), (tree.right[node], False))
        return [group for child, side in (left, right) for group in _groups(tree, child, (*path, (node, side)))]
    place = {split: number for number, split in enumerate([*(split for split, _ in path), *below])}
    leaves = _leaves(tree, node, path)
    answers = tuple(tuple((place[split], side) for split, side in way) for _, way in leaves)
    return [_Group(tuple(place), tuple(leaf for leaf, _ in leaves), answers)]


def _splits(tree: _Tree, node: int) -> list[int]:
    """The splits at a node and below it."""
    if tree.left[node] < 0:
        return []
    return [node, *_splits(tree, tree.left[node]), *_splits(tree, tree.right[node])]


def _leaves(tree: _Tree, node: int, path: tuple[tuple[int, bool], ...]) -> list[tuple[int, tuple[tuple[int, bool], ...]]]:
    """The leaves below a node, each with its path from the root."""
    if tree.left[node] < 0:
        return [(node, path)]
    return _leaves(tree, tree.left[node], (*path, (node, True))) + _leaves(tree, tree.right[node], (*path, (node, False)))


def _ready(trees: list[_Tree]) -> tuple[_Ready, ...]:
    """The trees with their tables; groups of one shape are worked out together."""
    groups = [_groups(tree, 0, ()) for tree in trees]
    alike: dict[tuple[Answers, ...], list[tuple[int, int]]] = defaultdict(list)
    for number, of_tree in enumerate(groups):
        for at, group in enumerate(of_tree):
            alike[group.answers].append((number, at))
    lookups: list[list[_Lookup]] = [[] for _ in trees]
    for places in alike.values():
        chosen = [groups[number][at] for number, at in places]
        for (number, _), lookup in zip(places, _lookups([trees[number] for number, _ in places], chosen), strict=True):
            lookups[number].append(lookup)
    return tuple(_Ready(_questions(tree), tuple(of_tree)) for tree, of_tree in zip(trees, lookups, strict=True))


def _questions(tree: _Tree) -> tuple[tuple[int, int, np.float32, bool], ...]:
    return tuple(
        (node, tree.field[node], np.float32(tree.condition[node]), bool(tree.missing_left[node])) for node in _splits(tree, 0)
    )


# ---------------------------------------------------------------- what a group adds


def _lookups(trees: list[_Tree], groups: list[_Group]) -> list[_Lookup]:
    """The tables of groups of one shape, one tree each."""
    many = len(groups[0].splits)
    patterns = np.arange(2**many)
    field = np.array([[tree.field[split] for split in group.splits] for tree, group in zip(trees, groups, strict=True)], np.int64)
    tables = np.zeros((len(groups), many, len(patterns)))
    for number, answers in enumerate(groups[0].answers):
        places = np.array([place for place, _ in answers], np.int64)
        value = np.array([tree.condition[group.leaves[number]] for tree, group in zip(trees, groups, strict=True)])
        share = np.array([_shares(tree, group.splits, answers) for tree, group in zip(trees, groups, strict=True)])
        sides = np.array([side for _, side in answers], np.bool_)
        added = _of_leaf(field[:, places], share.reshape(len(groups), -1), sides) * value[:, None, None]
        line = sum(((patterns >> place) & 1) << bit for bit, place in enumerate(places.tolist())) + np.zeros_like(patterns)
        tables[:, places] += added[:, :, line]
    return [_Lookup(g.splits, tuple(f), table) for g, f, table in zip(groups, field.tolist(), tables, strict=True)]


def _shares(tree: _Tree, splits: tuple[int, ...], answers: Answers) -> list[float]:
    """Of the rows at each split of a leaf's path, the share that goes the leaf's way."""
    return [
        tree.cover[tree.left[splits[place]] if side else tree.right[splits[place]]] / tree.cover[splits[place]]
        for place, side in answers
    ]


def _of_leaf(field: Ints, share: Floats, sides: Flags) -> Floats:
    """float64[groups, splits, 2 ** splits]: what a leaf of value 1 adds for the field of each split of its path, by the answers.

    field, share: [groups, splits]. Bit n of a pattern says whether the row goes left at split n. A field that is asked several
    times counts once, at its first split.
    """
    many = field.shape[1]
    answers = ((np.arange(2**many)[:, None] >> np.arange(many)) & 1).astype(np.bool_)
    follows = answers == sides  # [patterns, splits]: the row goes the leaf's way
    same = field[:, :, None] == field[:, None, :]
    first = same.argmax(axis=2) == np.arange(many)
    of_field = np.where(same, share[:, None, :], 1.0).prod(axis=2)
    without = np.where(first, of_field, 1.0)[:, :, None]  # where the field is not known
    known = (~same[:, :, None, :] | follows).all(axis=3) | ~first[:, :, None]  # [groups, splits, patterns]
    total: Floats = np.zeros(known.shape)
    for point, weight in zip(POINTS.tolist(), WEIGHTS.tolist(), strict=True):
        factor = without * (1 - point) + known * point
        total += weight * factor.prod(axis=1, keepdims=True) / factor
    out: Floats = total * (known - without)
    return out
