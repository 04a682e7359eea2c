"""What the stepper's page is sent of a trace, and what it is told when it asks for more."""

import json
from collections.abc import Iterator

import numpy as np
import pytest

import microtorch
from microtorch.viz.graph.snapshot import Snapshot
from microtorch.viz.graph.view import View
from microtorch.viz.passes import page as page_data
from microtorch.viz.passes.pictures import Pictures
from microtorch.viz.passes.trace import Trace, trace
from tests.viz.passes_cases import leaf

NONE = Pictures(View(Snapshot((), (), (), 0)))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


@pytest.fixture
def short() -> Trace:
    """Four steps; of a page that is sent at most three at once."""
    x, y = leaf(0.0), leaf(2.0)
    out = x.log() * y
    return trace(out)


@pytest.fixture
def three_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_data, "WHOLE", 3)


def test_it_is_plain_json_and_marks_what_is_bad(short: Trace) -> None:
    sent = json.loads(json.dumps(page_data.page(short, NONE), allow_nan=False))
    assert [step["bad"] for step in sent["steps"]] == [True] * 4
    assert (sent["count"], sent["lane"], sent["from"]) == (4, "bbbb", 1)


def test_the_lane_tells_functions_accumulations_and_errors() -> None:
    x = leaf(2.0)
    y = x * 3
    assert page_data.page(trace(y + x * x), NONE)["lane"] == "fffa"
    y.register_hook(lambda grad: 1 / 0)
    assert page_data.page(trace(y), NONE)["lane"] == "e"


def test_of_a_long_pass_a_mark_of_the_lane_stands_for_several_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_data, "LANE", 2)
    x, y = leaf(1.0), leaf(2.0)
    assert page_data.page(trace((x * y) * 3), NONE)["lane"] == "fa"


def test_a_piece_tells_of_the_nodes_it_concerns(short: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_data, "WHOLE", 1)
    assert [node["title"] for node in page_data.page(short, NONE)["nodes"]] == ["LogBackward0", "y", "MulBackward0 (out)"]


def test_a_long_pass_is_sent_in_pieces_that_make_up_the_whole(short: Trace, three_at_once: None) -> None:
    first, rest = page_data.page(short, NONE), short.answer({"from": 4, "to": 4})
    assert rest is not None
    assert (first["count"], len(first["steps"]), len(rest["steps"]), rest["from"]) == (4, 3, 1, 4)
    assert [leaf["name"] for leaf in first["leaves"]] == ["y", "x"]  # all that fit: what the whole walk is for
    assert [leaf["name"] for leaf in rest["leaves"]] == ["x"]


def test_an_answer_about_one_step_of_a_pass_that_is_known_is_short(short: Trace) -> None:
    answer = short.answer({"from": 1, "to": 1})
    assert answer is not None
    assert [node["title"] for node in answer["nodes"]] == ["LogBackward0", "y", "MulBackward0 (out)"]


def test_an_answer_is_never_longer_than_a_piece(short: Trace, three_at_once: None) -> None:
    answer = short.answer({"from": 1, "to": 10**9})
    assert answer is not None
    assert len(answer["steps"]) == 3


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ({"find": "x", "after": 0}, 4),
        ({"find": "accumulates", "after": 2}, 4),
        ({"find": "accumulates", "after": 4}, None),
        ({"find": "nobody", "after": 0}, None),
    ],
)
def test_it_is_told_where_something_happens_next(short: Trace, question: dict[str, object], answer: int | None) -> None:
    assert short.answer(question) == {"find": question["find"], "position": answer}


@pytest.mark.parametrize(
    "message",
    [
        *(None, 3, "from", [], {}, {"from": 0, "to": 2}, {"from": 5, "to": 9}, {"from": 3, "to": 1}, {"from": True, "to": 2}),
        *({"from": 1}, {"from": "1", "to": "2"}, {"find": 3, "after": 0}, {"find": "x", "after": 1.5}, {"find": "x"}),
    ],
)
def test_what_is_no_question_has_no_answer(short: Trace, message: object) -> None:
    assert short.answer(message) is None


def test_a_very_long_pass_takes_little_to_begin_with() -> None:
    y = microtorch.ones(2, requires_grad=True)
    for _ in range(5000):
        y = y * 1.0
    assert len(json.dumps(page_data.page(trace(y.sum()), NONE))) < 2_500_000
