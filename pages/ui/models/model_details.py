"""What do we know of a model? Its figures beside those of the baselines, where it errs, and what moves it."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import streamlit as st

from insights import charts, messages
from insights.ledger import table_files
from insights.model.model_metrics import NO_BASELINE, ModelMetrics
from insights.model.recipe import Recipe
from insights.sandbox import folders
from insights.services import model_archive
from insights.services import models as use_cases
from insights.services.model_card import card
from insights.store.records import ModelRecord
from pages.ui.shared import format as fmt
from pages.ui.shared import pressed, session, widgets
from pages.ui.shared.tiles import Tile, row
from pages.ui.shared.view import View

INFLUENTIAL = 15
FAR_OFF = "Far off (log loss)"


def chosen(names: Mapping[str, str], view: View) -> str:
    """The id of the model to look at: first what this tab made last, else the one that speaks; another model may be chosen."""
    ids = list(names)
    made = session.recall(session.MADE)
    first = next((model for model in (made, view.model_id) if model in ids), ids[0])
    shown: str = st.selectbox(
        "Model", ids, ids.index(str(first)), format_func=lambda model: names[model], key=f"shown-{first}-{len(ids)}"
    )
    return shown


def name(record: ModelRecord) -> None:
    """The name, which whoever trains models may change; emptied, it is what it was."""
    st.text_input(
        "Name", max_chars=use_cases.LONGEST_NAME, key=session.bind("model_name", record.name), width=420,
        help="What menus, lists and every screen call the model. Recorded.", on_change=_rename, args=(record.id,),
    )  # fmt: skip


def _rename(model_id: str) -> None:
    """A callback."""
    if typed := str(session.bound("model_name") or "").strip():
        with widgets.refusals():
            use_cases.rename(session.workspace(), model_id, typed, actor=session.person())
            session.tell("The model has its new name.")


def summary(record: ModelRecord) -> None:
    """What it was made from."""
    widgets.facts({**made_from(record), "Model": record.id})


def made_from(record: ModelRecord) -> dict[str, str]:
    """Ledger, days, rows and settings of a model, in words."""
    recipe = record.recipe
    ledgers = {ledger.id: ledger.name for ledger in session.contents().ledgers}
    start, rows = recipe.get("training_start"), recipe.get("rows") or ()
    return {
        "Ledger": ledgers.get(record.ledger_id, fmt.NOTHING),
        "Trained as of": fmt.day(record.trained_as_of),
        "Learned from days since": fmt.day(date.fromisoformat(start)) if start else "eight quarters before",
        "Learned from": ", ".join(rows) or "all invoices",
        "Made": f"{fmt.moment(record.created_at)} by {record.actor}",
        "Very late after": fmt.days(recipe["very_late_days"]),
        "Grace days": fmt.count(recipe["grace_days"]),
        "Business days of": recipe["calendar"] or "every day counts",
        "Write-offs": "left out" if recipe.get("leave_out_write_offs") else "count as very late",
        "Fields": fmt.count(len(record.fields)),
    }


def figures(record: ModelRecord, published: ModelRecord | None) -> None:
    """Accuracy, macro F1 and log loss, each with what anybody could have reached without a model, and what is published does."""
    metrics = record.metrics
    quality = metrics.quality
    loss = quality.log_loss if quality else None
    common, rates, past = (
        quality.baseline(name) if quality else NO_BASELINE for name in ("commonest", "base_rates", "customer_past")
    )
    rival = published if published and _same_cases(record, published) else None
    published_loss = rival.metrics.quality.log_loss if rival and rival.metrics.quality else None
    row(
        Tile(
            "Right (accuracy)",
            fmt.percent(quality.accuracy if quality else None),
            f"commonest: {fmt.percent(common.accuracy)}",
            "Share of invoices whose most probable bucket happened; below, of always guessing the commonest bucket.",
        ),
        Tile(
            "Each bucket (macro F1)",
            fmt.percent(quality.macro_f1 if quality else None),
            f"commonest: {fmt.percent(common.macro_f1)}",
            "Mean F1 of the buckets: high only where the rare ones are found too; below, of always guessing the commonest.",
        ),
        Tile(FAR_OFF, _decimal(loss), "this model", "How far from what happened: lower is better."),
        Tile(FAR_OFF, _decimal(rates.log_loss), "base rates", "Of knowing only how often each bucket happens."),
        Tile(FAR_OFF, _decimal(past.log_loss), "customer's past", "Of knowing only the customer's own shares, smoothed."),
        *([Tile(FAR_OFF, _decimal(published_loss), "published", "Of the published model, on the same cases.")] if rival else []),
    )
    _judged(metrics)
    if not record.imported:
        verdict(loss, [rates.log_loss, past.log_loss], published_loss)
    if published and not rival and record.id != published.id:
        st.caption(
            "The published model was judged on other cases: hold the two against each other on past months, below or in Compare."
        )
    for warning in metrics.warnings:
        st.warning(messages.plain(messages.warning(warning.code, warning.values)), icon=":material/info:")


def _judged(metrics: ModelMetrics) -> None:
    """On what the figures stand."""
    if metrics.judged:
        first, last = map(fmt.day, metrics.judged)
        number = fmt.count(metrics.counts.held_out, "case")
        st.caption(
            f"Judged on {number} from {first} to {last}, later than all it had learned from then. "
            "The baselines know, too, that an overdue invoice cannot be on time."
        )


def _same_cases(model: ModelRecord, other: ModelRecord) -> bool:
    """Whether the figures of two different models stand on the same cases."""
    mine, others = ((record.ledger_id, record.metrics.judged, record.metrics.counts.held_out) for record in (model, other))
    lines = (Recipe.from_json(dict(record.recipe)).due_rules for record in (model, other))
    return model.id != other.id and mine == others and len(set(lines)) == 1


def verdict(loss: float | None, others: list[float | None], published: float | None) -> None:
    """What the log loss is worth beside those of the baselines and, on the same cases, of the published model."""
    known = [other for other in others if other is not None]
    if loss is None or not known:
        st.warning("Too few invoices to judge this model on days that it had not seen.", icon=":material/info:")
    elif loss >= min(known):
        st.error("Not better than the baselines: do not rely on it.", icon=":material/error:")
    elif published is not None and loss > published:
        worse = fmt.percent(loss / published - 1)
        st.error(f"Worse than the published model on the same cases: {worse} further off (log loss).", icon=":material/error:")
    else:
        better = 1 - loss / min(known)
        st.success(f"Better than both baselines: {fmt.percent(better)} less far off than the better one (log loss).",
                   icon=":material/check_circle:")  # fmt: skip


def errors(metrics: ModelMetrics) -> None:
    """Where it errs: what happened against what was most probable, and whether it means what it says."""
    if (quality := metrics.quality) is None or not quality.confusion:
        return
    left, right = st.columns(2, gap="medium")
    with left.container(border=True):
        st.header("Where it errs", anchor=False)
        st.plotly_chart(charts.confusion(quality.confusion), key="confusion", config=widgets.STILL, alt="Confusion matrix")
    with right.container(border=True):
        st.header("Does it mean what it says?", anchor=False)
        points = [(point.p, point.share, point.n) for point in quality.reliability]
        st.plotly_chart(charts.reliability(points), key="reliability", config=widgets.STILL, alt="Said against happened")
        many = fmt.count(sum(point.n for point in quality.reliability), "invoice")
        st.caption(f"Of {many} not due yet: what is overdue cannot be on time any more.")


def influence(metrics: ModelMetrics) -> None:
    """The fields that move its probabilities most."""
    shown = metrics.importance[:INFLUENTIAL]
    if not shown:
        return
    st.header("The most influential fields", anchor=False)
    labels = [messages.field(share.field) for share in shown]
    figure = charts.importance(labels, [share.share for share in shown])
    st.plotly_chart(figure, key="importance", config=widgets.STILL, alt="Share of the influence of each field")


def downloads(record: ModelRecord) -> None:
    """Its card, and all its metrics as files."""
    ledger = next((ledger.name for ledger in session.contents().ledgers if ledger.id == record.ledger_id), fmt.NOTHING)
    metrics = {"model": record.id, "recipe": dict(record.recipe), "metrics": record.metrics.to_json()}
    files = (
        ("Model card", card(record, ledger), "md", "text/markdown"),
        ("Metrics, JSON", json.dumps(metrics, indent=1), "json", "application/json"),
        ("Metrics, CSV", _csv(record.metrics.to_json()), "csv", "text/csv"),
    )
    with st.container(horizontal=True):
        packed = pressed.as_drawn(lambda: _packed(record))
        st.download_button(
            "The model itself", packed, f"model-{record.id}.zip", "application/zip", on_click="ignore",
            icon=":material/download:", key=f"zip-{record.id}",
        )  # fmt: skip
        for label, text, suffix, mime in files:
            name = f"model-{record.id}.{suffix}"
            st.download_button(
                label, text, name, mime, icon=":material/download:", on_click="ignore", key=f"{suffix}-{record.id}"
            )


def _packed(record: ModelRecord) -> bytes:
    """The archive's bytes, made when the button is clicked."""
    with folders.temporary() as folder:
        path = folder / "model.zip"
        model_archive.export(session.workspace(), record.id, path, actor=session.person())
        return path.read_bytes()


def _csv(metrics: Mapping[str, Any]) -> str:
    """Every figure of the metrics, one line each: its place, and its value."""
    lines = [(place, "" if value is None else str(value)) for place, value in _flat("", metrics)]
    return table_files.csv_text(pa.table({"metric": [place for place, _ in lines], "value": [value for _, value in lines]}))


def _flat(place: str, value: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return [line for name, inner in value.items() for line in _flat(f"{place}.{name}".lstrip("."), inner)]
    if isinstance(value, list | tuple):
        return [line for at, inner in enumerate(value) for line in _flat(f"{place}.{at}", inner)]
    return [(place, value)]


def _decimal(value: float | None) -> str:
    return fmt.NOTHING if value is None else f"{value:.3f}"
