"""How does a draft travel from the child process to its parent? As Arrow and JSON files in a folder, never as code."""

import json
import os
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from insights.ingest.draft import Draft, Match, Options, Question
from insights.ingest.grid import Grid
from insights.ingest.recognise.mappings import Mapping, saved
from insights.ingest.recognise.presets import own_folder
from insights.ingest.recognise.table import Table
from insights.ingest.report_date import ReportDate
from insights.ledger.errors import Refused
from insights.ledger.ledger import Aside, Ledger, Problem, Problems

PATHS = ("payments", "attributes")
DATES = ("complete_through", "history_starts")


def write_request(folder: Path, path: Path, options: Options, home: Path | None) -> None:
    request = {
        "path": str(path),
        "options": asdict(options),
        "saved": [asdict(mapping) for mapping in saved(home)],
        "presets": own_folder(home),
    }
    (folder / "request.json").write_text(json.dumps(request, default=str, ensure_ascii=False), encoding="utf-8")


def read_request(folder: Path) -> tuple[Path, Options, tuple[Mapping, ...], Path | None]:
    """What `parse` takes: the file, the options, the saved mappings, the folder of the user's own presets."""
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    values = request["options"]
    for name in PATHS:
        values[name] = Path(values[name]) if values[name] else None
    for name in DATES:
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    values["more"] = tuple(Path(path) for path in values["more"])
    values["known_at_issue"] = tuple(values["known_at_issue"])
    own = Path(request["presets"]) if request["presets"] else None
    return Path(request["path"]), Options(**values), tuple(Mapping(**entry) for entry in request["saved"]), own


def write_table_request(folder: Path, path: Path, known: Collection[str]) -> None:
    """Asks for the table of a file as text, whatever it is about: `known` are compact headers that tell its header row."""
    request = {"path": str(path), "known": sorted(known)}
    (folder / "request.json").write_text(json.dumps(request, ensure_ascii=False), encoding="utf-8")


def read_table_request(folder: Path) -> tuple[Path, set[str]] | None:
    """File and known headers; None where a draft is asked for."""
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    return (Path(request["path"]), set(request["known"])) if "known" in request else None


def files_of_request(folder: Path) -> list[Path]:
    """The files and folders that the child has to read, whatever is asked."""
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    options = request.get("options", {})
    named = [request["path"], request.get("presets"), *options.get("more", ()), *(options.get(name) for name in PATHS)]
    return [Path(name) for name in named if name]


def write_table(folder: Path, table: Table) -> None:
    columns = [pa.array(table.body.lines), *table.body.columns]
    _write_table(folder / "table.arrow", pa.table(columns, names=[str(k) for k in range(len(columns))]))
    _finish(folder, {"headers": table.headers})


def read_table(folder: Path) -> Table:
    """The table that was asked for; raises the child's Refused."""
    headers = _answer(folder)["headers"]
    columns = _read_table(folder / "table.arrow").columns
    return Table(tuple(headers), Grid(tuple(columns[1:]), (None,) * len(headers), columns[0].to_numpy()), Counter())


def write_refusal(folder: Path, refusal: Refused) -> None:
    """The sentence, the code, and the values that are plain."""
    values = {key: value for key, value in refusal.values.items() if isinstance(value, (str, int, float))}
    _finish(folder, {"refused": {"sentence": str(refusal), "code": refusal.code, "values": values}})


def write_draft(folder: Path, draft: Draft) -> None:
    _write_table(folder / "preview.arrow", draft.preview)
    entry: dict[str, Any] = {
        "matches": [asdict(match) for match in draft.matches],
        "questions": [asdict(question) for question in draft.questions],
        "headers": draft.headers,
        "ignored": dict(draft.ignored),
        "notes": [asdict(note) for note in draft.notes],
        "decided": dict(draft.decided),
        "preset": draft.preset,
        "mapping": draft.mapping,
        "sheet": draft.sheet,
        "sheets": draft.sheets,
        "report_date": asdict(draft.report_date) | {"day": draft.report_date.day.isoformat()} if draft.report_date else None,
    }
    if draft.ledger is not None:
        entry["ledger"] = _write_ledger(folder, draft.ledger)
    _finish(folder, {"draft": entry})


def _write_ledger(folder: Path, ledger: Ledger) -> dict[str, Any]:
    _write_table(folder / "invoices.arrow", ledger.invoices)
    _write_table(folder / "payments.arrow", ledger.payments)
    _write_table(folder / "problems.arrow", ledger.problems.table)
    names = ("known_at_issue", "rows_read", "rows_ignored", "name")
    days = {name: getattr(ledger, name).isoformat() for name in DATES}
    return {name: getattr(ledger, name) for name in names} | days | {"aside": [asdict(part) for part in ledger.aside or ()]}


def _finish(folder: Path, answer: dict[str, Any]) -> None:
    """Written last and under its name at once: an answer that is there is whole."""
    partial = folder / "answer.part"
    partial.write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    partial.replace(folder / "answer.json")


def read_answer(folder: Path) -> Draft:
    """The draft; raises the child's Refused. FileNotFoundError where the child gave no answer."""
    entry = _answer(folder)["draft"]
    draft = Draft(
        ledger=None,
        matches=tuple(Match(**(match | {"samples": tuple(match["samples"])})) for match in entry["matches"]),
        questions=tuple(Question(**(asked | {"choices": tuple(map(tuple, asked["choices"]))})) for asked in entry["questions"]),
        headers=tuple(entry["headers"]),
        ignored=entry["ignored"],
        notes=tuple(Problem(**note) for note in entry["notes"]),
        decided=entry["decided"],
        preview=_read_table(folder / "preview.arrow"),
        preset=entry["preset"],
        mapping=entry["mapping"],
        sheet=entry["sheet"],
        sheets=tuple(entry["sheets"]),
        report_date=_report_date(entry["report_date"]),
    )
    return replace(draft, ledger=_read_ledger(folder, entry["ledger"])) if "ledger" in entry else draft


def _report_date(entry: dict[str, str] | None) -> ReportDate | None:
    return ReportDate(date.fromisoformat(entry["day"]), entry["title"]) if entry else None


def _answer(folder: Path) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    if refused := answer.get("refused"):
        raise Refused(refused["sentence"], refused["code"], **refused["values"])
    return answer


def _read_ledger(folder: Path, entry: dict[str, Any]) -> Ledger:
    return Ledger(
        invoices=_read_table(folder / "invoices.arrow"),
        payments=_read_table(folder / "payments.arrow"),
        problems=Problems(_read_table(folder / "problems.arrow")),
        complete_through=date.fromisoformat(entry["complete_through"]),
        history_starts=date.fromisoformat(entry["history_starts"]),
        known_at_issue=tuple(entry["known_at_issue"]),
        rows_read=entry["rows_read"],
        rows_ignored=entry["rows_ignored"],
        name=entry["name"],
        aside=tuple(Aside(**part) for part in entry["aside"]),
    )


def _write_table(path: Path, table: pa.Table) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as file:
        file.write_table(table)


def _read_table(path: Path) -> pa.Table:
    """A table that stays on disk: it can be read as long as it is used, though its folder is removed meanwhile."""
    if os.name == "nt":  # Windows removes no file that is open
        with pa.OSFile(str(path), "rb") as source:
            table = pa.ipc.open_file(source).read_all()
    else:
        table = pa.ipc.open_file(pa.memory_map(str(path), "r")).read_all()
    table.validate(full=True)
    return table
