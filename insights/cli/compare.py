"""The commands before publishing: compare, check, fields."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli import arguments, console
from insights.cli.arguments import Allow, ForCompany, Json, LedgerId, Replay, Threshold, Watched

if TYPE_CHECKING:
    from insights.services.comparison import Comparison
    from insights.store.records import Scope, Verdict
    from insights.store.store import Store

BASELINES = ("base_rates", "customer_past")
MOST_FLIPS = 10  # shown to a person; the file has all

MaybeOut = Annotated[
    Path | None,
    typer.Option("--out", parser=arguments.out_file, metavar="FILE", help="Also write a table: .csv, .parquet, .xlsx."),
]
Months = Annotated[int, typer.Option(min=1, max=120, help="How many of the last months to replay.")]


def add_to(app: typer.Typer) -> None:
    for command in (compare, check, fields):
        app.command()(command)


def number(values: dict[str, Any], name: str) -> str:
    return f"{values[name]:.4f}" if values.get(name) is not None else "-"


def compare(
    models: Annotated[list[str], typer.Argument(help="Two to four models; the first is what the others are held against.")],
    *,
    ledger: LedgerId = "",
    months: Months = 6,
    allow: Allow = None,
    out: MaybeOut = None,
    as_json: Json = False,
    watched: Watched = False,  # noqa: ARG001 - parsing it is what counts
) -> None:
    """Refit the recipes of two to four models on the same past months; what is better, and which flags would flip."""
    import pyarrow as pa

    from insights.services import comparison as comparison_service
    from insights.services import exports, leakage_guard
    from insights.store import ledgers
    from insights.store import models as model_store
    from insights.store.store import Store

    store = Store.open()
    model_ids = [arguments.pick("model", model_store.listed(store), model).id for model in models]
    ledger_id = arguments.pick("ledger", ledgers.listed(store), ledger).id if ledger else ""
    leakage_guard.allow(
        store, ledger_id or model_store.get(store, model_ids[0]).ledger_id, arguments.reasons(allow), actor=arguments.person()
    )
    tell = console.progress(as_json=as_json)
    comparison = comparison_service.compare(store, model_ids, ledger_id=ledger_id, months=months, progress=tell)
    flips = all_flips(store, comparison)
    if out:
        table = pa.Table.from_pylist([{"other": other, **flip} for other, lines in flips.items() for flip in lines])
        exports.write(store, "flags", table, out, subject=comparison.ledger_id, actor=arguments.person())
    report = comparison_report(comparison) | {"flips": flips}
    console.show(report, comparison_lines(report), as_json=as_json)


def all_flips(store: "Store", comparison: "Comparison") -> dict[str, list[dict[str, Any]]]:
    """Other model -> the open invoices whose flag would change, as of the ledger's newest day; without models too new for it."""
    from insights.ledger.money import decimal_text
    from insights.services import flag_changes
    from insights.store import ledgers

    as_of = ledgers.get(store, comparison.ledger_id).default_as_of
    first, *others = comparison.models
    flips = {}
    for other in others:
        if max(first.trained_as_of, other.trained_as_of) <= as_of:
            lines = (
                flag_changes.between(store, comparison.ledger_id, as_of, (first.id, other.id), actor=arguments.person())
                .drop_columns(["position"])
                .to_pylist()
            )
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
                "differences": {name: asdict(gap) for name, gap in comparison.differences(record.id).items()},
                "reliability": [asdict(point) for point in comparison.reliability(record.id)],
                "influence": [asdict(field) for field in comparison.influence(record.id)],
            }
            for record in comparison.models
        ],
        "baselines": {name: asdict(comparison.figures(name)) for name in BASELINES},
    }


def comparison_lines(report: dict[str, Any]) -> list[str]:
    rows = []
    for model in report["models"]:
        figures, lead = model["figures"], model["difference"]
        interval = f"{lead['mean']:+.4f} ({lead['low']:+.4f} to {lead['high']:+.4f})" if model is not report["models"][0] else ""
        rows.append(
            (model["model"], number(figures, "log_loss"), interval, number(figures, "accuracy"), number(figures, "macro_f1"))
        )
    rows += [
        (name.replace("_", " "), number(figures, "log_loss"), "", number(figures, "accuracy"), number(figures, "macro_f1"))
        for name, figures in report["baselines"].items()
    ]
    lines = console.table(("model", "log loss", "less the first (95 %)", "accuracy", "macro F1"), rows)
    for other, flips in report["flips"].items():
        lines.append(f"{len(flips)} flags would flip with {other}" + (":" if flips else "."))
        lines += map(flip_line, flips[:MOST_FLIPS])
    return lines


