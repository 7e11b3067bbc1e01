"""Several items are at work at once, and come out in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from coercion_detect.parallel import in_order


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_their_items(threads: int) -> None:
    def work(number: int) -> int:
        time.sleep(0.01 * (number % 3))
        return number * number

    assert list(in_order(work, range(20), threads=threads)) == [n * n for n in range(20)]


def test_no_more_items_are_read_than_are_needed() -> None:
    read: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            read.append(number)
            yield number

    results = in_order(lambda n: n, items(), threads=2)
    next(results)
    assert len(read) == 3


def test_an_error_comes_out_and_stops_the_rest() -> None:
    done: list[int] = []

    def work(number: int) -> int:
        if number == 3:
            raise ValueError("three")
        done.append(number)
        return number

    with pytest.raises(ValueError, match="three"):
        list(in_order(work, range(1000), threads=2))
    assert len(done) < 10 and threading.active_count() < 10
