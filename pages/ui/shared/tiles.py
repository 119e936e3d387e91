"""How does one figure look? A bordered tile with its label, and perhaps a line below and an explanation."""

from typing import NamedTuple

import streamlit as st

from pages.ui.shared import session


class Tile(NamedTuple):
    """One figure, in words as they are shown (never Markdown from a ledger)."""

    label: str
    value: str
    below: str = ""
    explained: str = ""


def row(*tiles: Tile, border: bool = True, places: int = 0) -> None:
    """Tiles side by side, of equal width: as many `places` as there are tiles, where no more are asked for."""
    # By its key the styles keep the row's place free until the tiles are drawn.
    held = st.container(key=session.free_key(f"tiles-{'bordered' if border else 'plain'}-{len(tiles)}"))
    for column, tile in zip(held.columns(max(places, len(tiles))), tiles, strict=False):
        column.metric(
            tile.label,
            tile.value,
            delta=tile.below or None,
            delta_color="off",
            delta_arrow="off",
            help=tile.explained or None,
            border=border,
            height="stretch",
        )
