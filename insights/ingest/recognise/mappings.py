"""How was a source mapped last time? Saved under a name, recognised by its headers."""

import json
import re
from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from insights.ingest.draft import Draft, Options
from insights.ingest.recognise.match import compact
from insights.ledger import whole_files
from insights.ledger.errors import Refused

KEPT = (
    "preset",
    "encoding",
    "date_order",
    "decimal",
    "currency",
    "sheet",
    "known_at_issue",
    "terms_days",
    "hundredths",
    "repeated",
    "sign",
    "fill_down",
)
WORDS = ("types", "statuses", "currencies")  # what the user said of single words: added to what is remembered


@dataclass(frozen=True)
class Mapping:
    """A saved mapping: the headers it belongs to, as a signature, the columns, and the answers to the questions."""

    name: str
    signature: str
    maps: MappingType[str, str]
    answers: MappingType[str, object] = field(default_factory=dict)


def signature(headers: Sequence[str]) -> str:
    """The same for the same set of headers, whatever their order, case and punctuation."""
    return sha256("\n".join(sorted({compact(header) for header in headers})).encode()).hexdigest()


def save(home: Path, name: str, draft: Draft, options: Options) -> Path:
    """Saves what was matched and answered under `name`, replacing an earlier one. Raises Refused for a name that says nothing."""
    if not _slug(name):
        raise Refused("A mapping needs a name with letters or figures.", "no_name")
    matched = {match.field: match.column for match in draft.matches if match.accepted and match.column}
    answers = {key: value for key in (*KEPT, *WORDS) if (value := getattr(options, key)) not in ("", None, (), {})}
    mapping = Mapping(name, signature(draft.headers), {**matched, **options.maps}, {"preset": draft.preset, **answers})
    path = home / "mappings" / f"{_slug(name)}.json"
    entry = asdict(mapping)
    text = json.dumps(entry | {"sha256": _digest(entry)}, ensure_ascii=False, indent=1)
    whole_files.place(path, lambda begun: begun.write_text(text, encoding="utf-8"))
    return path


def saved(home: Path | None) -> tuple[Mapping, ...]:
    """All mappings of a workspace, by name; one that cannot be read, or is not as it was saved, is passed over."""
    paths = sorted((home / "mappings").glob("*.json")) if home else ()
    return tuple(mapping for path in paths if (mapping := _load(path)))


def damaged(home: Path) -> list[Path]:
    """The files of mappings that are not as they were saved."""
    return [path for path in sorted((home / "mappings").glob("*.json")) if _load(path) is None]


def _load(path: Path) -> Mapping | None:
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        if (digest := entry.pop("sha256", None)) is not None and digest != _digest(entry):  # none: saved by an earlier version
            return None
        return Mapping(entry["name"], entry["signature"], dict(entry["maps"]), dict(entry.get("answers", {})))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _digest(entry: MappingType[str, object]) -> str:
    return sha256(json.dumps(entry, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def names(home: Path | None) -> list[str]:
    return [mapping.name for mapping in saved(home)]


def delete(home: Path, name: str) -> None:
    (home / "mappings" / f"{_slug(name)}.json").unlink(missing_ok=True)


def recognised(known: Sequence[Mapping], wanted: str, headers: Sequence[str]) -> Mapping | None:
    """The mapping of a name, or the one whose headers these are. Raises Refused for an unknown name."""
    if wanted == "none":
        return None
    if wanted:
        chosen = next((mapping for mapping in known if mapping.name == wanted), None)
        if chosen is None:
            raise Refused(
                f"There is no saved mapping “{wanted}”; there are {', '.join(m.name for m in known) or 'none'}.",
                "no_such_mapping",
            )
        return chosen
    mark = signature(headers)
    return next((mapping for mapping in known if mapping.signature == mark), None)


def applied(mapping: Mapping | None, options: Options) -> Options:
    """Options with what the mapping knows and the user did not say."""
    if mapping is None:
        return options
    silent = {
        key: _tupled(value) for key, value in mapping.answers.items() if key in KEPT and getattr(options, key) in ("", None, ())
    }
    words = {key: {**mapping.answers.get(key, {}), **getattr(options, key)} for key in WORDS}  # type: ignore[dict-item]
    return replace(options, maps={**mapping.maps, **options.maps}, **words, **silent)  # type: ignore[arg-type]


def answered(options: Options) -> dict[str, object]:
    """What of the options is worth remembering: what a mapping keeps, where it differs from its default."""
    usual = Options()
    names = ("maps", *KEPT, *WORDS)
    return {name: value for name in names if (value := getattr(options, name)) != getattr(usual, name)}


def _tupled(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _slug(name: str) -> str:
    return re.sub(r"[^\w]+", "-", name.lower()).strip("-")[:80]
