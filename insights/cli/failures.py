"""How is a person or a machine told of what failed?"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from insights.cli import console


def tell(error: Exception, *, as_json: bool) -> None:
    """The sentence on stderr with an id, for a machine on stdout as well; where it happened, by that id, in the home's log."""
    from insights.services import failures

    sentence, known_id = failures.sentence(error)
    console.note(sentence)
    with leaving_out_what_does_not_fit():
        if as_json:
            console.emit({"failed": known_id, "sentence": sentence})


class LogFile(logging.Handler):
    """What is logged as an error goes to the home's log: a person at a terminal gets sentences alone."""

    def emit(self, record: logging.LogRecord) -> None:
        from insights.services import failures

        failures.log(record.getMessage())


@contextmanager
def leaving_out_what_does_not_fit() -> Iterator[None]:
    """For output to a file on a full disk: what is left in the buffer is let go, or Python would complain at its end."""
    try:
        yield
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
