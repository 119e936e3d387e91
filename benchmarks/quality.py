"""How good are the predictions beside those of others, on the same invoices, fields and dates?

    python benchmarks/quality.py [TITLE=]LEDGER[@known,at,issue]... [--dates dev|last|all] [--stride N] [--at-issue DATE]...

Past as-of dates are replayed: on each, everybody learns from what was known strictly before it and predicts every invoice
open then. Choices are made on the dates before the last third (`dev`); the last third is for the end.
"""

import argparse
import hashlib
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402

from benchmarks import report  # noqa: E402
from benchmarks.peers import DATES, LABELS, PEERS, RULED, Bench, with_lines  # noqa: E402
from insights.evaluation import Snapshot, difference, figures, month_starts, probability, slices, snapshot_at  # noqa: E402
from insights.evaluation.backtest import rows_table, with_dates  # noqa: E402
from insights.evaluation.date_accuracy import AHEAD, ahead, judged  # noqa: E402
from insights.features.catalog import usual  # noqa: E402
from insights.features.dataset import FeatureSet, feature_set  # noqa: E402
from insights.features.events import rows_at  # noqa: E402
from insights.features.kernel import features  # noqa: E402
from insights.ledger.ledger import Floats, Ledger, day  # noqa: E402
from insights.model.recipe import Recipe  # noqa: E402

SOURCES = ("ledger", "features")  # packages that a peer's prediction depends on
OWN_SOURCES = ("model",)  # and ours besides
SMALLEST = 1e-6


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "ledger", nargs="+", help="a file; before it perhaps a title and =, after it an @ and its columns known at issue"
    )
    parser.add_argument("--dates", choices=("dev", "last", "all"), default="dev")
    parser.add_argument("--stride", type=int, default=1, metavar="N", help="every N-th as-of date only")
    parser.add_argument("--at-issue", type=date.fromisoformat, action="append", default=[], metavar="DATE")
    parser.add_argument("--to", type=date.fromisoformat, help="at issue: the last issue date")
    parser.add_argument("--very-late-days", type=int, default=10, metavar="N")
    parser.add_argument("--grace-days", type=int, default=0, metavar="N")
    parser.add_argument("--peers", default=",".join(PEERS), help="names, separated by commas")
    parser.add_argument("--keep", action="store_true", help="use the peers' kept predictions though fields have changed since")
    parser.add_argument("--short", action="store_true", help="without the tables by date and by slice")
    report.add_options(parser, "quality-sample")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "insights-quality")
    return parser.parse_args(given)


def read(argument: str) -> tuple[str, Ledger]:
    """Title and ledger of [TITLE=]FILE[@known,at,issue]."""
    from insights import ingest

    rest, _, known = argument.partition("@")
    title, _, name = rest.rpartition("=")
    options = ingest.Options(known_at_issue=tuple(part for part in known.split(",") if part))
    return title or Path(name).stem, ingest.read(Path(name), options).require()


def chosen(dates: tuple[date, ...], which: str, stride: int) -> tuple[date, ...]:
    """dev: those before the last third, every `stride`-th."""
    cut = len(dates) * 2 // 3
    return {"dev": dates[:cut], "last": dates[cut:], "all": dates}[which][::stride]


