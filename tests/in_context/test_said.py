from __future__ import annotations

import json
from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coercion_detect.in_context.said import ROLES, WANTED, Said

TERMS = tuple(f"w{i}" for i in range(8))
Tables = dict[str, dict[str, list[float]]]
NOBODY = np.array([-1])


def said(tables: Tables, *, bias: Sequence[float] = (0.0, 0.0)) -> Said:
    return Said.of({**{role: tables.get(role, {}) for role in ROLES}, "bias": list(bias)})


def random_tables(rng: np.random.Generator) -> Tables:
    """Return weights of some of the terms, of others in each role."""
    return {role: {term: rng.normal(0, 3, 2).tolist() for term in TERMS if rng.random() < 0.6} for role in ROLES}


def plainly(
    tables: Tables, bias: Sequence[float], terms: Sequence[Sequence[str]], before: int, i: int, after: int
) -> list[float]:
    """Return the log-odds of message ``i``, term by term."""
    known = [
        tables[role][term]
        for role, place in zip(ROLES, (i, before, after), strict=True)
        if place >= 0
        for term in terms[place]
        if term in tables[role]
    ]
    return [sum(row[k] for row in known) / sqrt(max(len(known), 1)) + bias[k] for k in range(len(WANTED))]


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 10_000),
    st.lists(st.lists(st.sampled_from([*TERMS, "unknown", "other"]), unique=True, max_size=6), max_size=12),
)
def test_what_is_said_is_what_a_plain_sum_gives(seed: int, terms: list[list[str]]) -> None:
    rng = np.random.default_rng(seed)
    tables, n = random_tables(rng), len(terms)
    before, after = rng.integers(-1, max(n, 1), (2, n))
    wanted = [plainly(tables, (0.5, -1.5), terms, int(before[i]), i, int(after[i])) for i in range(n)]
    found = said(tables, bias=(0.5, -1.5)).log_odds(terms, before, after)
    assert found.shape == (n, 2)
    np.testing.assert_allclose(found, np.array(wanted).reshape(n, 2), atol=1e-12)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_a_message_says_the_same_alone_and_among_others(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    reading = said(random_tables(rng))
    terms = [rng.permutation(TERMS)[: rng.integers(0, 8)].tolist() for _ in range(n)]
    nobody = np.full(n, -1)
    alone = [reading.log_odds([one], NOBODY, NOBODY)[0].tolist() for one in terms]
    assert reading.log_odds(terms, nobody, nobody).tolist() == alone


def test_terms_count_by_how_few_they_are() -> None:
    one = said({"own": {"no": [3.0, 1.0], "soup": [-1.0, 0.0]}}, bias=(0.5, 0.0))
    terms = [[], ["unknown"], ["no"], ["no", "soup", "unknown"]]
    nobody = np.full(len(terms), -1)
    assert one.log_odds(terms, nobody, nobody) == pytest.approx(
        np.array([[0.5, 0.0], [0.5, 0.0], [3.5, 1.0], [0.5 + 2 / sqrt(2), 1 / sqrt(2)]])
    )


def test_a_term_of_no_weight_takes_its_share_all_the_same() -> None:
    one = said({"own": {"no": [3.0, 0.0], "soup": [0.0, 0.0]}})
    assert one.log_odds([["no", "soup"]], NOBODY, NOBODY)[0, 0] == pytest.approx(3 / sqrt(2))


def test_words_of_another_message_have_weights_of_their_own() -> None:
    one = said({"own": {"no": [3.0, 0.0]}, "answer": {"no": [-1.0, 0.0]}, "before": {"soup": [7.0, 0.0]}})
    terms = [["soup", "no"], ["no"], ["no", "soup"]]
    found = one.log_odds(terms, np.array([-1, 0, -1]), np.array([-1, -1, 1]))[:, 0]
    assert found == pytest.approx([3.0, (3 + 7) / sqrt(2), (3 - 1) / sqrt(2)])


@pytest.mark.parametrize("seed", range(3))
def test_plain_data_give_the_same_again(seed: int) -> None:
    tables = random_tables(np.random.default_rng(seed))
    plain = said(tables, bias=(0.5, -0.5)).to_dict()
    assert plain == {**tables, "bias": [0.5, -0.5]}
    assert json.dumps(Said.of(json.loads(json.dumps(plain))).to_dict()) == json.dumps(plain)


BAD: dict[str, dict[str, Any]] = {
    "one bias": {"bias": [0.0]},
    "a bias that is not finite": {"bias": [0.0, float("nan")]},
    "a weight that is not finite": {"own": {"no": [0.0, float("inf")]}},
    "a weight that is a word": {"own": {"no": ["much", 0.0]}},
    "three weights": {"before": {"no": [1.0, 2.0, 3.0]}},
    "one weight": {"answer": {"no": [1.0]}},
    "two terms of one weight": {"answer": {"no": [1.0], "soup": [2.0]}},
    "two terms whose weights are no lists": {"own": {"no": 1.0, "soup": 2.0}},
    "a term of four weights": {"own": {"no": [1.0, 2.0, 3.0, 4.0]}},
}


@pytest.mark.parametrize("kind", BAD)
def test_numbers_that_do_not_fit_are_refused(kind: str) -> None:
    plain: dict[str, Any] = {"own": {}, "before": {}, "answer": {}, "bias": [0.0, 0.0]}
    with pytest.raises(ValueError):
        Said.of(plain | BAD[kind])
