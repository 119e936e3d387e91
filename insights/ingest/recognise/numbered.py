"""Which columns are payments that stand beside each other: "Payment 1 Date", "Payment 1 Amount", "Payment 2 Date", and so on?"""

import re
from collections.abc import Iterable

from insights.ingest.recognise.match import words

PAYMENT = r"\b(?:payments?|paid|pmt|receipts?|received|instal?ments?|zahlung|paiement|reglement|pago|pagamento|betaling)\b"
DAY = r"\b(?:date|dt|day|on|datum|am|le|fecha|data|den)\b"
AMOUNT = r"\b(?:amount|amt|value|sum|betrag|montant|importe|monto|valor|importo|bedrag|belopp)\b"


def payments(headers: Iterable[str]) -> list[tuple[str, str]]:
    """Headers of the day and the amount of each payment that has a number."""
    days: dict[str, str] = {}
    amounts: dict[str, str] = {}
    for header in headers:
        header_words = words(header)
        number = re.search(r"\d+", header_words)
        if number is None or not re.search(PAYMENT, header_words):
            continue
        is_day = re.search(DAY, header_words)
        is_amount = re.search(AMOUNT, header_words) or re.fullmatch(rf"{PAYMENT} ?\d+", header_words)
        kept = days if is_day else amounts if is_amount else {}
        kept.setdefault(number[0], header)
    return [(day, amounts[number]) for number, day in days.items() if number in amounts]
