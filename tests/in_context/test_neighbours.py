from __future__ import annotations

from collections.abc import Sequence
from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from coercion_detect.in_context.neighbours import (
    AHEAD,
    ANSWERED_WITHIN,
    ASKED,
    BACK,
    LOOK_BACK,
    N_SINCE,
    NOBODY,
    NOTHING,
    Candidates,
    around,
    candidates,
    numbered,
    other_after,
    other_before,
    since_refusal,
)
from coercion_detect.in_context.turns import N_NUMBERS, REQUEST
from coercion_detect.joint import N_TACTICS

Floats = NDArray[np.float64]
Chat = tuple[Floats, Floats, NDArray[np.intp]]  # numbers, log-odds of refusals, senders


@st.composite
def chats(draw: st.DrawFn) -> Chat:
    """Draw conversations of 0 to 80 messages and 2 to 4 people, with equal numbers here and there."""
    n, people = draw(st.integers(0, 1) | st.integers(2, 80)), draw(st.integers(2, 4))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    numbers, refusals = rng.integers(-20, 21, (n, N_NUMBERS)), rng.integers(-6, 7, n)
    return numbers.astype(float), refusals.astype(float), rng.integers(0, people, n)


def place_of_other(senders: Sequence[int], i: int, steps: Sequence[int]) -> int:
    return next((i + by for by in steps if 0 <= i + by < len(senders) and senders[i + by] != senders[i]), NOBODY)


def row_around(numbers: Floats, senders: Sequence[int], i: int) -> list[float]:
    row: list[float] = []
    for by in range(-BACK, AHEAD + 1):
        there = 0 <= i + by < len(numbers)
        row += numbers[i + by].tolist() if there else [NOTHING] * numbers.shape[1]
        if by:
            row.append(float(senders[i + by] == senders[i]) if there else -1.0)
    return row


def strength(numbers: Floats, i: int) -> float:
    return float(max(numbers[i, REQUEST], *numbers[i, :N_TACTICS]))


def others_before(senders: Sequence[int], i: int) -> list[int]:
    return [j for j in range(max(i - LOOK_BACK, 0), i) if senders[j] != senders[i]]


def asked_before(senders: Sequence[int], i: int, refusal: int) -> list[int]:
    return [j for j in range(max(refusal - ASKED, 0), refusal) if senders[j] == senders[i]]


def candidate(chat: Chat, i: int, *, lowest: float) -> tuple[int, int, int] | None:
    """Return message ``i``, what it goes against and what was asked before that; nothing where nobody refused."""
    numbers, refusals, senders = chat[0], chat[1].tolist(), chat[2].tolist()
    others = others_before(senders, i)
    latest = max((j for j in others if refusals[j] > max(lowest, 0)), default=NOBODY)
    surest = max((j for j in others if refusals[j] > lowest), key=lambda j: (refusals[j], j), default=NOBODY)
    refusal = surest if latest == NOBODY else latest
    asked = asked_before(senders, i, refusal)
    ask = max(asked, key=lambda j: (strength(numbers, j), j), default=NOBODY)
    return None if refusal == NOBODY else (i, refusal, ask)


def row_since(chat: Chat, i: int) -> list[float]:
    numbers, refusals, senders = chat[0], chat[1].tolist(), chat[2].tolist()
    others = others_before(senders, i)
    if not others:
        return [NOTHING] * N_SINCE
    surest = max(others, key=lambda j: (refusals[j], j))
    since = range(surest + 1, i)
    own = [j for j in since if senders[j] == senders[i]]
    return [
        refusals[surest],
        i - surest,
        sorted([NOTHING, *(refusals[j] for j in others)])[-2],
        sum(1 / (1 + exp(-refusals[j])) for j in others),
        len(own),
        max((strength(numbers, j) for j in asked_before(senders, i, surest)), default=NOTHING),
        max((float(numbers[j, REQUEST]) for j in since if j not in own), default=NOTHING),
        max((strength(numbers, j) for j in own), default=NOTHING),
    ]


@settings(max_examples=60, deadline=None)
@given(chats())
def test_around_is_what_a_plain_loop_finds(chat: Chat) -> None:
    numbers, _, senders = chat
    rows = [row_around(numbers, senders.tolist(), i) for i in range(len(numbers))]
    found = around(numbers, senders)
    assert found.tolist() == rows
    assert found.shape == (len(numbers), (N_NUMBERS + 1) * (BACK + 1 + AHEAD) - 1)


@settings(max_examples=60, deadline=None)
@given(chats(), st.integers(1, 6))
def test_the_nearest_other_is_what_a_plain_loop_finds(chat: Chat, within: int) -> None:
    who = chat[2].tolist()
    before, after = other_before(chat[2]), other_after(chat[2], within=within)
    assert before.tolist() == [place_of_other(who, i, range(-1, -ANSWERED_WITHIN - 1, -1)) for i in range(len(who))]
    assert after.tolist() == [place_of_other(who, i, range(1, within + 1)) for i in range(len(who))]
    assert other_after(chat[2]).tolist() == other_after(chat[2], within=ANSWERED_WITHIN).tolist()


