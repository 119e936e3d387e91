"""How does a list look that people walk through by mouse, keyboard or screen reader? A real table, of links and sorting headings.

Streamlit's grid is a canvas: no row of it opens by keyboard, it wraps no sentence, and it reads an image's address aloud. Its
table has no links into the program. So this is a component of our own, whose script lies beside it in `browser/` and is served
by this server, as its Content-Security-Policy demands. The browser writes every text letter by letter, so text of a ledger is
as harmless here as in `st.text`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from insights.ledger.outcomes import BUCKETS
from pages.ui.shared import query_params, session
from pages.ui.shared.view import View

if TYPE_CHECKING:
    from streamlit.components.v2.component_manager import BidiComponentManager

PACKAGE, NAME = "payment_insights", "listing"
FOLDER = "browser"  # of the script and the styles, beside this file
IN_SIGHT = 15  # rows of a table; of more, it scrolls
PAGES = ("invoice", "customer")  # that a link of a list may open

Json: TypeAlias = Mapping[str, object]
Cell: TypeAlias = str | Json


@dataclass(frozen=True)
class Column:
    """A column: `align` is text, wide (a sentence, wrapped), short (never wrapped) or right; `sorts`: its heading is a button."""

    name: str
    heading: str
    align: Literal["text", "wide", "short", "right"] = "text"
    sorts: bool = False
    sorted: Literal["", "ascending", "descending"] = ""
    help: str | None = None
    hidden: bool = False  # the heading is for screen readers only

    def json(self) -> Json:
        return {key: value for key, value in self.__dict__.items() if value not in (None, False, "")}

    def sorting(self, *, now: bool, ascending: bool) -> "Column":
        """The column with a heading that sorts; `now`: the list is sorted by it."""
        return replace(self, sorts=True, sorted="" if not now else "ascending" if ascending else "descending")


@dataclass(frozen=True)
class Row:
    """One row: the cells by column, and a key that finds it again when the list is drawn anew."""

    key: str
    cells: Mapping[str, Cell]
    total: bool = False  # it sums the others

    def json(self) -> Json:
        return {"key": self.key, "cells": dict(self.cells), **({"total": True} if self.total else {})}


@dataclass(frozen=True)
class Group:
    """Rows that belong together: in groups, with a `head` (a `link` and words `beside`), and words for what is left out."""

    rows: Sequence[Row]
    head: Json | None = None
    more: str = ""

    def json(self) -> Json:
        return {"rows": [row.json() for row in self.rows], "head": self.head, "more": self.more}


@dataclass(frozen=True)
class Turn:
    """Which page this is, of how many, in words; the list offers the one before and the one after."""

    page: int
    pages: int
    in_words: str

    def json(self) -> Json:
        return {
            "said": self.in_words,
            "previous": self.page - 1 if self.page > 1 else None,
            "next": self.page + 1 if self.page < self.pages else None,
        }


@dataclass(frozen=True)
class Picking:
    """Rows can be marked, and one is open beside the list: by key. The callbacks get all marked keys, or the one to open."""

    marked: Sequence[str]
    opened: str
    on_mark: Callable[[list[str]], None] = field(compare=False)
    on_show: Callable[[str], None] = field(compare=False)

    def json(self) -> Json:
        return {"marked": list(self.marked), "opened": self.opened}


@dataclass(frozen=True)
class Choosing:
    """Cells made by `chooses` can be pressed: the callback gets the row's key and the column; `chosen` is pressed now."""

    chosen: tuple[str, str] | None
    on_choose: Callable[[str, str], None] = field(compare=False)


@dataclass(frozen=True)
class Focus:
    """What gets the focus: the first that one of our own CSS `selectors` names.

    With a mark, `since`: once for each mark, as soon as no dialog is open; without: when the list first appears.
    """

    selectors: Sequence[str]
    since: str = ""

    def json(self) -> Json:
        return {"selectors": list(self.selectors), "since": self.since}


@dataclass(frozen=True)
class Listing:
    """A whole list. `names`: the column that names a row, for screen readers."""

    caption: str
    columns: Sequence[Column]
    groups: Sequence[Group]
    names: str
    turn: Turn | None = None
    on_sort: Callable[[str], None] | None = field(default=None, compare=False)  # called with the name of a column
    picking: Picking | None = None
    choosing: Choosing | None = None
    narrow: bool = False  # of few short columns: stays a table where there is little room
    matrix: bool = False  # stays a table, too; it moves sideways below its first column
    scrolls: bool = False  # of many rows: moves up and down below its headings
    order: Mapping[str, Sequence[tuple[str, float] | None]] = field(default_factory=dict)  # of its rows, where headings sort here


def whole(rows: Sequence[Row]) -> Sequence[Group]:
    """Rows in one group; no group where there are none."""
    return [Group(rows)] if rows else []


def link(text: str, page: str, *, mark: str = "", below: str = "", beside: str = "", **asked: str) -> Json:
    """A cell, or a group's head, that opens a page of PAGES; `mark` stands beside it in a frame, `below` in a line of its own."""
    texts = {"mark": mark, "below": below, "beside": beside}
    return {"text": text, "to": f"{page}?{urlencode(asked)}", **{name: value for name, value in texts.items() if value}}


