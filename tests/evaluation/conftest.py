"""What do several tests here build?"""

import pytest

from insights.evaluation import (
    Replay,
    replay_dates,
)
from tests.support.ledgers import DAY, START, small_ledger
from tests.support.replays import LATER, RECIPE


@pytest.fixture(scope="module")
def replay() -> Replay:
    return replay_dates(small_ledger(), [START + 280 * DAY, LATER], RECIPE)