def check(
    model: Annotated[str, typer.Argument(help="The model's id.")],
    *,
    company: ForCompany = None,
    threshold: Threshold = None,
    ledger: LedgerId = "",
    replay: Replay = None,
    allow: Allow = None,
    as_json: Json = False,
    watched: Watched = False,  # noqa: ARG001 - parsing it is what counts
) -> None:
    """What publishing a model would do: what the quality gate says, and which flags would change. Nothing is published."""
    from insights.services import leakage_guard, quality_gate
    from insights.store import models
    from insights.store.store import Store

    store = Store.open()
    record = arguments.pick("model", models.listed(store), model)
    scope = arguments.scope_of(store, company, record.ledger_id)
    leakage_guard.allow(store, record.ledger_id, arguments.reasons(allow), actor=arguments.person())
    verdict = quality_gate.check(store, record.id, scope=scope, replay=replay, progress=console.progress(as_json=as_json))
    changes = flips_report(store, record.id, scope, threshold, ledger)
    console.show(
        {"model": record.id, **asdict(verdict), "flips": changes},
        [*verdict_lines(verdict), *flips_lines(changes)],
        as_json=as_json,
    )


def flips_report(store: "Store", model_id: str, scope: "Scope", threshold: float | None, ledger: str) -> dict[str, Any]:
    """The open invoices of a ledger, as of its newest day, whose flag would change; with sums per currency. Empty without one."""
    from insights.ledger.money import decimal_text
    from insights.services import flag_changes
    from insights.store import ledgers

    if not ledgers.listed(store):
        return {}
    record = arguments.ledger_of(store, ledger)
    limit = arguments.flag_below(store, scope, threshold)
    table = flag_changes.of_publishing(
        store, record.id, record.default_as_of, model_id, scope=scope, threshold=limit, actor=arguments.person()
    )
    lines = table.drop_columns(["position"]).to_pylist()
    sums: dict[str, dict[str, int]] = {"flagged": {}, "no_longer": {}}
    for line in lines:
        side = sums["flagged" if line["other_flagged"] else "no_longer"]
        side[line["currency"]] = side.get(line["currency"], 0) + line["outstanding"]
    return {
        "ledger": record.id,
        "as_of": record.default_as_of,
        "threshold": limit,
        "sums": {name: {code: decimal_text(minor, code) for code, minor in side.items()} for name, side in sums.items()},
        "invoices": [line | {"outstanding": decimal_text(line["outstanding"], line["currency"])} for line in lines],
    }


def flips_lines(report: dict[str, Any]) -> list[str]:
    if not report:
        return []
    flips = report["invoices"]
    head = f"{len(flips)} flags would change as of {report['as_of']}, below {report['threshold']:g}"
    sums = [
        f"  {words}: {', '.join(f'{amount} {code}' for code, amount in report['sums'][name].items())}"
        for name, words in (("flagged", "would become flagged"), ("no_longer", "would no longer be flagged"))
        if report["sums"][name]
    ]
    return [head + (":" if flips else "."), *sums, *map(flip_line, flips[:MOST_FLIPS])]


def flip_line(flip: dict[str, Any]) -> str:
    change = "no longer flagged" if flip["flagged"] else "flagged"
    return f"  {flip['customer_name']} {flip['invoice_id']} {flip['outstanding']} {flip['currency']}: {change}"


def verdict_lines(verdict: "Verdict") -> list[str]:
    from insights.services.quality_gate import objections

    return objections(verdict) or [f"Nothing speaks against publishing it (checked: {verdict.checked.replace('_', ' ')})."]


def fields(*, ledger: LedgerId = "", as_json: Json = False) -> None:
    """List every field a model of this ledger could use, what it means, and its influence in the published model."""
    from insights.evaluation.field_profile import described
    from insights.evaluation.leakage import sentence
    from insights.services import leakage_guard
    from insights.store import ledgers, models, publications
    from insights.store.store import Store

    store = Store.open()
    record = arguments.ledger_of(store, ledger)
    published = publications.published(store).of_all(record.lineage_id)
    importance = models.get(store, published.model_id).metrics.importance if published else ()
    influence = {share.field: share.share for share in importance}
    read = ledgers.load(store, record.id)
    described_fields = [asdict(field) | {"influence": influence.get(field.name)} for field in described(read)]
    leaks = leakage_guard.suspicions(store, read)
    if as_json:
        leak_report = [asdict(leak) | {"sentence": sentence(leak)} for leak in leaks]
        console.emit({"ledger": record.id, "fields": described_fields, "leaks": leak_report})
        return
    rows = [
        (field["name"], field["label"], f"{field['missing']:.0%}", field["distinct"], share(field["influence"]))
        for field in described_fields
    ]
    console.say(*console.table(("field", "what it is", "missing", "values", "influence"), rows), *map(sentence, leaks))


def share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