def cell(text: str, *, below: str = "", strong: bool = False) -> Cell:
    """A cell of text, perhaps with a second line."""
    return {"text": text, "below": below, "strong": strong} if below or strong else text


def shows(text: str, alt: str) -> Json:
    """A button that opens the row beside the list, and the words for whoever does not see it."""
    return {"text": text, "shows": True, "alt": alt}


def chooses(text: str) -> Json:
    """A cell that can be pressed (`Choosing`)."""
    return {"text": text, "chooses": True}


def flag(*, flagged: bool, alt: str) -> Json:
    """The red disc or the empty ring, and the words for whoever does not see it."""
    return {"flag": flagged, "alt": alt}


def bar(shares: Sequence[float], below: str, alt: str, parts: Sequence[str] = BUCKETS) -> Json:
    """One small bar parted by shares, the figures below it, and the words for whoever does not see it."""
    return {"bar": [round(share, 4) for share in shares], "parts": list(parts), "said": below, "alt": alt}


def show(shown: Listing, view: View | None, *, key: str, focus: Focus | None = None) -> None:
    """Draws the list; a link opens its page on the view, a heading calls `on_sort`, the foot turns the page of the address.

    `view`: None where nothing in it opens a page. `focus`: what else on the screen gets the focus by its drawing.
    """
    data = {
        "caption": shown.caption,
        "columns": [column.json() for column in shown.columns],
        "groups": [group.json() for group in shown.groups],
        "names": shown.names,
        "focus": focus.json() if focus else None,
        "view": urlencode(session.link(view)) if view else "",
        "foot": shown.turn.json() if shown.turn and shown.turn.pages > 1 else None,
        "picking": shown.picking.json() if shown.picking else None,
        "chosen": list(shown.choosing.chosen) if shown.choosing and shown.choosing.chosen else None,
        "order": {name: [list(place) if place else None for place in places] for name, places in shown.order.items()} or None,
        **{name: getattr(shown, name) for name in ("narrow", "matrix", "scrolls")},
    }
    key = f"list-{key}{_height(shown)}"  # by which the styles keep its place free until it is drawn
    _component()(
        key=key,
        data=data,
        on_open_change=lambda: _open(key, view),
        on_sort_change=lambda: _sort(key, shown),
        on_turn_change=lambda: _turn(key),
        on_mark_change=lambda: _mark(key, shown),
        on_show_change=lambda: _show(key, shown),
        on_choose_change=lambda: _choose(key, shown),
    )


def _height(shown: Listing) -> str:
    """What the key of a list of few rows says of its height; nothing of a long one, or one that says it by its own name."""
    many = sum(len(group.rows) for group in shown.groups)
    if not (shown.matrix or shown.scrolls):
        return ""
    return next((f"-{word}" for word, most in (("few", 3), ("some", 8), ("many", 15)) if many <= most), "")


def _component() -> Any:  # noqa: ANN401 - streamlit's renderer has no common type
    """The component, made known to the running server (under AppTest there is one per test)."""
    manager: BidiComponentManager = get_bidi_component_manager()
    name = f"{PACKAGE}.{NAME}"
    if manager.get_component_asset_root(name) is None:
        manifest = ComponentManifest(PACKAGE, "1", [ComponentConfig(NAME, FOLDER)])
        manager.register_from_manifest(manifest, Path(__file__).parent)
    return st.components.v2.component(name, js="listing.js", css="listing.css")


def _open(key: str, view: View | None) -> None:
    """A callback: opens what was pressed. What a browser sends is an address, and opens no more than one could type."""
    asked = urlsplit(str(session.sent(key, "open") or ""))
    if view and asked.path in PAGES:
        session.go(f"{asked.path}.py", view, **dict(parse_qsl(asked.query, keep_blank_values=True)))


def _sort(key: str, shown: Listing) -> None:
    name = str(session.sent(key, "sort") or "")
    if shown.on_sort and name in {column.name for column in shown.columns if column.sorts}:
        shown.on_sort(name)


def _turn(key: str) -> None:
    page = session.sent(key, "turn")
    if isinstance(page, int | float):
        query_params.set_params(**{query_params.PAGE: str(int(page))})


def _keys(shown: Listing) -> set[str]:
    return {row.key for group in shown.groups for row in group.rows}


def _mark(key: str, shown: Listing) -> None:
    """A callback: which rows are marked now; of what a browser sends only rows of the list count."""
    sent = session.sent(key, "mark")
    if shown.picking and isinstance(sent, list | tuple):
        here = _keys(shown)
        shown.picking.on_mark([mark for mark in sent if isinstance(mark, str) and mark in here])


def _show(key: str, shown: Listing) -> None:
    """A callback: the row that is to be opened beside the list."""
    sent = session.sent(key, "show")
    if shown.picking and isinstance(sent, str) and sent in _keys(shown):
        shown.picking.on_show(sent)


def _choose(key: str, shown: Listing) -> None:
    """A callback: the cell that was pressed, by row and column."""
    sent = session.sent(key, "choose")
    if shown.choosing and isinstance(sent, list | tuple) and len(sent) == 2:
        row, column = sent
        if row in _keys(shown) and column in {shown_column.name for shown_column in shown.columns}:
            shown.choosing.on_choose(row, column)
