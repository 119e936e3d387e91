"""How is a ledger scored by many machines that share nothing but a folder, to which only their owner can write?

`prepare` writes the parts, the model and the whole ledger's counts into a folder; `score` makes one part of it, anywhere, in any
order, again if it was killed; `collect` takes the scored parts into the workspace, the same bits as if it had scored alone.

    plan.json        what is to be done, and the sha256 of everything that a part reads
    model/           the model
    ledger/          the ledger without its rows: its days and its columns
    whole/           counts of the whole ledger
    parts/0001/      the rows of a part's customers, and where they stand in the whole (`store.divided`)
    scored/0001/     what was made of it, and a receipt

`score` holds one part of the ledger in memory, and so does `prepare`, but for a replay: it reads some columns of all invoices
(`shares_of`). `collect` holds all rows that it keeps or sorts, of predictions and replays; fields it copies part by part. What is
made of a part is one of MADE.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from insights.access import Capability, Person, require
from insights.ledger import whole_files
from insights.ledger.errors import Refused
from insights.ledger.ledger import Ledger, day
from insights.services import exports, predictions
from insights.store import divided, files, ledgers, models, provenance
from insights.store import predictions as prediction_files
from insights.store.divided import Divided
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.model.model import Model
    from insights.prediction.scoring import Whole

FORMAT = 3
MOST = 10_000  # parts
PLAN, RECEIPT, SCORED, COUNTS = "plan.json", "receipt.json", "scored.parquet", "counts.npz"
MODEL, WHOLE, LEDGER, PARTS = "model", "whole", "ledger", "parts"
CUSTOMER = ("company", "customer_id")

PREDICTIONS, FIELDS, FIELDS_AT_ISSUE, REPLAY = "predictions", "fields", "fields-at-issue", "replay"
MADE: Final = {
    PREDICTIONS: "what the model says of each open invoice, and why",
    FIELDS: "the fields that the model reads, of each open invoice",
    FIELDS_AT_ISSUE: "the same of every invoice, as of the day after its issue",
    REPLAY: "what the model says of the open invoices that can be judged by now, beside baselines, and what happened",
}

BUFFERS = 0.25  # share of the memory that DuckDB holds at most while it divides; it takes some more than it is allowed
MOST_THREADS = 4  # by which it divides: each holds rows of every part
MEMORY = 2.0  # gigabytes that a part, and the preparing of all, may take
PROGRAM, OF_AN_INVOICE = 0.4, 1_600  # gigabytes mapped before any row, and bytes per invoice of a part (docs/decisions)


def parts_for(invoices: int, gigabytes: float) -> int:
    """Into how many parts a ledger is divided so that each of them stays within so much memory."""
    return max(1, -(-invoices * OF_AN_INVOICE // max(1, int((gigabytes - PROGRAM) * 1e9))))


@dataclass(frozen=True)
class Plan:
    """What is to be done in a folder."""

    parts: int
    made: str  # one of MADE
    ledger: str  # id, and the fingerprint that it must have
    fingerprint: str
    model: str  # id
    as_of: str
    values: tuple[str, ...]  # the text fields whose counts lie in `whole/`, in the order of their files
    currencies: tuple[str, ...]
    days: tuple[int, int]  # first and last of the counts
    shares: tuple[float, float] | None  # of a replay: `evaluation.backtest.base_shares` of the whole ledger
    inputs: dict[str, str]  # sha256 of the model, the counts and each part
    made_with: dict[str, str]
    format: int = FORMAT


@dataclass(frozen=True)
class Receipt:
    """That a part was scored: what of, how many rows, with what."""

    part: int
    rows: int
    sha256: str
    input: str  # sha256 of the part
    made_with: dict[str, str]


def prepare(  # noqa: PLR0913 - what to make, how, where, and who asks
    store: Store,
    folder: Path,
    parts: int | None,
    *,
    ledger_id: str,
    model_id: str,
    as_of: date,
    actor: Person,
    made: str = PREDICTIONS,
    gigabytes: float = MEMORY,
) -> Plan:
    """Write everything that the parts need into `folder`, which must be new or empty. On record as an export.

    `parts`: None for as many as `parts_for` says. Where this fails, nothing that was begun stays.
    """
    require(actor, Capability.TRAIN)
    record = ledgers.get(store, ledger_id)
    parts = parts or parts_for(record.rows, gigabytes)
    if not 1 <= parts <= MOST:
        raise Refused(f"A ledger can be scored in 1 to {MOST:,} parts, not in {parts:,}.", "parts")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is not empty: parts are written into a new or an empty folder.", "not_empty")
    predictions.check(store, ledger_id, model_id, as_of)
    with ledgers.unharmed(store, ledger_id) as source:
        ledgers.read_empty(source).check_as_of(as_of)
        exports.note(store, "parts", record.rows, actor=actor, subject=ledger_id, folder=folder.name)
        work = Work(made, as_of, ledger_id, record.fingerprint, model_id)
        model, new = models.load(store, model_id), not folder.exists()
        try:
            return write(source, model, folder, parts, work, gigabytes=gigabytes)
        finally:
            if not (folder / PLAN).exists():  # written last
                remove_begun(folder, new=new)


def remove_begun(folder: Path, *, new: bool) -> None:
    """Remove what a preparing that failed wrote into a folder, and the folder where it was new."""
    for name in (PARTS, MODEL, LEDGER, WHOLE):
        shutil.rmtree(folder / name, ignore_errors=True)
    if new:
        with suppress(OSError):  # never made, or somebody else's file lies there by now
            folder.rmdir()


@dataclass(frozen=True)
class Work:
    """What is to be made of a ledger, and which one that is: one of MADE; id and fingerprint; id of the model."""

    made: str
    as_of: date
    ledger: str
    fingerprint: str
    model: str


def write(source: Path, model: "Model", folder: Path, parts: int, work: Work, *, gigabytes: float = MEMORY) -> Plan:
    """`prepare` of the ledger in a folder (`store.ledgers.write`), of which never more than a part is in memory.

    But for a replay: its base rates are those of rows drawn from all invoices, whose days and amounts are read at once.
    """
    from insights.prediction.parts import whole_of

    like, threads = ledgers.read_empty(source), min(MOST_THREADS, os.cpu_count() or 1)
    done = divided.divide(source, folder / PARTS, parts, megabytes=int(gigabytes * 1000 * BUFFERS), threads=threads)

    counted = [name for name in like.invoices.column_names if name in {*OF_EVENTS, *model.fields}]

    def ledgers_of_parts() -> Iterator[Ledger]:
        some = replace(like, invoices=like.invoices.select(counted))
        return (done.read(number, some).ledger for number in range(1, parts + 1))

    whole = whole_of(model, ledgers_of_parts, work.as_of)
    whole_files.place(folder / MODEL, model.save)
    whole_files.place(folder / LEDGER, lambda begun: ledgers.write(begun, replace(like, aside=())))
    whole_files.place(folder / WHOLE, lambda begun: write_whole(begun, whole))
    inputs = {str(number): files.digest(done.place(number)) for number in range(1, parts + 1)}
    extent = whole.counts.extent
    plan = Plan(
        parts=parts,
        made=work.made,
        ledger=work.ledger,
        fingerprint=work.fingerprint,
        model=work.model,
        as_of=work.as_of.isoformat(),
        values=tuple(whole.counts.values),
        currencies=extent.currencies,
        days=(extent.first, extent.last),
        shares=shares_of(source, model, work.as_of) if work.made == REPLAY else None,
        inputs=inputs | {name: files.digest(folder / name) for name in (MODEL, LEDGER, WHOLE)},
        made_with=made_with(work.made),
    )
    whole_files.place(folder / PLAN, lambda begun: files.write_json(begun, asdict(plan)))
    return plan


def made_with(made: str) -> dict[str, str]:
    """The versions that decide one of MADE."""
    return provenance.scored_with(provenance.REPLAYING if made == REPLAY else provenance.SCORING)


def shares_of(source: Path, model: "Model", as_of: date) -> tuple[float, float]:
    """The base rates beside which a model is replayed: of the rows that one of its recipe would be taught by."""
    from insights.evaluation.backtest import base_shares
    from insights.features.events import events_of

    like, recipe = ledgers.read_empty(source), model.recipe
    ledger = replace(like, invoices=pq.read_table(source / "invoices.parquet", columns=list(OF_EVENTS)))
    return base_shares(events_of(ledger, recipe.due_rules), recipe.training_span(like, as_of), recipe.seed)


OF_EVENTS = (*CUSTOMER, "kind", "currency", "amount", "issue_date", "due_date", "paid_date", "settled_by")


def scored_folder(folder: Path, number: int) -> Path:
    return folder / "scored" / f"{number:04}"


def write_whole(folder: Path, whole: "Whole") -> None:
    folder.mkdir()
    rates, ages = whole.counts.rates, whole.ages
    np.savez(folder / COUNTS, daily=rates.daily, amounts=rates.amounts, seen=ages.seen, paid=ages.paid)
    for number, table in enumerate(whole.counts.values.values()):
        pq.write_table(table, folder / f"values-{number}.parquet", compression="zstd")


def read_whole(folder: Path, plan: Plan) -> "Whole":
    from insights.features.kernel import DailyCounts
    from insights.features.whole_ledger import Extent, WholeLedger
    from insights.model.early_payments import AgeCounts
    from insights.prediction.scoring import Whole

    with np.load(folder / COUNTS, allow_pickle=False) as kept:
        rates = DailyCounts(plan.days[0], kept["daily"], kept["amounts"])
        ages = AgeCounts(kept["seen"], kept["paid"])
    values = {name: pq.read_table(folder / f"values-{number}.parquet") for number, name in enumerate(plan.values)}
    return Whole(WholeLedger(Extent(*plan.days, plan.currencies), rates, values), ages)


def read_plan(folder: Path) -> Plan:
    """Refused where the folder was not prepared, or by another version."""
    if not (folder / PLAN).is_file():
        raise Refused(f"{folder} holds no plan: `parts prepare` writes one.", "no_plan")
    values = files.read_json(folder / PLAN)
    if values.get("format") != FORMAT:
        raise Refused(f"The plan in {folder} was made by another version of Payment Insights: prepare it anew.", "no_plan")
    pairs = {name: tuple(values[name]) for name in ("values", "currencies", "days", "shares") if values[name] is not None}
    return Plan(**(values | pairs))


def score(folder: Path, number: int, *, of: int | None = None) -> tuple[Receipt, bool]:
    """Make part `number` (1 to N) of a prepared folder; the receipt, and whether it was made now. Needs no workspace.

    A part that has its receipt is not made again. `of`: N as the caller has it. Refused where an input is not as written, or
    where code or libraries are not those of the plan: other bits would come out.
    """
    plan = read_plan(folder)
    if (of is not None and of != plan.parts) or not 1 <= number <= plan.parts:
        raise Refused(f"The folder was prepared in {plan.parts} parts, 1/{plan.parts} to {plan.parts}/{plan.parts}.", "parts")
    if receipt := receipt_of(folder, plan, number):
        return receipt, False
    check_versions(plan)
    mine = Divided(folder / PARTS, plan.parts).place(number)
    for name, path in (*((name, folder / name) for name in (MODEL, LEDGER, WHOLE)), (str(number), mine)):
        if not path.is_dir() or files.digest(path) != plan.inputs[name]:
            raise Refused(f"{path} is missing or not as it was written: prepare the parts anew.", "damaged")
    table = made_of(folder, plan, number)

    def write(begun: Path) -> None:
        begun.mkdir(files.OWN_FOLDER)
        prediction_files.write(table, begun / SCORED)
        made = Receipt(number, table.num_rows, files.digest(begun / SCORED), plan.inputs[str(number)], made_with(plan.made))
        files.write_json(begun / RECEIPT, asdict(made))
        for path in begun.iterdir():
            files.shut(path)

    # Whoever makes a part opens no workspace, which would have set a umask; and a worker of a cluster has one of its own.
    target = scored_folder(folder, number)
    target.parent.mkdir(files.OWN_FOLDER, exist_ok=True)
    files.discard(target)  # one without a receipt that holds
    try:
        whole_files.place(target, write)
    except OSError:
        if not receipt_of(folder, plan, number):  # else somebody else made the same part meanwhile
            raise
    if receipt := receipt_of(folder, plan, number):
        return receipt, True
    raise Refused(f"{target} is not as it was just written: the disk may be damaged.", "damaged")


def made_of(folder: Path, plan: Plan, number: int) -> pa.Table:
    """What the plan makes of a part."""
    from insights.evaluation.parts import replayed
    from insights.features.partitions import fields_of
    from insights.model.model import Model
    from insights.prediction.parts import scored

    part = Divided(folder / PARTS, plan.parts).read(number, ledgers.read_empty(folder / LEDGER))
    model, whole, as_of = Model.load(folder / MODEL), read_whole(folder / WHOLE, plan), date.fromisoformat(plan.as_of)
    if plan.made == PREDICTIONS:
        return scored(model, part, as_of, whole)
    if plan.made == REPLAY and plan.shares:
        return replayed(model, part, as_of, whole.counts, whole.ages, plan.shares)
    at = None if plan.made == FIELDS_AT_ISSUE else day(as_of)
    return fields_of(part, model.recipe.due_rules, model.fields, whole.counts, at)


def check_versions(plan: Plan) -> None:
    mine = made_with(plan.made)
    other = sorted(name for name in {*mine, *plan.made_with} if mine.get(name) != plan.made_with.get(name))
    if other:
        raise Refused(
            f"This machine has other versions than the plan was made with ({', '.join(other)}), so its figures could differ: "
            "install the same release, or prepare the parts with this one.",
            "versions",
        )


def receipt_of(folder: Path, plan: Plan, number: int) -> Receipt | None:
    """The receipt of a part, where it is of this plan and its file is as written."""
    path = scored_folder(folder, number)
    if not (path / RECEIPT).is_file() or not (path / SCORED).is_file():
        return None
    try:
        receipt = Receipt(**files.read_json(path / RECEIPT))
    except (Refused, TypeError):
        return None
    same = receipt.input == plan.inputs[str(number)] and receipt.made_with == plan.made_with
    return receipt if same and files.digest(path / SCORED) == receipt.sha256 else None


def missing(folder: Path) -> list[int]:
    """The parts that are still to be scored."""
    plan = read_plan(folder)
    return [number for number in range(1, plan.parts + 1) if receipt_of(folder, plan, number) is None]


def collect(store: Store, folder: Path, *, actor: Person, out: Path | None = None) -> dict[str, Any]:
    """Keep what all parts say as the predictions of ledger, model and day, as if the workspace had scored by itself.

    All else goes to the Parquet file `out`: fields in the order of the parts, a replay in that of the ledger. Refused, with
    their numbers, where parts are missing, and where ledger or model of the workspace are others by now.
    """
    from insights.prediction.parts import together

    require(actor, Capability.TRAIN)
    plan = read_plan(folder)
    if left := missing(folder):
        named = ", ".join(f"{number}/{plan.parts}" for number in left[:10]) + (" ..." if len(left) > 10 else "")
        raise Refused(f"{len(left)} of {plan.parts} parts have no receipt yet: {named}.", "parts_missing", missing=left)
    if (plan.made == PREDICTIONS) != (out is None):
        where = "which are kept in the workspace, in no file" if out else "which goes to a file: name one with --out"
        raise Refused(f"This folder holds {MADE[plan.made]}, {where}.", "out")
    key = (plan.ledger, plan.model, date.fromisoformat(plan.as_of))
    predictions.check(store, *key)
    if ledgers.get(store, plan.ledger).fingerprint != plan.fingerprint:
        raise Refused("The ledger of this workspace is not the one that was prepared.", "other_ledger")
    paths = [scored_folder(folder, number) / SCORED for number in range(1, plan.parts + 1)]
    if out is not None:
        rows = sum(pq.read_metadata(path).num_rows for path in paths)
        exports.note(store, REPLAY if plan.made == REPLAY else FIELDS, rows, actor=actor, subject=plan.ledger, file=out.name)
        if plan.made == REPLAY:
            with ledgers.unharmed(store, plan.ledger) as source:
                replay = as_replayed(source, paths)
            whole_files.write(out, lambda begun: pq.write_table(replay, begun, compression="zstd"))
        else:
            whole_files.write(out, lambda begun: one_file(paths, begun))
    else:
        table = together(map(pq.read_table, paths))
        rows = len(table)
        if not predictions.kept(store, *key):
            predictions.keep(store, key, table, actor=actor)
    return {"ledger": plan.ledger, "model": plan.model, "as_of": key[2], "rows": rows, "parts": plan.parts, "made": plan.made}


def one_file(paths: list[Path], begun: Path) -> None:
    """The rows of several files in one, each a group of rows of it."""
    with pq.ParquetWriter(begun, pq.read_schema(paths[0]), compression="zstd") as writer:
        for path in paths:
            writer.write_table(pq.read_table(path))


def as_replayed(source: Path, paths: list[Path]) -> pa.Table:
    """The rows of a replay as those of the whole ledger in a folder."""
    from insights.evaluation.parts import together
    from insights.features.events import customer_codes, invoice_positions

    like = ledgers.read_empty(source)
    ledger = replace(like, invoices=pq.read_table(source / "invoices.parquet", columns=[*CUSTOMER, "kind"]))
    positions = invoice_positions(ledger)
    customer = np.full(len(ledger.invoices), -1, np.int32)
    customer[positions] = customer_codes(ledger.invoices.take(pa.array(positions)))
    return together(map(pq.read_table, paths), customer)
