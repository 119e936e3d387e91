"""Which currency does the number format of a cell show, where the cell itself holds a bare number? Of XLSX only."""

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, ZipFile

STYLES, WORKBOOK, RELATIONS = "xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)>")
PLACE, STYLE = re.compile(rb'\br="[A-Z]{1,3}(\d+)"'), re.compile(rb'\bs="(\d+)"')
BRACKETED = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")  # [$€-407]
QUOTED = re.compile(r'"([^"]*)"')
BARE = re.compile(r"[$€£¥₹₽₩₺₪₴₫₱₦฿]|\b[A-Z]{3}\b|kr|zł|Kč")


def signs_of_rows(path: Path, sheet: str) -> Mapping[int, str]:
    """Row number -> the sign or code that the formats of its cells show; rows with none, or with several, are left out."""
    try:
        with ZipFile(path) as book:
            shown = _signs_of_styles(book)
            name = _part(book, sheet) if shown else ""
            return _signs_of_cells(book.read(name), shown) if name else {}
    except (BadZipFile, KeyError, OSError, ValueError, ET.ParseError):
        return {}  # no workbook of this kind


def _parsed(book: ZipFile, name: str) -> ET.Element:
    """A part of the archive; ValueError where it declares entities, which no spreadsheet program writes."""
    text = book.read(name)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ValueError(name)
    return ET.fromstring(text)  # noqa: S314 - without entities there is nothing to expand


def _signs_of_styles(book: ZipFile) -> dict[int, str]:
    """Number of a style -> the sign that its format shows."""
    root = _parsed(book, STYLES)
    formats = {
        int(element.get("numFmtId", "0")): sign_of(element.get("formatCode", "")) for element in root.iterfind(".//{*}numFmt")
    }
    styles = root.find("{*}cellXfs")
    numbered = enumerate(int(element.get("numFmtId", "0")) for element in (styles if styles is not None else ()))
    return {number: sign for number, format_ in numbered if (sign := formats.get(format_, ""))}


def sign_of(code: str) -> str:
    """The currency that a number format shows: "[$€-407] #,##0.00" shows €; "" for none."""
    positive = unescape(code).split(";")[0]
    if bracketed := BRACKETED.search(positive):
        return bracketed[1].strip()
    for text in (*QUOTED.findall(positive), QUOTED.sub("", positive).replace("\\", "")):
        if sign := BARE.search(text):
            return sign[0]
    return ""


def _part(book: ZipFile, sheet: str) -> str:
    """The name of the part that holds a sheet."""
    root = _parsed(book, WORKBOOK)
    wanted = next(element for element in root.iterfind(".//{*}sheet") if element.get("name") == sheet)
    mark = next(value for name, value in wanted.attrib.items() if name.endswith("}id"))
    relations = _parsed(book, RELATIONS)
    target = next(element.get("Target", "") for element in relations if element.get("Id") == mark)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _signs_of_cells(text: bytes, shown: Mapping[int, str]) -> dict[int, str]:
    by_row: dict[int, set[str]] = {}
    for cell in CELL.finditer(text):
        place, style = PLACE.search(cell[1]), STYLE.search(cell[1])
        if place and style and (sign := shown.get(int(style[1]))):
            by_row.setdefault(int(place[1]), set()).add(sign)
    return {row: signs.pop() for row, signs in by_row.items() if len(signs) == 1}
