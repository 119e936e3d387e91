"""Do no more children run at once than there are cores and memory for, and does everybody's turn come?"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from insights.sandbox.limits import Limits, Machine, Turns


class Left(Exception):
    """Whoever waited has gone."""


def test_never_more_than_there_are_cores_and_all_come_in_their_order() -> None:
    turns, running, most, order = Turns(Machine(cores=2, memory=8192)), [0], [0], []
    lock = threading.Lock()

    def come(number: int) -> None:
        with turns.turn(Limits(memory=1024)):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
                order.append(number)
            time.sleep(0.02)
            with lock:
                running[0] -= 1

    with ThreadPoolExecutor(12) as pool:
        for number in range(12):
            pool.submit(come, number)
            time.sleep(0.002)
    assert most == [2]
    assert sorted(order) == list(range(12))
    assert [abs(at - number) <= 1 for at, number in enumerate(order)] == [True] * 12


def test_children_that_need_much_memory_run_one_after_another_though_there_are_cores() -> None:
    turns, ahead = Turns(Machine(cores=8, memory=4096)), list[int]()
    with turns.turn(Limits(memory=2048)), turns.turn(Limits(memory=2048)), pytest.raises(Left):
        leave_when_told(turns, ahead)
    assert ahead == [1]
    with turns.turn(Limits(memory=9000)):
        pass  # more than there is: alone, it may


def leave_when_told(turns: Turns, ahead: list[int]) -> None:
    def heard(count: int) -> None:
        ahead.append(count)
        raise Left

    with turns.turn(Limits(memory=2048), heard):
        ahead.append(0)


def test_who_leaves_while_waiting_is_waited_for_by_nobody() -> None:
    turns = Turns(Machine(cores=1, memory=4096))
    with turns.turn(Limits()), pytest.raises(Left):
        leave_when_told(turns, [])
    with turns.turn(Limits()):
        pass


def test_who_waits_hears_how_many_go_before() -> None:
    turns, told = Turns(Machine(cores=1, memory=4096)), list[int]()
    first_may_go = threading.Event()

    def come_first() -> None:
        with turns.turn(Limits()):
            first_may_go.wait(5)

    thread = threading.Thread(target=come_first)
    thread.start()
    while not turns._line:
        time.sleep(0.001)

    def heard(ahead: int) -> None:
        told.append(ahead)
        first_may_go.set()

    with turns.turn(Limits(), heard):
        thread.join()
    assert told[0] == 1


def test_this_machine_has_a_core_and_memory() -> None:
    machine = Machine.ours()
    assert machine.cores >= 1
    assert machine.memory > 256
