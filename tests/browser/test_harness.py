"""The harness itself: a click reaches the kernel, and what goes wrong in a cell or in the server is not overlooked."""

import pytest

from tests.browser.harness import Server

COUNTER = '''
import anywidget, traitlets

class Counter(anywidget.AnyWidget):
    _esm = """
    function render({model, el}) {
        const button = document.createElement('button');
        button.style.color = 'rgb(0, 114, 178)';
        const show = () => button.textContent = `clicked ${model.get('count')}`;
        button.onclick = () => { model.set('count', model.get('count') + 1); model.save_changes(); };
        model.on('change:count', show);
        show();
        el.append(button);
    }
    export default {render};
    """
    count = traitlets.Int(0).tag(sync=True)

counter = Counter()
'''


def test_a_click_in_the_page_reaches_the_kernel_and_back(lab):
    notebook = lab.open([COUNTER, "counter"])
    button = notebook.page.get_by_role("button", name="clicked 0")
    assert button.evaluate("button => getComputedStyle(button).color") == "rgb(0, 114, 178)"
    button.click()
    notebook.expect("print(counter.count)", "1")
    notebook.run("counter.count = 7")
    notebook.page.get_by_role("button", name="clicked 7").wait_for()


def test_an_error_in_a_cell_is_raised(lab):
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        lab.open(["1 / 0"])


def test_a_server_that_does_not_start_shows_its_log(tmp_path):
    server = Server(tmp_path, ["/bin/false"])
    server.log.write_text("the reason")
    with pytest.raises(AssertionError, match="the reason"):
        server.wait()
