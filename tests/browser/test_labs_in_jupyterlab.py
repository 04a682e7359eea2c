"""Every lab, solved in a real JupyterLab as a student does it: typing answers, running cells, stepping."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from microtorch.labs import LABS
from microtorch.labs.exercise import Lab as CourseLab
from microtorch.labs.workshop.master import Master
from tests.browser.harness import Lab, Notebook
from tests.conftest import needs

needs("anywidget", "lab")
needs("jupytext", "dev")

ROOT = Path(__file__).parents[2]
MINUTE = 60_000  # milliseconds
RAN = re.compile(r"\[\d+\]:")


@pytest.fixture
def student(lab: Lab) -> "Student":
    return Student(lab)


class Student:
    """Someone who has opened the folder of the labs."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        for folder in ("img", "notebooks"):
            shutil.copytree(ROOT / folder, lab.server.root / folder, dirs_exist_ok=True)

    def opens(self, name: str) -> Notebook:
        return self.lab.show(self.lab.server.root / "notebooks" / name)


def cell(page: Page, i: int) -> Locator:
    return page.locator(".jp-Notebook .jp-Cell").nth(i)


def type_into(page: Page, i: int, text: str) -> None:
    cell(page, i).locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def run(page: Page, i: int) -> None:
    cell(page, i).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    expect(cell(page, i).locator(".jp-InputArea-prompt")).to_have_text(RAN, timeout=MINUTE)
    expect(cell(page, i).locator("[data-mime-type$=stderr]")).to_have_count(0)


@pytest.mark.parametrize("course_lab", [pytest.param(each, id=each.id) for each in LABS])
def test_a_lab_is_solved_by_typing_running_and_stepping(course_lab: CourseLab, student: Student) -> None:
    (path,) = (ROOT / "notebooks/masters").glob(f"{course_lab.id[1:]}_*.py")
    master = Master.read(path)
    page = student.opens(f"{master.name}.ipynb").page
    solved = master.notebook().cells
    answers = {i for cells in master.solutions().values() for i in cells}
    for i, each in enumerate(solved):
        if each.cell_type == "code":
            if i in answers:
                type_into(page, i, each.source)
            run(page, i)
    for i in range(page.locator(".mt-stepper").count()):
        walk(page.locator(".mt-stepper").nth(i))
    right = f"{len(course_lab.exercises)} of {len(course_lab.exercises)} right"
    expect(page.locator(".jp-OutputArea-output", has_text=right).last).to_be_visible()


def walk(stepper: Locator) -> None:
    """To the end and back by its buttons, without being asked."""
    stepper.scroll_into_view_if_needed()
    predict = stepper.get_by_role("button", name="Predict")
    if predict.get_attribute("aria-pressed") == "true":
        predict.click()
    last = (stepper.locator(".mt-count").first.text_content() or "").rpartition("/")[2].strip()
    stepper.get_by_role("button", name="Next step").click()
    stepper.get_by_role("button", name="Run to the end").click()
    expect(stepper.locator(".mt-count").first).to_have_text(re.compile(rf"^(back )?{last} / {last}$"))
    stepper.get_by_role("button", name="Back to the start").click()
    expect(stepper.locator(".mt-count").first).to_have_text(re.compile(rf"^(forward )?0 / {last}$"))
