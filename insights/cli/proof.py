"""The commands that prove: backtest, compare, check, fields."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from insights.cli import arguments, bench, console
from insights.cli.arguments import Json, LedgerId, VeryLateDays, Watched
from insights.errors import Refused

if TYPE_CHECKING:
    import pyarrow as pa

    from insights.backtest import Figures
    from insights.workspace import Comparison, Verdict, Workspace

BASELINES = ("base_rates", "customer_past")
EVERY = {"month": 1, "quarter": 3}
MOST_FLIPS = 10  # shown to a person; the file has all

MaybeOut = Annotated[
    Path | None,
    typer.Option("--out", parser=arguments.out_file, metavar="FILE", help="Also write a table: .csv, .parquet, .xlsx."),
]
Months = Annotated[int, typer.Option(min=1, max=120, help="How many of the last months to replay.")]


def add_to(app: typer.Typer) -> None:
    for command in (backtest, compare, check, fields):
        app.command()(command)


def backtest(
    *,
    ledger: LedgerId = "",
    every: Annotated[Literal["month", "quarter"], typer.Option(help="How far the as-of dates lie apart.")] = "month",
    very_late_days: VeryLateDays = None,
    recipe: Annotated[str, typer.Option(help="A whole recipe as JSON.")] = "",
    out: MaybeOut = None,
    as_json: Json = False,
) -> None:
    """Replay the past: train on what was known before each month, predict what was open then, compare with what happened."""
    from insights.backtest import difference, figures, month_starts
    from insights.workspace import Workspace

    workspace = Workspace.open()
    record = arguments.pick("ledger", workspace.ledgers(), ledger) if ledger else workspace.ledger_record()
    wanted = bench.changed(bench.read_recipe(recipe), {"very_late_days": very_late_days})
    dates = month_starts(workspace.ledger(record.id), wanted.lines, months=EVERY[every])
    if not dates:
        raise Refused(
            "This ledger is too short to replay: it takes nine months of history, and a month whose outcomes are known since.",
            "too_short_to_replay",
        )
    rows = workspace.replay(record.id, wanted, dates, console.progress(as_json=as_json)).rows
    series = ("model", *BASELINES)
    pooled = {name: asdict(found) for name in series if (found := figures(rows, name))}
    leads = {name: asdict(difference(rows, "model", name)) for name in BASELINES}
    by_date = [{"as_of": each, **{name: plain(figures(of_date(rows, each), name)) for name in series}} for each in dates]
    report = {"ledger": record.id, "recipe": wanted.to_json(), "pooled": pooled, "difference": leads, "dates": by_date}
    if out:
        write_table([flat(line) for line in by_date], out)
    console.show(report, backtest_lines(report), as_json=as_json)


def of_date(rows: "pa.Table", as_of: object) -> "pa.Table":
    import pyarrow.compute as pc

    return rows.filter(pc.equal(rows["as_of"], as_of))


def plain(found: "Figures | None") -> dict[str, Any]:
    return asdict(found) if found else {}


def flat(line: dict[str, Any]) -> dict[str, Any]:
    """One row of a table: the single figures of every series."""
    cells: dict[str, Any] = {"as_of": line["as_of"], "rows": line["model"].get("rows", 0)}
    for series in ("model", *BASELINES):
        cells |= {
            f"{series}_{name}": line[series].get(name) for name in ("log_loss", "brier", "auc", "ece", "accuracy", "macro_f1")
        }
    return cells


def write_table(lines: list[dict[str, Any]], path: Path) -> None:
    import pyarrow as pa

    from insights.scoring import write

    write(pa.Table.from_pylist(lines), path)


def backtest_lines(report: dict[str, Any]) -> list[str]:
    rows = [(line["as_of"], line["model"].get("rows", 0), *(number(line[name], "log_loss") for name in ("model", *BASELINES)))
            for line in report["dates"]]  # fmt: skip
    pooled = report["pooled"]
    rows.append(("all", pooled["model"]["rows"], *(number(pooled[name], "log_loss") for name in ("model", *BASELINES))))
    leads = [
        f"Log loss less that of {name.replace('_', ' ')}: {lead['mean']:+.4f} ({lead['low']:+.4f} to {lead['high']:+.4f})"
        for name, lead in report["difference"].items()
    ]
    own = pooled["model"]
    further = f"Accuracy {own['accuracy']:.3f}, always the commonest outcome {own['commonest_accuracy']:.3f}; "
    further += f"macro F1 {own['macro_f1']:.3f}, always the commonest {own['commonest_macro_f1']:.3f}"
    return [*console.table(("as of", "invoices", "log loss", "base rates", "customer's past"), rows), *leads, further]


def number(values: dict[str, Any], name: str) -> str:
    return f"{values[name]:.4f}" if values.get(name) is not None else "-"


def compare(
    models: Annotated[list[str], typer.Argument(help="Two to four models; the first is what the others are held against.")],
    *,
    ledger: LedgerId = "",
    months: Months = 6,
    out: MaybeOut = None,
    as_json: Json = False,
    watched: Watched = False,
) -> None:
    """Refit the recipes of two to four models on the same past months; what is better, and which flags would flip."""
    from insights.workspace import Workspace

    if watched:
        bench.stop_with_parent()
    workspace = Workspace.open()
    found = [arguments.pick("model", workspace.models(), model).id for model in models]
    ledger_id = arguments.pick("ledger", workspace.ledgers(), ledger).id if ledger else ""
    tell = console.progress(as_json=as_json)
    comparison = workspace.compare(found, ledger_id=ledger_id, months=months, progress=tell)
    flips = all_flips(workspace, comparison)
    if out:
        write_table([{"other": other, **flip} for other, lines in flips.items() for flip in lines], out)
    report = comparison_report(comparison) | {"flips": flips}
    console.show(report, comparison_lines(report), as_json=as_json)


def all_flips(workspace: "Workspace", comparison: "Comparison") -> dict[str, list[dict[str, Any]]]:
    """Other model -> the open invoices whose flag would change, as of the ledger's newest day; without models too new for it."""
    from insights.money import decimal_text

    as_of = workspace.ledger_record(comparison.ledger_id).default_as_of
    first, *others = comparison.models
    flips = {}
    for other in others:
        if max(first.trained_as_of, other.trained_as_of) <= as_of:
            lines = workspace.flips(comparison.ledger_id, as_of, first.id, other.id).drop_columns(["position"]).to_pylist()
            flips[other.id] = [line | {"outstanding": decimal_text(line["outstanding"], line["currency"])} for line in lines]
    return flips


