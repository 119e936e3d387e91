"""What do the predictions of a ledger's open invoices say, and which are flagged?"""

import numpy as np
import numpy.typing as npt


def flagged(p_on_time: npt.NDArray[np.float64], threshold: float | npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Red circle: the probability of on time is below the threshold (of all, or of each); exactly at it is not flagged."""
    out: npt.NDArray[np.bool_] = p_on_time < threshold
    return out
