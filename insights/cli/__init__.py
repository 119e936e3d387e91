"""What can be done from a shell? Everything, with `--help` that teaches, and `--json` for a machine.

Exit codes: 0 done, 1 refused or failed (the sentence says why), 2 wrong usage. Results on stdout, progress on stderr.
"""

import logging
import sys

import typer

from insights.cli import (
    ageing,
    agreements,
    audit,
    backtest,
    backups,
    compare,
    console,
    failures,
    figures,
    forecast,
    habits,
    importing,
    invoices,
    jobs,
    ledgers,
    models,
    operations,
    parts,
    rates,
    report,
    score,
    train,
    users,
    worklist,
)
from insights.ledger.errors import Refused

HELP = """Predict which open invoices will be paid on time, late or very late, and why.

A first round:

\b
  python -m insights import LEDGER.csv
  python -m insights train
  python -m insights publish MODEL
  python -m insights score --out scored.csv

or in one go, without keeping anything:

\b
  python -m insights predict LEDGER.csv --as-of 2025-01-01 --out scored.csv

Everything is kept under INSIGHTS_HOME (default ./workspace). Ids may be shortened to their first characters.
Exit codes: 0 done, 1 refused or failed (the sentence says why), 2 wrong usage."""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
READING = (importing, ledgers, invoices, score, worklist, agreements, forecast, ageing, figures, habits, report, rates)
for module in (*READING, train, compare, models, backtest, jobs, audit, backups, parts, users, operations):
    module.add_to(app)


def run(arguments: list[str]) -> int:
    """Run a command line; its exit code."""
    console.ready()
    logging.lastResort = failures.LogFile(logging.ERROR)  # for whatever no handler is set up
    try:
        app(arguments, prog_name="python -m insights")
    except Refused as refusal:
        console.refuse(refusal, as_json="--json" in arguments)
        return 1
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except BrokenPipeError:  # the reader of our output had enough
        sys.stderr.close()
    except Exception as error:  # noqa: BLE001 - whatever it is, people get a sentence
        failures.tell(error, as_json="--json" in arguments)
        return 1
    return 0
