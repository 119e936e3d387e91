"""How is a ledger scored by many machines that share nothing but a folder, to which only their owner can write?

`prepare` writes the parts, the model and the whole ledger's counts into a folder; `score` makes one part of it, anywhere, in any
order, again if it was killed; `collect` takes the scored parts into the workspace, the same bits as if it had scored alone.

    plan.json        what is to be done, and the sha256 of everything that a part reads
    model/           the model
    whole/           counts of the whole ledger
    parts/0001/      the ledger of a part's customers, and where its rows stand in the whole
    scored/0001/     what was made of it, and a receipt
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq

from insights.access import Capability, Person, require
from insights.ledger import whole_files
from insights.ledger.errors import Refused
from insights.services import exports, predictions
from insights.store import files, ledgers, models, provenance
from insights.store import predictions as prediction_files
from insights.store.store import Store

if TYPE_CHECKING:
    from insights.prediction.parts import Part
    from insights.prediction.scoring import Whole

FORMAT = 1
MOST = 10_000  # parts
PLAN, RECEIPT, SCORED, POSITIONS, COUNTS = "plan.json", "receipt.json", "scored.parquet", "positions.npy", "counts.npz"
MODEL, WHOLE = "model", "whole"


@dataclass(frozen=True)
class Plan:
    """What is to be done in a folder."""

    parts: int
    ledger: str  # id, and the fingerprint that it must have
    fingerprint: str
    model: str  # id
    as_of: str
    values: tuple[str, ...]  # the text fields whose counts lie in `whole/`, in the order of their files
    currencies: tuple[str, ...]
    days: tuple[int, int]  # first and last of the counts
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


def prepare(  # noqa: PLR0913 - what to score, how, where, and who asks
    store: Store, folder: Path, parts: int, *, ledger_id: str, model_id: str, as_of: date, actor: Person
) -> Plan:
    """Write everything that the parts need into `folder`, which must be new or empty. On record as an export."""
    from insights.prediction.parts import divided, whole_of

    require(actor, Capability.TRAIN)
    if not 1 <= parts <= MOST:
        raise Refused(f"A ledger can be scored in 1 to {MOST:,} parts, not in {parts:,}.", "parts")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is not empty: parts are written into a new or an empty folder.", "not_empty")
    predictions.check(store, ledger_id, model_id, as_of)
    ledger, model = ledgers.load(store, ledger_id), models.load(store, model_id)
    ledger.check_as_of(as_of)
    exports.note(store, "parts", len(ledger.invoices), actor=actor, subject=ledger_id, folder=folder.name)
    inputs = {}
    for number, part in enumerate(divided(ledger, parts), 1):
        whole_files.place(part_folder(folder, number), writer_of(part))
        inputs[str(number)] = files.digest(part_folder(folder, number))
    whole = whole_of(model, [ledgers.read(part_folder(folder, number)) for number in range(1, parts + 1)], as_of)
    whole_files.place(folder / MODEL, model.save)
    whole_files.place(folder / WHOLE, lambda begun: write_whole(begun, whole))
    extent = whole.counts.extent
    plan = Plan(
        parts=parts,
        ledger=ledger_id,
        fingerprint=ledger.fingerprint,
        model=model_id,
        as_of=as_of.isoformat(),
        values=tuple(whole.counts.values),
        currencies=extent.currencies,
        days=(extent.first, extent.last),
        inputs=inputs | {name: files.digest(folder / name) for name in (MODEL, WHOLE)},
        made_with=provenance.scored_with(),
    )
    whole_files.place(folder / PLAN, lambda begun: files.write_json(begun, asdict(plan)))
    return plan


def part_folder(folder: Path, number: int) -> Path:
    return folder / "parts" / f"{number:04}"


def scored_folder(folder: Path, number: int) -> Path:
    return folder / "scored" / f"{number:04}"


def writer_of(part: "Part") -> Callable[[Path], None]:
    def write(begun: Path) -> None:
        ledgers.write(begun, replace(part.ledger, aside=()))
        np.save(begun / POSITIONS, part.positions, allow_pickle=False)

    return write


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
    pairs = {name: tuple(values[name]) for name in ("values", "currencies", "days")}
    return Plan(**(values | pairs))


def score(folder: Path, number: int, *, of: int | None = None) -> tuple[Receipt, bool]:
    """Score part `number` (1 to N) of a prepared folder; the receipt, and whether it was made now. Needs no workspace.

    A part that has its receipt is not made again. `of`: N as the caller has it. Refused where an input is not as written, or
    where code or libraries are not those of the plan: other bits would come out.
    """
    from insights.model.model import Model
    from insights.prediction import parts as partition

    plan = read_plan(folder)
    if (of is not None and of != plan.parts) or not 1 <= number <= plan.parts:
        raise Refused(f"The folder was prepared in {plan.parts} parts, 1/{plan.parts} to {plan.parts}/{plan.parts}.", "parts")
    if receipt := receipt_of(folder, plan, number):
        return receipt, False
    check_versions(plan)
    mine = part_folder(folder, number)
    for name, path in ((MODEL, folder / MODEL), (WHOLE, folder / WHOLE), (str(number), mine)):
        if not path.is_dir() or files.digest(path) != plan.inputs[name]:
            raise Refused(f"{path} is missing or not as it was written: prepare the parts anew.", "damaged")
    part = partition.Part(ledgers.read(mine), np.load(mine / POSITIONS, allow_pickle=False))
    table = partition.scored(Model.load(folder / MODEL), part, date.fromisoformat(plan.as_of), read_whole(folder / WHOLE, plan))

    def write(begun: Path) -> None:
        begun.mkdir()
        prediction_files.write(table, begun / SCORED)
        made = Receipt(number, table.num_rows, files.digest(begun / SCORED), plan.inputs[str(number)], provenance.scored_with())
        files.write_json(begun / RECEIPT, asdict(made))

    target = scored_folder(folder, number)
    files.discard(target)  # one without a receipt that holds
    try:
        whole_files.place(target, write)
    except OSError:
        if not receipt_of(folder, plan, number):  # else somebody else made the same part meanwhile
            raise
    if receipt := receipt_of(folder, plan, number):
        return receipt, True
    raise Refused(f"{target} is not as it was just written: the disk may be damaged.", "damaged")


def check_versions(plan: Plan) -> None:
    mine = provenance.scored_with()
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


def collect(store: Store, folder: Path, *, actor: Person) -> dict[str, Any]:
    """Keep what all parts say as the predictions of ledger, model and day, as if the workspace had scored by itself.

    Refused, with their numbers, where parts are missing, and where ledger or model of the workspace are others by now.
    """
    from insights.prediction.parts import together

    require(actor, Capability.TRAIN)
    plan = read_plan(folder)
    if left := missing(folder):
        named = ", ".join(f"{number}/{plan.parts}" for number in left[:10]) + (" ..." if len(left) > 10 else "")
        raise Refused(f"{len(left)} of {plan.parts} parts have no receipt yet: {named}.", "parts_missing", missing=left)
    key = (plan.ledger, plan.model, date.fromisoformat(plan.as_of))
    predictions.check(store, *key)
    if ledgers.load(store, plan.ledger).fingerprint != plan.fingerprint:
        raise Refused("The ledger of this workspace is not the one that was prepared.", "other_ledger")
    table = together(pq.read_table(scored_folder(folder, number) / SCORED) for number in range(1, plan.parts + 1))
    if not predictions.kept(store, *key):
        predictions.keep(store, key, table, actor=actor)
    return {"ledger": plan.ledger, "model": plan.model, "as_of": key[2], "rows": len(table), "parts": plan.parts}