@settings(max_examples=100, deadline=None)
@given(chats(), st.integers(-7, 7))
def test_candidates_are_what_a_plain_loop_finds(chat: Chat, lowest: int) -> None:
    wanted = [one for i in range(len(chat[0])) if (one := candidate(chat, i, lowest=lowest)) is not None]
    found = candidates(*chat, lowest=lowest)
    assert list(zip(found.places.tolist(), found.refusals.tolist(), found.asks.tolist(), strict=True)) == wanted


@settings(max_examples=100, deadline=None)
@given(chats())
def test_what_lies_since_a_refusal_is_what_a_plain_loop_finds(chat: Chat) -> None:
    found = since_refusal(*chat)
    wanted = [row_since(chat, i) for i in range(len(chat[0]))]
    np.testing.assert_allclose(found, np.array(wanted).reshape(-1, N_SINCE), rtol=1e-12)


@settings(max_examples=50, deadline=None)
@given(chats())
def test_no_candidate_is_by_the_one_who_refused(chat: Chat) -> None:
    _, refusals, senders = chat
    found = candidates(*chat, lowest=0.0)
    distance = found.places - found.refusals
    assert ((0 < distance) & (distance <= LOOK_BACK)).all() and (refusals[found.refusals] > 0).all()
    assert (senders[found.refusals] != senders[found.places]).all()
    known = found.asks != NOBODY
    assert (found.asks[known] < found.refusals[known]).all()
    assert (senders[found.asks[known]] == senders[found.places[known]]).all()


def found(
    who: str, refusals: Sequence[float], *, lowest: float = 0.0, requests: Sequence[float] | None = None
) -> Candidates:
    numbers = np.full((len(who), N_NUMBERS), -4.0)
    numbers[:, REQUEST] = -4.0 if requests is None else requests
    return candidates(numbers, np.array(refusals, dtype=float), numbered(who), lowest=lowest)


@pytest.mark.parametrize(
    ("who", "refusals", "wanted"),
    [
        ("ABABB", [-1, 1, -1, -1, -1], [(2, 1)]),
        ("ABABB", [-1, -1, -1, -1, -1], []),
        ("ABABB", [1, -1, -1, -1, -1], [(1, 0), (3, 0), (4, 0)]),
        ("ABCA", [-1, 1, 1, -1], [(2, 1), (3, 2)]),  # the latest one
        ("ABBA", [-1, 9, 1, -1], [(3, 2)]),  # also where an earlier one is surer
        ("ABBA", [-1, 9, 0, -1], [(3, 1)]),  # the latest that opens anything
        ("", [], []),
        ("A", [5], []),
    ],
)
def test_a_message_goes_against_the_latest_refusal_of_somebody_else(
    who: str, refusals: list[float], wanted: list[tuple[int, int]]
) -> None:
    one = found(who, refusals)
    assert list(zip(one.places.tolist(), one.refusals.tolist(), strict=True)) == wanted


def test_a_refusal_that_is_not_sure_enough_opens_nothing() -> None:
    assert found("AB", [0.5, 0.0], lowest=0.5).places.tolist() == []
    assert found("AB", [0.5, 0.0], lowest=0.4).places.tolist() == [1]


def test_a_refusal_is_forgotten_after_so_many_messages() -> None:
    later = LOOK_BACK + 5
    assert found("B" + "A" * later, [1.0, *[-1.0] * later]).places.tolist() == list(range(1, LOOK_BACK + 1))


def test_what_is_refused_was_asked_where_its_sender_asked_most() -> None:
    one = found("AACBA", [-1, -1, -1, 1, -1], requests=[3, 1, 5, 0, 0])
    assert (one.places.tolist(), one.refusals.tolist(), one.asks.tolist()) == ([4], [3], [0])


@pytest.mark.parametrize(("between", "ask"), [(ASKED - 1, 0), (ASKED, NOBODY)])
def test_what_was_asked_long_before_a_refusal_is_not_what_it_refuses(between: int, ask: int) -> None:
    who = "A" + "C" * between + "BA"
    assert found(who, [-1.0] * (between + 1) + [1.0, -1.0]).asks.tolist() == [ask]


def test_what_nobody_asked_is_said_to_be_asked_by_nobody() -> None:
    assert found("BA", [1, -1]).asks.tolist() == [NOBODY]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from("ABCD"), max_size=30), st.permutations(["A", "B", "Zoë", "", "A "]))
def test_senders_are_numbered_alike_whatever_they_are_called(who: list[str], names: list[str]) -> None:
    called = dict(zip("ABCD", names, strict=False))
    numbers = numbered(who)
    assert numbered([called[one] for one in who]).tolist() == numbers.tolist()
    assert (numbers[:, None] == numbers).tolist() == [[a == b for b in who] for a in who]
