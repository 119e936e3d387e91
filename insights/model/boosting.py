"""On which device are trees taught, and how where the rows do not fit into memory? One place for what XGBoost is given."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ctypes import CDLL, byref, c_int
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Final
from weakref import finalize

import numpy as np
import numpy.typing as npt

from insights.ledger.ledger import Floats, Matrix
from insights.model.base_learners import neutral_names

if TYPE_CHECKING:
    import xgboost

CPU, GPU = "cpu", "cuda"
IN_MEMORY: Final = 2_000_000_000  # bytes of rows that are binned as one; more are binned from files, batch by batch
BATCH: Final = 200_000_000  # bytes of a batch

_device: ContextVar[str] = ContextVar("device", default=CPU)


@contextmanager
def on(device: str) -> Iterator[None]:
    """Trees are taught on a device while this lasts; what they say is always computed by the processor."""
    token = _device.set(device)
    try:
        yield
    finally:
        _device.reset(token)


def usable(wanted: str, note: Callable[[str], None]) -> str:
    """The device that a training runs on; `note` hears a sentence where the one that is wanted is not there."""
    if wanted != GPU:
        return CPU
    import xgboost

    if not xgboost.build_info().get("USE_CUDA"):
        note("This XGBoost was built without CUDA (requirements-gpu.txt has one that was): the processor trains.")
        return CPU
    if not cards():
        note("There is no NVIDIA card that CUDA can use here: the processor trains.")
        return CPU
    return GPU


def cards() -> int:
    """How many NVIDIA cards the driver of this machine offers."""
    try:
        driver = CDLL("libcuda.so.1")
    except OSError:
        return 0
    many = c_int(0)
    failed = driver.cuInit(0) or driver.cuDeviceGetCount(byref(many))
    return 0 if failed else many.value


def train(params: dict[str, Any], data: "xgboost.DMatrix", rounds: int, **given: Any) -> "xgboost.Booster":  # noqa: ANN401
    """`xgboost.train` on the device of `on`."""
    import xgboost

    device = _device.get()
    booster = xgboost.train(params if device == CPU else params | {"device": device}, data, rounds, **given)
    if device != CPU:
        booster.set_param({"device": CPU})
    return booster


def binned(values: Matrix, label: npt.NDArray[np.uint8], weight: Floats, used: npt.NDArray[np.bool_]) -> "xgboost.DMatrix":
    """Rows, binned; of the fields only those in use (bool[fields]) are ever drawn.

    More than IN_MEMORY bytes of rows are binned in batches, which lie in files of a temporary folder that goes with the matrix.
    """
    import xgboost

    names = neutral_names(values.shape[1])
    weights = None if used.all() else used.astype(np.float32)  # of weight 0: never drawn
    if values.nbytes <= IN_MEMORY:
        return xgboost.QuantileDMatrix(values, label, weight=weight, feature_names=names, feature_weights=weights)
    rows = max(1, BATCH // max(1, values.nbytes // len(values)))

    class Batches(xgboost.DataIter):
        def __init__(self, folder: str) -> None:
            self.first = 0
            super().__init__(cache_prefix=str(Path(folder) / "batch"), on_host=False)

        def next(self, input_data: Callable[..., None]) -> bool:
            if self.first >= len(values):
                return False
            of = slice(self.first, self.first + rows)
            input_data(data=values[of], label=label[of], weight=weight[of], feature_names=names)
            self.first += rows
            return True

        def reset(self) -> None:
            self.first = 0

    folder = mkdtemp(prefix="insights-rows-")
    try:
        matrix = xgboost.ExtMemQuantileDMatrix(Batches(folder))
    except BaseException:
        rmtree(folder, ignore_errors=True)
        raise
    finalize(matrix, rmtree, folder, ignore_errors=True)
    if weights is not None:
        matrix.set_info(feature_weights=weights)
    return matrix
