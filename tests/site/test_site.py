"""The site is made by one command, from what is committed; its pages are opened as files, in Chromium, with no network."""

import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from microtorch.labs import LABS
from tests.browser.conftest import browser  # noqa: F401 (a fixture)
from tests.browser.harness import errors_in
from tests.conftest import needs

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
LAB = "notebooks/solutions/01_autograd_variables_functions_gradients"
KINDS = ["docs/index", LAB, "docs/seeing", "docs/differences", "docs/api/viz", "docs/api/nn", "search", "genindex"]
MARGIN = 8  # pixels beside the text, for the signs that link to a title


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needs("furo", "docs")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-c", "docs", ".", folder, "-q", "--fail-on-warning"]
    made = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert (made.returncode, made.stderr) == (0, "")
    return folder


@pytest.fixture
def context(browser) -> Iterator[BrowserContext]:  # noqa: F811
    """A browser without a network; when it is closed, nothing has gone wrong in its pages, and no request has left for one."""
    with browser.new_context(viewport={"width": 1280, "height": 900}, offline=True) as context:
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        errors = errors_in(context)
        yield context
        assert [url for url in asked if urlsplit(url).scheme not in {"file", "data", "blob"}] == []
    assert errors == []


def opened(context: BrowserContext, site: Path, name: str) -> Page:
    page = context.new_page()
    page.goto((site / f"{name}.html").as_uri())
    return page


# ---- what is in it ----


def test_the_front_page_is_what_the_folder_opens_with(context: BrowserContext, site: Path) -> None:
    page = opened(context, site, "index")
    expect(page.locator("h1")).to_contain_text("microtorch")


def test_the_front_page_lists_every_lab_with_its_minutes_and_its_objective(context: BrowserContext, site: Path) -> None:
    page = opened(context, site, "docs/index")
    rows = page.locator("table tbody tr")
    expect(rows).to_have_count(len(LABS))
    for lab, row in zip(LABS, rows.all(), strict=True):
        expect(row.locator("td")).to_have_text([f"{int(lab.id[1:])}. {lab.title} (solved)", f"{lab.minutes}", lab.objective])


def test_every_document_and_every_lab_solved_and_unsolved_has_its_page(site: Path) -> None:
    sources = [*NOTEBOOKS, *ROOT.glob("notebooks/solutions/*.ipynb"), *ROOT.glob("docs/**/*.md"), ROOT / "CONTRIBUTING.md"]
    assert [each.name for each in sources if not (site / each.relative_to(ROOT)).with_suffix(".html").is_file()] == []


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("microtorch", "microtorch.einsum"),
        ("autograd", "microtorch.autograd.Variable.backward"),
        ("autograd", "microtorch.autograd.functional.hessian"),
        ("nn", "microtorch.nn.Module.register_forward_hook"),
        ("functional", "microtorch.nn.functional.cross_entropy"),
        ("optim", "microtorch.optim.Optimizer.step"),
        ("viz", "microtorch.viz.step"),
        ("labs", "microtorch.labs.check"),
    ],
)
def test_the_reference_describes_what_is_public(site: Path, page: str, name: str) -> None:
    text = (site / f"docs/api/{page}.html").read_text("utf-8")
    assert f'id="{name}"' in text


def test_a_star_in_a_docstring_begins_no_emphasis(site: Path) -> None:
    text = (site / "docs/api/microtorch.html").read_text("utf-8")
    assert "(*, n, k) and (*, m, k) give (*, n, m)" in text


def test_a_link_to_a_file_of_the_package_shows_its_source(context: BrowserContext, site: Path) -> None:
    page = opened(context, site, "docs/how-it-works")
    page.get_by_role("link", name="Primitive").first.click()
    expect(page.locator("article")).to_contain_text("class Primitive(")


def test_every_link_leads_somewhere_and_nothing_that_is_shown_lies_elsewhere(site: Path) -> None:
    pages = {path: path.read_text("utf-8") for path in site.rglob("*.html")}
    anchors = {path: {unescape(each) for each in re.findall(r'\bid="([^"]*)"', text)} for path, text in pages.items()}
    wrong = set()
    for path, text in pages.items():
        for tag, address in re.findall(r'<(\w+)\b[^>]*?\b(?:href|src)="([^"]*)"', text):
            parts = urlsplit(unescape(address))
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if parts.scheme in {"http", "https"}:
                good = tag == "a" and "." in parts.netloc and not re.search(r"\s", address)
            elif parts.scheme:
                good = parts.scheme == "data"
            else:
                good = target.is_file() and (not parts.fragment or unquote(parts.fragment) in anchors.get(target, {""}))
            if not good:
                wrong.add(f"{path.relative_to(site)}: {address}")
    assert sorted(wrong) == []


