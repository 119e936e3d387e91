"""Does a lock have one holder?"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from insights.store import files


def test_a_lock_has_one_holder_even_while_its_file_is_removed_again_and_again(tmp_path: Path) -> None:
    """Six threads count under the lock, 200 times each, while the file vanishes whenever nobody holds it."""
    path, inside, most, done = tmp_path / "a.lock", [0], [0], threading.Event()

    def remove() -> None:
        while not done.is_set():
            files.remove_lock(path)

    def count() -> None:
        for _ in range(200):
            with files.lock(path):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0)
                inside[0] -= 1

    with ThreadPoolExecutor(7) as pool:
        removing = pool.submit(remove)
        for each in [pool.submit(count) for _ in range(6)]:
            each.result()
        done.set()
        removing.result()
    assert most == [1]
