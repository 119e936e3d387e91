"""What does a plausible receivables ledger look like? Two invented years of two invented companies, the same bytes each time.

    python sample_data/generate.py [FILE]

Only `random.Random` draws here: its stream for a seed is the same on every machine and Python version. Money is in cents.
"""

import csv
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

SEED = 20261030
FIRST, LAST = date(2024, 11, 1), date(2026, 10, 30)
INVOICES = 6000

COLUMNS = (
    "company,customer_id,customer_name,customer_group,country,invoice_id,kind,currency,amount,outstanding,"
    "issue_date,due_date,paid_date,settled_by,terms,disputed"
).split(",")

EUROPE, ISLES = "Brightwater Europe", "Brightwater UK"
NAMES = {  # country -> (invented places, trades with legal form)
    "DE": (
        "Hollenried Grünhagen Ostermark Wiesenthor Altenbrück Steinlohe Kaltenforst Bergwinkel Lindmühl Rothenau".split(),
        ("Maschinenbau GmbH", "Werkzeuge GmbH", "Elektrotechnik AG", "Verpackung KG"),
    ),
    "FR": (
        "Vauclair Montribel Chantevigne Rochefleur Beaulignac Saint-Orvain Clairmarais Valdoré".split(),
        ("Emballages SARL", "Distribution SA", "Menuiserie SARL"),
    ),
    "IT": ("Costalba Montefrasco Valserena Torrenera Pietrachiara".split(), ("Forniture S.r.l.", "Ceramiche S.p.A.")),
    "NL": ("Noordveen Waterhoek Oosterlaan Duinzicht Meerhuizen".split(), ("Logistiek B.V.", "Groothandel B.V.")),
    "GB": (
        "Aldermoor Brackwell Cresswick Dunhollow Eastmarsh Farrowby Glenhaven Hartlemere Kingsbrook Larkfield Mossbury "
        "Netherton Oakhurst Penwarden Quarrydale Ravensholt".split(),
        ("Fittings Ltd", "Joinery Ltd", "Trading plc", "Supplies Ltd"),
    ),
}
GROUPS = ("Retail", "Wholesale", "Manufacturing", "Public sector")
TERMS = {"Net 14": 14, "Net 30": 30, "Net 45": 45, "Net 60": 60, "2/10 net 30": 30}

# habit -> how many customers have it, usual days after the due date, their spread
HABITS = {
    "punctual": (26, -5.0, 2.5),
    "on the day": (24, 0.0, 0.2),
    "discount": (8, -20.0, 1.5),
    "weekly": (17, -5.0, 1.5),
    "monthly": (14, -10.0, 2.0),
    "slow": (12, 12.0, 9.0),
    "chronic": (8, 34.0, 18.0),
    "worsening": (6, -4.0, 4.0),
    "improving": (5, 24.0, 7.0),
}
CUSTOMERS = sum(count for count, _, _ in HABITS.values())
ESTABLISHED = 104  # the others come later


@dataclass(frozen=True)
class Customer:
    """Who buys, how much, and how they pay."""

    company: str
    id: str
    name: str
    group: str
    country: str
    currency: str
    terms: str
    habit: str
    weight: float  # of all invoices
    usual: int  # amount in cents
    since: date
    run_day: int  # weekday of the weekly payment run
    turn: date  # when a worsening or improving customer changes
    quarrels: float  # share of invoices disputed
    strained: frozenset[tuple[int, int]]  # months without cash


@dataclass(frozen=True)
class Invoice:
    """One line of the ledger; `paid` is None while open, `outstanding` is what the export says."""

    customer: Customer
    id: str
    amount: int
    issued: date
    due: date
    paid: date | None = None
    outstanding: int = 0
    kind: str = "invoice"
    settled_by: str = ""
    disputed: bool = False
    overrides: dict[str, str] = field(default_factory=dict)  # faults, put in at the end

    def row(self) -> dict[str, str]:
        """The line as the file has it."""
        buyer = self.customer
        values = (
            *(buyer.company, buyer.id, buyer.name, buyer.group, buyer.country, self.id, self.kind, buyer.currency),
            *(decimal_text(self.amount), decimal_text(self.outstanding), self.issued.isoformat(), self.due.isoformat()),
            *(self.paid.isoformat() if self.paid else "", self.settled_by, buyer.terms, "yes" if self.disputed else "no"),
        )
        return dict(zip(COLUMNS, values, strict=True)) | self.overrides


def decimal_text(cents: int) -> str:
    whole, part = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{part:02d}"


def business_day(day: date, step: int = 1) -> date:
    """The day itself, or the next (step 1) or previous (step -1) one from Monday to Friday."""
    while day.weekday() >= 5:
        day += timedelta(days=step)
    return day


def month_end(day: date) -> date:
    """The last business day of a day's month."""
    return business_day((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1), -1)


def between(random: Random, first: date, last: date) -> date:
    return first + timedelta(days=random.randrange((last - first).days + 1))


