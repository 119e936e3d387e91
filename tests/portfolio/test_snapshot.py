"""Which predictions are flagged?"""

import numpy as np

from insights.portfolio.snapshot import flagged


def test_an_invoice_is_flagged_below_the_threshold_and_not_at_it() -> None:
    p = np.array([0.0, np.nextafter(0.5, 0), 0.5, np.nextafter(0.5, 1)])
    assert flagged(p, 0.5).tolist() == [True, True, False, False]
