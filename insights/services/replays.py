"""What would a recipe have said on past days? Replayed once per ledger, recipe and day, then read."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from insights.ledger.errors import Refused
from insights.services import leakage_guard
from insights.services.progress import Progress, quiet
from insights.store import ledgers, replays
from insights.store.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

    from insights.evaluation import Replay
    from insights.ledger.ledger import Ledger
    from insights.model.model import Model
    from insights.model.recipe import Recipe

MONTHS = 6  # as-of dates that a gate or a comparison replays


def replay(store: Store, ledger_id: str, recipe: "Recipe", dates: Sequence[date], progress: Progress = quiet) -> "Replay":
    """The replay of a recipe on these days; what was never replayed is, one day after the other.

    Refused with code "leak" where the recipe would learn from what looks like the outcome.
    """
    from insights.evaluation import Replay

    folder = store.path(replays.folder_of(ledger_id, recipe))
    with store.lock(store.lock_of(folder)):
        if missing := replays.missing(store, ledger_id, recipe, dates):
            ledger = ledgers.load(store, ledger_id)
            leakage_guard.check_replay(store, ledger, recipe)
        for number, as_of in enumerate(missing):
            progress(f"replay of {as_of}", number / len(missing))
            replays.save(store, folder, as_of, *of_one_day(ledger, recipe, as_of))
        rows, left_out = replays.load(folder, dates)
    return Replay(rows, recipe, left_out, ledger_id)


def replay_model(store: Store, ledger_id: str, model: "Model", dates: Sequence[date]) -> "Replay":
    """What a model, as it is, says on these days, on or after its training date."""
    from insights.evaluation import replay_model

    return replay_model(ledgers.load(store, ledger_id), dates, model)


def of_one_day(ledger: "Ledger", recipe: "Recipe", as_of: date) -> tuple["pa.Table", tuple[int, int]]:
    """Rows of the replay of one day; how many invoices are not yet answered, and settled by credit."""
    from insights.evaluation import replay_dates

    replayed = replay_dates(ledger, [as_of], recipe)
    ((_, unanswered, credited),) = replayed.left_out
    return replayed.rows, (unanswered, credited)


def replayed(store: Store, ledger_id: str, recipe: "Recipe", dates: Sequence[date]) -> bool:
    """Whether `replay` answers at once."""
    return not replays.missing(store, ledger_id, recipe, dates)


def recent_months(store: Store, ledger_id: str, recipe: "Recipe", months: int = MONTHS) -> tuple[date, ...]:
    """The last months of a ledger that can be judged by now, oldest first; Refused where there are none."""
    from insights.evaluation import month_starts

    starts = month_starts(ledgers.load(store, ledger_id), recipe)[-months:]
    if not starts:
        raise Refused(
            "This ledger is too short to replay: it takes nine months of history, and a month whose outcomes are known since.",
            "too_short_to_replay",
        )
    return starts