def strained_months(random: Random, habit: str) -> frozenset[tuple[int, int]]:
    """The months in which a customer has no cash: they come rarely and last a few months."""
    months, strained = [], False
    enter = {"punctual": 0.015, "on the day": 0.012, "discount": 0.0, "chronic": 0.07}.get(habit, 0.03)
    for number in range(30):
        strained = random.random() < (0.72 if strained else enter)
        if strained:
            months.append((2024 + (10 + number) // 12, (10 + number) % 12 + 1))
    return frozenset(months)


def firms() -> list[tuple[str, str]]:
    """(country, name) of every customer."""
    every = [(country, f"{place} {trade}") for country, (places, trades) in NAMES.items() for place in places for trade in trades]
    Random(SEED).shuffle(every)
    return every[:CUSTOMERS]


def customers(random: Random) -> list[Customer]:
    habits = [habit for habit, (count, _, _) in HABITS.items() for _ in range(count)]
    random.shuffle(habits)
    return [customer(random, number, *firm, habits[number]) for number, firm in enumerate(firms())]


def customer(random: Random, number: int, country: str, name: str, habit: str) -> Customer:
    """A firm with its size (a few are very large), its terms and its habit; the last few are new."""
    company = ISLES if country == "GB" else EUROPE
    currency = "GBP" if country == "GB" and random.random() < 0.9 else "EUR"
    young = number >= ESTABLISHED
    return Customer(
        company=company,
        id=f"{'U' if company == ISLES else 'E'}{1000 + number * 7:05d}",
        name=name,
        group=random.choices(GROUPS, (3, 4, 4, 1))[0],
        country=country,
        currency=currency,
        terms="2/10 net 30" if habit == "discount" else random.choices(list(TERMS)[:4], (2, 6, 2, 2))[0],
        habit=habit,
        weight=min(random.paretovariate(1.1), 16.0),
        usual=round(100 * random.lognormvariate(7.6, 0.9)),
        since=between(random, date(2025, 8, 1), date(2026, 10, 20)) if young else FIRST,
        run_day=random.randrange(5),
        turn=between(random, date(2025, 9, 1), date(2026, 5, 31)),
        quarrels=random.choices((0.01, 0.04, 0.15), (5, 4, 1))[0],
        strained=strained_months(random, habit),
    )


def season(day: date) -> float:
    """How busy a day is for sales: strong in autumn, weak in August, rare on weekends, and growing."""
    month = (0.9, 0.9, 1.0, 1.0, 1.0, 1.0, 0.95, 0.7, 1.15, 1.2, 1.2, 0.8)[day.month - 1]
    week = (1.1, 1.0, 1.0, 1.0, 1.0, 0.08, 0.04)[day.weekday()]
    return month * week * (1 + 0.15 * (day - FIRST).days / (LAST - FIRST).days)


def usual_delay(buyer: Customer, due: date) -> float:
    """Days after the due date at which the customer means to pay, before chance, strain and run days."""
    _, mean, _ = HABITS[buyer.habit]
    if buyer.habit == "worsening" and due >= buyer.turn:
        return mean + min(30.0, (due - buyer.turn).days / 5)
    if buyer.habit == "improving" and due >= buyer.turn:
        return -4.0
    return mean


def delay(random: Random, invoice: Invoice) -> float:
    """Days after the due date at which the customer would pay if every day were a payment day."""
    buyer, due = invoice.customer, invoice.due
    days = usual_delay(buyer, due) + random.gauss(0, HABITS[buyer.habit][2])
    if (due.year, due.month) in buyer.strained:
        days += random.uniform(12, 44)
    if invoice.amount > 2.5 * buyer.usual:  # larger than usual: somebody else has to sign
        days += 7
    if (due.month, due.day) >= (12, 18) or (due.month, due.day) <= (1, 4):
        days += 5
    if due.month == 8 and buyer.country in {"FR", "IT"}:
        days += 9
    if (
        buyer.company == ISLES and due > date(2026, 3, 1) and buyer.habit in {"slow", "monthly", "weekly", "chronic"}
    ):  # money has become dearer
        days += 0.02 * (due - date(2026, 3, 1)).days
    if invoice.disputed:
        days += random.uniform(20, 75)
    if random.random() < 0.01:  # lost in the post
        days += random.uniform(40, 150)
    return days


def payment_day(random: Random, invoice: Invoice) -> date:
    """The day of the payment run that settles an invoice."""
    buyer, meant = invoice.customer, invoice.due + timedelta(days=round(delay(random, invoice)))
    if buyer.habit == "weekly":
        meant += timedelta(days=(buyer.run_day - meant.weekday()) % 7)
    elif buyer.habit == "monthly":
        meant = month_end(meant) if meant <= month_end(meant) else month_end(meant + timedelta(days=7))
    elif buyer.habit == "punctual" and meant <= invoice.due:
        meant = business_day(meant, -1)
    return max(business_day(meant), business_day(invoice.issued + timedelta(days=1)))


def amount(random: Random, buyer: Customer) -> int:
    factor = random.lognormvariate(0, 0.55) * (random.uniform(2.5, 6) if random.random() < 0.04 else 1)
    return max(1500, round(buyer.usual * factor))


def issued(random: Random, buyers: list[Customer]) -> Iterator[Invoice]:
    """All invoices in order of issue, with a dispute flag where there is one, unpaid as yet."""
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    drawn = sorted(random.choices(days, [season(day) for day in days], k=INVOICES - CUSTOMERS + ESTABLISHED))
    starts = [(buyer.since, buyer) for buyer in buyers if buyer.since > FIRST]  # a new customer's first invoice
    chosen = [(day, random.choices(buyers, [buyer.weight * (buyer.since <= day) for buyer in buyers])[0]) for day in drawn]
    number = {EUROPE: 410000, ISLES: 520000}
    for day, buyer in sorted(starts + chosen, key=lambda pair: pair[0]):
        number[buyer.company] += random.randrange(1, 3)
        yield Invoice(
            customer=buyer,
            id=f"{'RE' if buyer.company == EUROPE else 'SI'}-{number[buyer.company]}",
            amount=amount(random, buyer),
            issued=day,
            due=day + timedelta(days=TERMS[buyer.terms]),
            disputed=random.random() < buyer.quarrels,
        )


def settled(random: Random, invoice: Invoice) -> Invoice:
    """The invoice as it stands at the end: paid, credited, written off, partly paid or open."""
    paid, by = payment_day(random, invoice), "payment"
    chance = random.random()
    if invoice.disputed and chance < 0.25:
        paid, by = business_day(invoice.issued + timedelta(days=random.randrange(20, 70))), "credit"
    elif chance > 0.96 and (paid - invoice.due).days > 45:
        paid, by = business_day(invoice.due + timedelta(days=180)), "write_off"
    if paid <= LAST:
        return replace(invoice, paid=paid, settled_by=by)
    share = random.uniform(0.2, 0.8) if random.random() < 0.05 else 1.0
    return replace(invoice, outstanding=round(invoice.amount * share))


def credit_notes(random: Random, invoices: list[Invoice]) -> Iterator[Invoice]:
    """A credit note for each credited invoice, some for returned goods, and three payments nobody could match."""
    credited = [invoice for invoice in invoices if invoice.settled_by == "credit"]
    returns = random.sample([invoice for invoice in invoices if invoice.settled_by == "payment"], 40)
    for number, origin in enumerate(credited + returns):
        day = origin.paid if origin.settled_by == "credit" and origin.paid else min(origin.issued + timedelta(days=9), LAST)
        cents = -origin.amount if origin.settled_by == "credit" else -round(origin.amount * random.uniform(0.05, 0.4))
        still_open = origin.settled_by == "payment" and day > LAST - timedelta(days=60)
        note = replace(origin, id=f"CN-{70001 + number}", kind="credit_note", amount=cents, issued=day, due=day, disputed=False)
        if still_open:
            yield replace(note, paid=None, outstanding=cents, settled_by="")
        else:
            yield replace(note, paid=max(day, origin.paid or day), outstanding=0, settled_by="credit")
    for number, origin in enumerate(random.sample(returns, 3)):
        day, cents = business_day(LAST - timedelta(days=5 + 9 * number), -1), -round(origin.amount * 0.7)
        on_account = replace(origin, id=f"PA-{9001 + number}", kind="payment_on_account", amount=cents, outstanding=cents)
        yield replace(on_account, issued=day, due=day, paid=None, settled_by="", disputed=False)


def faults(random: Random, invoices: list[Invoice]) -> Iterator[Invoice]:
    """A few rows as every real export has them; sample_data/README.md names each."""
    paid = [invoice for invoice in invoices if invoice.kind == "invoice" and invoice.settled_by == "payment"]
    wrong: tuple[dict[str, str], ...] = (
        {"due_date": "2025-02-03", "issue_date": "2025-03-03", "paid_date": "2025-03-20"},
        {"due_date": "2026-02-30"},
        {"issue_date": "2025-06-12", "due_date": "2025-07-12", "paid_date": "2025-05-30"},
        {"customer_id": "", "customer_name": ""},
        {"amount": "0.00"},
        {"amount": "see contract"},
        {"issue_date": ""},
        {"due_date": "2098-12-31"},
        {"outstanding": "125.00"},
        {"currency": "EURO"},
    )
    for number, (origin, values) in enumerate(zip(random.sample(paid, len(wrong)), wrong, strict=True)):
        yield replace(origin, id=f"{origin.id[:2]}-99{number:04d}", overrides=values)
    yield random.choice(paid)  # the same invoice twice


def ledger() -> list[Invoice]:
    """Every line of the ledger in the order of the file: by issue date, then number."""
    random = Random(SEED)
    invoices = [settled(random, invoice) for invoice in issued(random, customers(random))]
    lines = invoices + list(credit_notes(random, invoices)) + list(faults(random, invoices))
    return sorted(lines, key=lambda line: (line.issued, line.id))


def text() -> str:
    """The whole file."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(line.row() for line in ledger())
    return buffer.getvalue()


def main() -> None:
    target = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).with_name("ledger.csv")
    target.write_text(text(), encoding="utf-8", newline="")
    print(f"{target}: {len(ledger())} lines")


if __name__ == "__main__":
    main()
