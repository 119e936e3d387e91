"""What should travel with a model? Its card: what it is for, what it was made from, how good it is, and its limits."""

from collections.abc import Iterable, Sequence

from insights import messages
from insights.model.model_metrics import ModelMetrics, StageMetrics
from insights.store.records import ModelRecord

NOTHING = "—"
INFLUENTIAL = 10
_LABELS = ("on time", "late", "very late")
_STAGES = {"on_time": "Chance of on time", "very_late": "Chance of very late, once late"}
_LEARNERS = {
    "trees": "boosted trees",
    "bold": "weakly regularised trees",
    "deep": "deeper trees",
    "line": "a logistic regression",
}


def card(record: ModelRecord, ledger_name: str) -> str:
    """The model card as Markdown."""
    sections = (
        f"# Model card: {messages.plain(record.name or record.id)}",
        _purpose(),
        _made_from(record, messages.plain(ledger_name)),
        _quality(record.metrics),
        _confusion(record.metrics),
        _influence(record.metrics),
        _limits(record.metrics),
    )
    return "\n\n".join(section for section in sections if section) + "\n"


def _purpose() -> str:
    return (
        "It states for every open invoice, as of a date, how probable it is to be paid on time, late or very late. It is meant "
        "to help people decide whom to call first, not to decide about a customer by itself."
    )


def _made_from(record: ModelRecord, ledger_name: str) -> str:
    recipe = record.recipe
    facts = {
        "Model": record.id,
        "sha256": record.sha256,
        "Made": f"{record.created_at:%Y-%m-%d %H:%M} UTC by {messages.plain(record.actor)}",
        "Ledger": f"{ledger_name} ({record.ledger_id or NOTHING})",
        "Trained on what was known before": record.trained_as_of.isoformat(),
        "Learns from days since": recipe.get("training_start") or "eight quarters before",
        "Very late": f"more than {recipe['very_late_days']} days after the on-time line",
        "Grace days": recipe["grace_days"],
        "Business days of": recipe["calendar"] or "every day counts",
        "Write-offs": "left out" if recipe.get("leave_out_write_offs") else "count as very late",
        "Seed": recipe["seed"],
        "Fields": len(record.fields),
        **{_STAGES[name]: _learners(stage) for name, stage in record.metrics.stages.items()},
    }
    return "## Made from\n\n" + _table(("", ""), facts.items())


def _learners(stage: StageMetrics) -> str:
    """What a stage is made of."""
    if stage.by_rate:
        return "a plain rate per days past due"
    named = [_LEARNERS[code] for code in stage.learners or ("trees",)]  # of earlier models: nothing else
    named[0] += f" ({stage.rounds} rounds)"
    return named[0] if len(named) == 1 else f"the average, in log-odds, of {', '.join(named[:-1])} and {named[-1]}"


def _quality(metrics: ModelMetrics) -> str:
    if (quality := metrics.quality) is None:
        return "## Quality\n\nToo few invoices to judge it on days that it had not seen."
    common, rates, past = (quality.baseline(name) for name in ("commonest", "base_rates", "customer_past"))
    rows = (
        ("This model", _figure(quality.accuracy), _figure(quality.macro_f1), _figure(quality.log_loss)),
        ("Always the commonest outcome", _figure(common.accuracy), _figure(common.macro_f1), NOTHING),
        ("Base rates", NOTHING, NOTHING, _figure(rates.log_loss)),
        ("The customer's past", NOTHING, NOTHING, _figure(past.log_loss)),
    )
    first, last = metrics.judged or (NOTHING, NOTHING)
    judged = (
        f"Judged on {metrics.counts.held_out} cases from {first} to "
        f"{last}, later than all it had learned from then. AUC {_figure(quality.auc)}, Brier "
        f"{_figure(quality.brier)}, calibration error {_figure(quality.ece)}."
    )
    return "## Quality\n\n" + _table(("", "Accuracy", "Macro F1", "Log loss"), rows) + "\n\n" + judged


def _confusion(metrics: ModelMetrics) -> str:
    if metrics.quality is None or not metrics.quality.confusion:
        return ""
    rows = [(f"Paid {label}", *counts) for label, counts in zip(_LABELS, metrics.quality.confusion, strict=True)]
    return "### What happened (rows) and what was most probable (columns)\n\n" + _table(("", *_LABELS), rows)


def _influence(metrics: ModelMetrics) -> str:
    rows = [(messages.plain(messages.field(field.field)), f"{field.share:.1%}") for field in metrics.importance[:INFLUENTIAL]]
    return "## Most influential fields\n\n" + _table(("Field", "Share of the influence"), rows) if rows else ""


def _limits(metrics: ModelMetrics) -> str:
    sentences = [messages.warning(warning.code, warning.values) for warning in metrics.warnings]
    sentences += [
        "It knows nothing but this ledger: neither what a customer has promised nor what is in the news.",
        "Its reasons are associations in past payments, not causes.",
        "It ages: train another when customers or terms change.",
    ]
    return "## Limits\n\n" + "\n".join(f"- {line}" for line in sentences)


def _table(head: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [" | ".join(head), " | ".join("---" for _ in head), *(" | ".join(map(str, row)) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def _figure(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.3f}"