@dataclass(frozen=True)
class Kept:
    """Predictions on disk, by what they depend on."""

    folder: Path
    keep: bool

    def say(self, name: str, bench: Bench, snapshot: Snapshot, what: str) -> Floats:
        """What a peer says, from disk where it has said it before."""
        path = self.folder / f"{self.key(name, bench, what)}.npy"
        if path.exists():
            found: Floats = np.load(path)
            if found.shape == (len(snapshot.rows), 3):
                return found
        begun = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other libraries about each other
            said = (PEERS | DATES)[name](bench, snapshot)
        print(f"{bench.as_of} {name}: {time.perf_counter() - begun:.1f} s", file=sys.stderr, flush=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        np.save(path, said)
        return said

    def key(self, name: str, bench: Bench, what: str) -> str:
        own = name in {"ours", "our_dates"}
        sources = () if self.keep and not own else (*SOURCES, *(OWN_SOURCES if own else ()))
        digest = hashlib.sha256()
        digest.update(repr((name, bench.book.ledger.fingerprint, json.dumps(bench.recipe.to_json()), bench.as_of, what)).encode())
        for source in sources:
            for path in sorted((ROOT / "insights" / source).glob("*.py")):
                digest.update(path.read_bytes())
        return f"{name}-{bench.as_of}-{digest.hexdigest()[:20]}"


def replayed(ledger: Ledger, dates: Iterable[date], recipe: Recipe, names: list[str], kept: Kept) -> pa.Table:
    """SnapshotRows as in `backtest.Replay`, with a series per peer, and days ahead per method of DATES."""
    book = feature_set(ledger, recipe.due_rules, usual(ledger))
    tables = []
    for as_of in dates:
        bench = Bench(replace(book, fields=usual(ledger, as_of)), as_of, recipe)
        snapshot = snapshot_at(book, as_of)
        table = with_dates(rows_table(book, snapshot, all_say(names, bench, snapshot, kept, "open")), None)
        for name in DATES:
            low, expected, high = np.rint(kept.say(name, bench, snapshot, "open")).T  # a date is a whole day
            for which, found in (("low", low), ("expected", expected), ("high", high)):
                table = table.append_column(f"{name}_{which}", pa.array(found))
        tables.append(table)
    return pa.concat_tables(tables).combine_chunks()


def all_say(names: list[str], bench: Bench, snapshot: Snapshot, kept: Kept, what: str) -> dict[str, Floats]:
    said = {name: kept.say(name, bench, snapshot, what) for name in names}
    n = bench.recipe.very_late_days
    ruled = {name: with_lines(said[of], snapshot, n) for name, of in RULED.items() if of in said}
    return said | ruled


# ---------------------------------------------------------------- tables


def line(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def head(*cells: str) -> list[str]:
    return [line(*cells), line("---", *["---:"] * (len(cells) - 1))]


def number(value: float | None, places: int = 4) -> str:
    return "—" if value is None else f"{value:.{places}f}"


def share(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def pooled(rows: pa.Table, names: list[str]) -> list[str]:
    """One line per peer over all rows."""
    out = head(
        "", "log loss", "ours − its [95 %]", "dates ours worse*", "Brier", "AUC", "ECE", "accuracy", "macro F1",
        "errors removed", "money in the wrong bucket", "stage 1", "stage 2: not due / overdue",
    )  # fmt: skip
    for name in names:
        found = figures(rows, name)
        if found is None:
            continue
        lead = "" if name == "ours" else interval(rows, name)
        worse = "" if name == "ours" else f"{len(worse_dates(rows, name))}"
        first, second_open, second_due = stages(rows, name)
        out.append(
            line(
                LABELS[name], number(found.log_loss), lead, worse, number(found.brier), number(found.auc, 3),
                number(found.ece, 3), share(found.accuracy), number(found.macro_f1, 3), share(found.errors_removed),
                share(found.money_error), number(first), f"{number(second_open, 3)} / {number(second_due, 3)}",
            )
        )  # fmt: skip
    whole = figures(rows, names[0])
    if whole:
        guess = f"accuracy {share(whole.commonest_accuracy)}, macro F1 {number(whole.commonest_macro_f1, 3)}"
        out += ["", f"Always the commonest outcome: {guess}. * the 95 % interval of that date lies above 0."]
    return out


def date_table(rows: pa.Table, complete_through: date) -> list[str]:
    """How good the expected dates are, on as-of dates 180 days or more before the complete-through day."""
    known = rows.filter(pa.compute.less_equal(rows["as_of"], complete_through - timedelta(days=AHEAD)))
    if not len(known):
        return []
    due = ahead(known, "due_date")
    usual_delay = np.maximum(due + np.round(np.nan_to_num(known["usual_delay"].to_numpy())), 0)
    said = {
        "**Payment Insights**": tuple(known[f"our_dates_{end}"].to_numpy() for end in ("low", "expected", "high")),
        "due date": (np.maximum(due, 0),) * 3,
        "due date + customer's usual delay": (usual_delay,) * 3,
        "XGBoost quantile regression": tuple(known[f"quantile_dates_{end}"].to_numpy() for end in ("low", "expected", "high")),
    }
    happened = ahead(known, "paid_date")
    out = head(
        "expected dates", "coverage of the 80 % range", "pinball", "pinball of the median", "MAE, days", "median error, days"
    )
    for label, dates in said.items():
        found = judged(happened, *dates)
        errors = (found.pinball, found.pinball_median, found.mean_error, found.median_error)
        covered = share(found.coverage) if (dates[0] is not dates[2]) else "—"
        out.append(line(label, covered, *(number(error, 2) for error in errors)))
    return [*out, "", f"{len(known)} invoices; not paid by now counts as later; errors counted up to {AHEAD} days ahead."]


def interval(rows: pa.Table, name: str) -> str:
    found = difference(rows, "ours", name)
    mark = " ✓" if found.better else " ✗" if found.worse else ""
    return f"{found.mean:+.4f} [{found.low:+.4f}, {found.high:+.4f}]{mark}"


def worse_dates(rows: pa.Table, name: str) -> list[date]:
    """The as-of dates on which ours is significantly worse."""
    return [as_of for as_of, some in by_date(rows) if difference(some, "ours", name).worse]


def by_date(rows: pa.Table) -> list[tuple[date, pa.Table]]:
    dates = sorted(set(rows["as_of"].to_pylist()))
    return [(as_of, rows.filter(pa.compute.equal(rows["as_of"], as_of))) for as_of in dates]


def stages(rows: pa.Table, name: str) -> tuple[float | None, float | None, float | None]:
    """Log loss of each question by itself: on time (not yet due); very late, of those missed: not due, overdue."""
    said, outcome, past = probability(rows, name), rows["outcome"].to_numpy(), rows["past"].to_numpy()
    very = said[:, 2] / np.maximum(said[:, 1] + said[:, 2], SMALLEST)
    not_due, missed = past <= 0, outcome > 0
    undecided = missed & ((very < 1) | (outcome < 2))
    return (
        binary_loss(said[not_due, 0], outcome[not_due] == 0),
        binary_loss(very[not_due & missed], outcome[not_due & missed] == 2),
        binary_loss(very[~not_due & undecided], outcome[~not_due & undecided] == 2),
    )


def binary_loss(said: Floats, answer: np.ndarray) -> float | None:
    if not len(said):
        return None
    chosen_one = np.clip(np.where(answer, said, 1 - said), SMALLEST, 1)
    return float(-np.log(chosen_one).mean())


def per_date(rows: pa.Table, names: list[str]) -> list[str]:
    out = head("as of", "invoices", *(LABELS[name] for name in names))
    for as_of, some in by_date(rows):
        found = [figures(some, name) for name in names]
        out.append(line(as_of, len(some), *(number(each.log_loss) if each else "—" for each in found)))
    return out


def per_slice(rows: pa.Table, names: list[str]) -> list[str]:
    out = head("log loss", "rows", *(LABELS[name] for name in names))
    for code, some in slices(rows).items():
        found = [figures(some, name) for name in names]
        out.append(line(code.replace("_", " "), len(some), *(number(each.log_loss) if each else "—" for each in found)))
    return out


# ---------------------------------------------------------------- each invoice once, on its day of issue


def issued(book: FeatureSet, since: date, to: date | None) -> Snapshot:
    """Invoices issued from `since` on, each as a candidate on its day of issue, with answers known by now."""
    events = book.events
    answered = (events.very_late_after <= day(book.ledger.complete_through)) & ~events.credited
    which = np.flatnonzero(answered & (events.issue >= day(since)) & (events.issue <= (day(to) if to else 2**30)))
    rows = rows_at(events, which, events.issue[which])
    return Snapshot(since, rows, which, events.bucket[which], features(events, rows, book.rates), 0, 0)


def issue_table(ledger: Ledger, since: date, to: date | None, recipe: Recipe, names: list[str], kept: Kept) -> list[str]:
    from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

    book = feature_set(ledger, recipe.due_rules, usual(ledger))
    snapshot, bench = issued(book, since, to), Bench(book, since, recipe)
    said = all_say(names, bench, snapshot, kept, f"issue {to}")
    late = snapshot.outcome > 0
    out = [f"Trained as of {since}; {len(late)} invoices issued since, {late.mean():.1%} late.", ""]
    out += head("at issue", "ROC AUC", "average precision", "Brier", "log loss")
    for name in names:
        p = 1 - said[name][:, 0]
        scores = (roc_auc_score(late, p), average_precision_score(late, p), brier_score_loss(late, p))
        out.append(line(LABELS[name], *(number(float(score)) for score in scores), number(binary_loss(p, late))))
    return out


def tables(options: argparse.Namespace, argument: str) -> Iterator[str]:
    """The lines of one ledger's tables."""
    names = [name for name in PEERS if name in {"ours", *options.peers.split(",")}]
    recipe = Recipe(very_late_days=options.very_late_days, grace_days=options.grace_days)
    kept, (title, ledger) = Kept(options.cache, options.keep), read(argument)
    grace = f", {recipe.grace_days} days of grace" if recipe.grace_days else ""
    yield from ("", f"**{title}**, very late after {recipe.very_late_days} days{grace}.", "")
    for since in options.at_issue:
        yield from issue_table(ledger, since, options.to, recipe, names, kept)
    if options.at_issue:
        return
    dates = chosen(month_starts(ledger, recipe), options.dates, options.stride)
    rows = replayed(ledger, dates, recipe, names, kept)
    shown = [name for name in LABELS if f"{name}_late" in rows.column_names]
    which = {"dev": "before the last third", "last": "of the last third", "all": "of all months"}[options.dates]
    yield f"{len(dates)} as-of dates {which}, {dates[0]} to {dates[-1]}, {len(rows)} open invoices."
    parts = [pooled(rows, shown), date_table(rows, ledger.complete_through)]
    for part in parts if options.short else (*parts, per_date(rows, shown), per_slice(rows, shown)):
        yield from ("", *part)


def ledger_name(argument: str) -> str:
    """A ledger as a document may name it: what lies outside the project is LEDGER, its title and columns stay."""
    rest, at, known = argument.partition("@")
    title, equals, name = rest.rpartition("=")
    inside = Path(name).resolve().is_relative_to(ROOT)
    return f"{title}{equals}{Path(name).resolve().relative_to(ROOT) if inside else 'LEDGER'}{at}{known}"


def main(given: Sequence[str]) -> None:
    options, lines = arguments(given), []
    for argument in options.ledger:
        for each in tables(options, argument):
            print(each, flush=True)
            lines.append(each)
    if options.into:
        private = {argument: ledger_name(argument) for argument in options.ledger}
        made_by = report.command("quality.py", [private.get(argument, argument) for argument in given])
        report.write_section(options.into, options.section, [made_by, *lines])


if __name__ == "__main__":
    main(sys.argv[1:])