def comparison_report(comparison: "Comparison") -> dict[str, Any]:
    return {
        "ledger": comparison.ledger_id,
        "dates": comparison.dates,
        "models": [
            {
                "model": record.id,
                "name": record.name,
                "figures": asdict(comparison.figures(record.id)),
                "difference": asdict(comparison.difference(record.id)),
                "reliability": comparison.reliability(record.id),
                "influence": comparison.influence(record.id),
            }
            for record in comparison.models
        ],
        "baselines": {name: asdict(comparison.figures(name)) for name in BASELINES},
    }


def comparison_lines(report: dict[str, Any]) -> list[str]:
    rows = []
    for each in report["models"]:
        figures, lead = each["figures"], each["difference"]
        interval = f"{lead['mean']:+.4f} ({lead['low']:+.4f} to {lead['high']:+.4f})" if each is not report["models"][0] else ""
        rows.append(
            (each["model"], number(figures, "log_loss"), interval, number(figures, "accuracy"), number(figures, "macro_f1"))
        )
    rows += [
        (name.replace("_", " "), number(figures, "log_loss"), "", number(figures, "accuracy"), number(figures, "macro_f1"))
        for name, figures in report["baselines"].items()
    ]
    lines = console.table(("model", "log loss", "less the first (95 %)", "accuracy", "macro F1"), rows)
    for other, flips in report["flips"].items():
        lines.append(f"{len(flips)} flags would flip with {other}" + (":" if flips else "."))
        lines += [
            f"  {flip['customer_name']} {flip['invoice_id']} {flip['outstanding']} {flip['currency']}: "
            + ("no longer flagged" if flip["flagged"] else "flagged")
            for flip in flips[:MOST_FLIPS]
        ]
    return lines


def check(
    model: Annotated[str, typer.Argument(help="The model's id.")],
    *,
    scope: bench.Scope = "",
    replay: bench.Replay = None,
    as_json: Json = False,
    watched: Watched = False,
) -> None:
    """What the quality gate would say of publishing a model, without publishing it."""
    from insights.workspace import Workspace

    if watched:
        bench.stop_with_parent()
    workspace = Workspace.open()
    record = arguments.pick("model", workspace.models(), model)
    verdict = workspace.check(record.id, scope=scope, replay=replay, progress=console.progress(as_json=as_json))
    console.show({"model": record.id, **asdict(verdict)}, verdict_lines(verdict), as_json=as_json)


def verdict_lines(verdict: "Verdict") -> list[str]:
    from insights.workspace.publications import objections

    return objections(verdict) or [f"Nothing speaks against publishing it (checked: {verdict.checked.replace('_', ' ')})."]


def fields(*, ledger: LedgerId = "", as_json: Json = False) -> None:
    """List every field a model of this ledger could use, what it means, and its influence in the published model."""
    from insights.fieldbook import described
    from insights.workspace import Workspace

    workspace = Workspace.open()
    record = arguments.pick("ledger", workspace.ledgers(), ledger) if ledger else workspace.ledger_record()
    published = workspace.published()
    metrics = workspace.model_record(published.model_id).metrics if published else {}
    influence = {each["field"]: each["share"] for each in metrics.get("importance") or []}
    found = [asdict(each) | {"influence": influence.get(each.name)} for each in described(workspace.ledger(record.id))]
    if as_json:
        console.emit({"ledger": record.id, "fields": found})
        return
    rows = [(each["name"], each["label"], f"{each['missing']:.0%}", each["distinct"], share(each["influence"])) for each in found]
    console.say(*console.table(("field", "what it is", "missing", "values", "influence"), rows))


def share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
