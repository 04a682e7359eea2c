"""The page without Python and Python judge every answer alike: the same verdicts, in the same words, and the same score."""

import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import microtorch
from microtorch.viz import Quiz, quiz
from microtorch.viz.page import source
from microtorch.viz.passes.asking import question_data
from microtorch.viz.passes.question import Question
from tests.conftest import missing

JUDGE = """
import { count, giveUp, judge, judgeChoice } from "FILE";
let text = "";
for await (const part of process.stdin) text += part;
const { page, answers } = JSON.parse(text);
let score = page.score;
const said = [];
for (const question of page.questions) {
  for (const answer of answers) {
    const verdict = judge(question, page.mistakes, answer);
    score = count(score, question, verdict);
    said.push(verdict.right === null ? { ...verdict, text: "" } : verdict);
  }
  question.choices.forEach((_, i) => said.push(judgeChoice(question, page.mistakes, i)));
  if (question.open) score = giveUp(score, question);
}
console.log(JSON.stringify({ said, score }));
"""
ANSWERS = [
    "0.25", " 1/4 ", "4.5", "9/2", "4.5 4.5; 4.5 4.5", "[[4.5, 4.5], [4.5, 4.5]]", "[4.5 * 1, 4.5]", "4.5 everywhere", "4.5 each",
    "2.25 in each of 2×2", "-1", "−1", "- 1", "1 2 3", "1, 2", "1,", "(1)", "(1, 2)", "((1, 2), (3, 4))", "1 -2", "1 - 2",
    "1 2; 3",
    "", "  ", "x", "1/0", "1 / 2 / 2", "1 - 2 - 3", "2 * -3", "+3", "[]", "[[]]", "[1", "1]", "nan", "inf", "-inf", ".25", "2.",
    "1e-3",
    "1e5", "0", "-0.0", "3 everywhere else", "[1, [2]]", "[[1, 2], [3, 4]]", "[[1, 3], [2, 4]]", "1 2; 3 4", "0.33", "0.3333",
    "import os", "1;", ";", "[1] * 2", "True", "3; 3", "0.75", "1 1", "8 10", "12 14; 16 18",
]  # fmt: skip


def leaf(*values: Any) -> microtorch.Variable:
    return microtorch.tensor(values[0] if len(values) == 1 else list(values), requires_grad=True)


def seed() -> Any:
    x = microtorch.ones(2, 2, requires_grad=True)
    y = x + 2
    return (y * y * 3).mean()


def matrices() -> Any:
    return (leaf([[1.0, 2.0], [3.0, 4.0]]) @ leaf([[5.0, 6.0], [7.0, 8.0]]) + leaf(1.0, 2.0)).sum()


def sick() -> Any:
    with np.errstate(all="ignore"):
        return (leaf(0.0, 1.0) * 0).log().sum() * 0


def large() -> Any:
    microtorch.manual_seed(0)
    return (microtorch.rand(5, 5, requires_grad=True) ** 2).mean()


def cancelling() -> Any:
    x = leaf(1.0)
    return x * 0.1 + x * 0.2 + x * -0.3


def held() -> Any:
    x = leaf(2.0)
    x.grad = microtorch.tensor(10.0)
    return x * 3


@pytest.mark.parametrize("make", [seed, matrices, sick, large, cancelling, held])
def test_the_page_judges_as_python_does(make: Callable[[], Any]) -> None:
    with np.errstate(all="ignore"):
        asking = quiz(make())
        page = in_page(asking)
        assert page["said"] == [said for question in asking.questions if numbers(question) for said in in_python(question)]
    assert {**asking.score(), "questions": 0} == {**page["score"], "questions": 0}


def numbers(question: Question) -> Any:
    """Those that are small are typed; of the others one chooses."""
    return question_data(question)["numbers"]


def in_page(asking: Quiz) -> Any:
    """Each answer to each question, each choice, and in the end the solution."""
    page = asking.page()
    page["questions"] = [each for each in page["questions"] if each["numbers"]]
    node = shutil.which("node") or missing("node", "apt install nodejs")
    program = JUDGE.replace("FILE", (source.STATIC["stepper"] / "answers.js").as_uri())
    given = json.dumps({"page": page, "answers": ANSWERS})
    run = subprocess.run(
        [node, "--input-type=module", "-e", program], input=given, capture_output=True, text=True, encoding="utf-8", check=True
    )
    return json.loads(run.stdout)


def in_python(question: Question) -> list[dict[str, Any]]:
    """The same by Python."""
    typed = [question.answer(each) for each in ANSWERS]
    if question.is_open:
        question.reveal()
    chosen = [question.choose(i) for i in range(len(question.choices))]
    return [
        {"right": each.right, "text": each.text if each.right is not None else "", "mistake": each.mistake, "hint": each.hint}
        for each in (*typed, *chosen)
    ]