def test_no_style_sheet_asks_for_anything_elsewhere(site: Path) -> None:
    styles = {path.name: path.read_text("utf-8") for path in site.rglob("*.css")}
    assert [name for name, text in styles.items() if re.search(r"@import|url\(.?(https?:)?//", text)] == []


# ---- as a reader has it ----


def test_formulas_are_drawn(context: BrowserContext, site: Path) -> None:
    page = opened(context, site, LAB)
    fraction = page.locator("math[display=block] mfrac").first
    above, below = (each.bounding_box() for each in fraction.locator("> *").all())
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"]
    fonts = page.evaluate("document.fonts.ready.then(all => [...all].map(each => [each.family, each.status]))")
    assert [(family.strip('"'), status) for family, status in fonts] == [("STIX Two Math", "loaded")]


def test_every_command_of_every_formula_is_understood(site: Path) -> None:
    texts = (path.read_text("utf-8") for path in site.rglob("*.html"))
    formulas = [each for text in texts for each in re.findall(r"(?s)<math\b.*?</math>", text)]
    assert len(formulas) > 10
    assert [each for each in formulas if "\\" in each] == []


def test_every_stepper_of_a_lab_steps(context: BrowserContext, site: Path) -> None:
    page = opened(context, site, LAB)
    steppers = page.locator(".mt-stepper")
    expect(steppers).to_have_count(2)
    for stepper in steppers.all():
        expect(stepper.locator(".mt-count")).to_have_text("0 / 5")
        stepper.get_by_role("button", name="Next").click()
        expect(stepper.locator(".mt-count")).to_have_text("1 / 5")
        expect(stepper.locator(".mt-sentence")).to_contain_text("MeanBackward0 (out) receives 1 and sends 0.25")
        expect(stepper.locator('.mt-node[data-state="current"]')).to_have_count(1)
    page.keyboard.press("End")
    expect(steppers.last.locator(".mt-count")).to_have_text("5 / 5")
    expect(steppers.first.locator(".mt-count")).to_have_text("1 / 5")


def test_without_scripts_a_stepper_says_its_steps_in_words(site: Path) -> None:
    assert "5  x accumulates 4.5 in each of 2×2" in (site / f"{LAB}.html").read_text("utf-8")


def test_the_search_finds(context: BrowserContext, site: Path) -> None:
    page = opened(context, site, "docs/index")
    page.get_by_placeholder("Search").fill("AccumulateGrad")
    page.keyboard.press("Enter")
    found = page.locator("#search-results li a")
    expect(found.filter(has_text="How it works").first).to_be_visible()
    found.filter(has_text="How it works").first.click()
    expect(page.locator("h1")).to_contain_text("How it works")


@pytest.mark.parametrize("width", [380, 1280])
def test_no_text_is_wider_than_its_column(context: BrowserContext, site: Path, width: int) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    wide = []
    for name in KINDS:
        page.goto((site / f"{name}.html").as_uri())
        if any(
            page.locator(part).evaluate("each => each.scrollWidth - each.clientWidth") > MARGIN for part in ("html", "article")
        ):
            wide.append(name)
    assert wide == []


@pytest.mark.parametrize("dark", [False, True])
def test_a_stepper_is_as_light_or_dark_as_its_page(context: BrowserContext, site: Path, dark: bool) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme="light" if dark else "dark")  # what the reader chooses counts, not the system
    page.add_init_script(f"localStorage.theme = '{'dark' if dark else 'light'}'")
    page.goto((site / f"{LAB}.html").as_uri())
    stepper = page.locator(".mt-stepper").first
    for each in (page.locator("body"), stepper):
        ground = each.evaluate("each => getComputedStyle(each).backgroundColor.match(/\\d+/)[0]")
        assert (int(ground) < 60) == dark
    assert stepper.evaluate("each => getComputedStyle(each).colorScheme") == ("dark" if dark else "normal")
