"""What is each group of fields of habit worth?

    python benchmarks/ablation.py [TITLE=]LEDGER[@known,at,issue] [--dates N] [--seeds N] [--very-late-days N]

On a few as-of dates before the last third the tuned first stage is taught again without one group, its rounds, learners and
calibration as they were; the second stage, which has no habits, stays. Seeds draw other rows and columns: with several, their
log-odds are averaged. Beside it, all fields with other seeds: what chance does.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402

from benchmarks import report  # noqa: E402
from benchmarks.past_models import arguments, development_dates, past_model  # noqa: E402
from benchmarks.quality import by_date, head, ledger_name, line, number, read, stages  # noqa: E402
from insights.evaluation import difference, figures, snapshot_at  # noqa: E402
from insights.evaluation.backtest import rows_table  # noqa: E402
from insights.features.catalog import FIELDS, field  # noqa: E402
from insights.features.dataset import feature_set  # noqa: E402
from insights.ledger.ledger import Floats, Ledger  # noqa: E402
from insights.model.model import combine  # noqa: E402
from insights.model.recipe import Recipe  # noqa: E402
from insights.model.training import taught_again  # noqa: E402
from insights.model.tuning import restaged  # noqa: E402

TWINS: Final = 2  # sets of other seeds
HABITS: Final = tuple(name for name in FIELDS if field(name).group == "habit")
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "same weekday, same weekend": ("late_share_same_weekday", "late_share_same_weekend"),
    "same part of the month": ("late_share_same_part_of_month",),
    "same terms": ("late_share_same_terms",),
    "similar amount": ("late_share_same_amount_band",),
    "quantiles of days late": tuple(name for name in HABITS if name.startswith("days_late_p")),
    "shares by days late": tuple(name for name in HABITS if name.startswith("paid_")),
    "runs about the due date": (
        "run_weekday_share",
        "run_due_weekday_share",
        "run_days_before_due",
        "run_days_after_due",
        "usual_weekday_before_due",
    ),
    "runs still to come": ("run_days_left", "usual_weekdays_left", "usual_weekday_ahead"),
}
WHOLE = "all fields"


def left_out() -> dict[str, tuple[str, ...]]:
    """What each row of the table leaves out."""
    return {WHOLE: (), **{f"without: {name}": fields for name, fields in GROUPS.items()}, "without any habit": HABITS}


def twins() -> list[str]:
    """The rows with all fields and other seeds."""
    return [f"{WHOLE}, other seeds ({number})" for number in range(1, TWINS + 1)]


def replayed(ledger: Ledger, recipe: Recipe, options: argparse.Namespace) -> pa.Table:
    """Rows as in `backtest.Replay`, with a series per row of the table."""
    tables = []
    for as_of in development_dates(ledger, recipe, options.dates):
        model = past_model(ledger, as_of, recipe, options.cache)
        book = feature_set(ledger, recipe.due_rules, model.fields)
        training = next(taught_again(model, book, ledger, as_of))
        snapshot = snapshot_at(book, as_of)
        matrix, past = book.assemble(snapshot.computed, snapshot.rows, snapshot.invoice), snapshot.rows.days_past_due_by
        second = model.stages[1].log_odds(matrix, past)

        def without(fields: Sequence[str], twin: int = 0) -> Floats:
            used = np.array([name not in fields for name in training.fields])  # noqa: B023 - called in its own turn only
            names = tuple(name for name in training.fields if name not in fields)  # noqa: B023
            taught = replace(training, fields=names, matrix=training.matrix[:, used])  # noqa: B023
            seeds = range(twin * options.seeds, (twin + 1) * options.seeds)
            fitted = [restaged(model.stages[0], replace(taught, seed=recipe.seed + seed)) for seed in seeds]  # noqa: B023
            first = np.mean([stage.log_odds(matrix[:, used], past) for stage in fitted], axis=0)  # noqa: B023
            return combine(first, second, past, recipe.very_late_days)  # noqa: B023

        said = {name: without(fields) for name, fields in left_out().items()}
        said |= {name: without((), number) for number, name in enumerate(twins(), 1)}
        tables.append(rows_table(book, snapshot, said))
        print(f"{as_of}: {len(snapshot.rows)} open invoices", file=sys.stderr, flush=True)
    return pa.concat_tables(tables).combine_chunks()


def table(rows: pa.Table) -> list[str]:
    """One line per group: the loss without it, how much more that is, and on how many dates it is more."""
    out = head("", "log loss", "less with all fields [95 %]", "dates on which all fields lose less", "stage 1")
    names = [*left_out(), *twins()]
    dates = by_date(rows)
    for name in names:
        judged = figures(rows, name)
        if judged is None:
            continue
        first = number(stages(rows, name)[0])
        if name == WHOLE:
            out.append(line(name, number(judged.log_loss), "", "", first))
            continue
        gap = difference(rows, name, WHOLE)
        mark = " ✓" if gap.worse else " ✗" if gap.better else ""
        better = sum(difference(some, name, WHOLE).mean > 0 for _, some in dates)
        interval = f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]{mark}"
        out.append(line(name, number(judged.log_loss), interval, f"{better} of {len(dates)}", first))
    return out


def main(given: Sequence[str]) -> None:
    parser = arguments(__doc__)
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="so many seeds averaged in each row")
    report.add_options(parser, "ablation-sample")
    options = parser.parse_args(given)
    title, ledger = read(options.ledger)
    rows = replayed(ledger, Recipe(very_late_days=options.very_late_days), options)
    dates = [as_of for as_of, _ in by_date(rows)]
    shown = [ledger_name(part) if part == options.ledger else part for part in given]
    which = f"{len(dates)} as-of dates before the last third, {dates[0]} to {dates[-1]}, {len(rows)} open invoices"
    what = f"**{title}**, very late after {options.very_late_days} days: {which}. ✓: the group pays; ✗: it costs."
    lines = [report.command("ablation.py", shown), "", what, "", *table(rows)]
    print("\n".join(lines))
    if options.into:
        report.write_section(options.into, options.section, lines)


if __name__ == "__main__":
    main(sys.argv[1:])
