"""In a notebook: errors that show the student's own line and the message, and ``%load_ext microtorch``.

Of an error, the frames of this package are left out, and a name that is nearly right, of an attribute or of an argument, gets a
word. All of it happens once an error is shown, so that nothing is slower before. ``%tb`` shows the whole way, as ever.

``%load_ext microtorch`` lets each node know the line that made it, and brings ``%%step``.
"""

from __future__ import annotations

import ast
import inspect
import sys
from types import TracebackType
from typing import Any

from .attributes import nearest
from .core.grad_mode import restore_all

__all__ = ["load_ipython_extension", "set_up", "suggestion", "unload_ipython_extension", "without_own_frames"]


def set_up() -> None:
    """Let IPython, where it runs and has no handler of the user's, show errors so."""
    running = sys.modules.get("IPython")
    shell = running.get_ipython() if running is not None else None
    if shell is not None and not getattr(shell, "custom_exceptions", None):
        shell.set_custom_exc((Exception,), _show)
        shell.events.register("post_run_cell", _end_what_was_interrupted)


def _end_what_was_interrupted(result: Any) -> None:
    if result.error_in_exec is not None:  # the traceback, which IPython keeps, may hold a block that has not ended
        restore_all()


def _show(
    shell: Any, kind: type[BaseException], error: BaseException, traceback: TracebackType, tb_offset: int | None = None
) -> None:
    hint = suggestion(error)
    if hint and error.args and isinstance(error.args[0], str):
        error.args = (f"{error.args[0]}{hint}", *error.args[1:])
    before = error.__context__
    if before is not None and all(map(_is_own, _listed(before.__traceback__))):
        error.__suppress_context__ = True  # it came about in here, and says less
    shell.showtraceback((kind, error, without_own_frames(traceback)), tb_offset=tb_offset)


def without_own_frames(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames of this package, and those above a ``%%step`` cell's; as it is, where none would be left."""
    frames = _listed(traceback)
    stepped = [i for i, each in enumerate(frames) if each.tb_frame.f_code is _run.__code__]
    if stepped:
        frames = frames[stepped[-1] + 1 :]
    shown: TracebackType | None = None
    for each in reversed([each for each in frames if not _is_own(each)] or frames):
        shown = TracebackType(shown, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return shown


def _listed(traceback: TracebackType | None) -> list[TracebackType]:
    frames = []
    while traceback is not None:
        frames.append(traceback)
        traceback = traceback.tb_next
    return frames


def _is_own(traceback: TracebackType) -> bool:
    return str(traceback.tb_frame.f_globals.get("__name__", "")).partition(".")[0] == __package__


def suggestion(error: BaseException) -> str:
    """For an attribute of a Variable or an argument that is nearly right: which was meant. For all else, nothing."""
    text, meant = str(error), ""
    if "Did you mean" in text:
        return ""
    if isinstance(error, AttributeError) and type(error.obj).__module__.startswith(f"{__package__}."):
        meant = nearest(error.name or "", dir(type(error.obj)))
    elif isinstance(error, TypeError) and "unexpected keyword argument" in text:
        meant = nearest(text.split("'")[1], _parameters(text.partition("()")[0]))
    return f". Did you mean: {meant!r}?" if meant else ""


def _parameters(qualified: str) -> list[str]:
    """The parameters of what an error calls so, as "tensor" or "Linear.__init__", wherever in the package it stands."""
    owner, _, name = qualified.rpartition(".")
    modules = [vars(module) for at, module in list(sys.modules.items()) if f"{at}.".startswith(f"{__package__}.")]
    found = [vars(each).get(name) if inspect.isclass(each) else each for each in (of.get(owner or name) for of in modules)]
    return [parameter for each in found if inspect.isfunction(each) for parameter in inspect.signature(each).parameters]


# ---- %load_ext microtorch -------------------------------------------------------------------------------------------


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext microtorch``: each node knows the line that makes it, as by `viz.track_source`; and there is ``%%step``.

    Args:
        shell: IPython's, which calls this.
    """
    from .viz import track_source

    track_source()
    shell.register_magic_function(lambda line, cell: _step(shell, line, cell), "cell", "step")


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext microtorch``: as it was before.

    Args:
        shell: IPython's, which calls this.
    """
    from .viz import track_source

    track_source(False)
    shell.magics_manager.magics["cell"].pop("step", None)


def _step(shell: Any, line: str, cell: str) -> Any:
    """Run the cell, and walk the backward pass from its last expression: viz.step(out), with the line that made each node.

    With ``--forward`` the walk begins before the cell's first line.
    """
    from . import viz

    if line.split() not in ([], ["--forward"]):
        raise _usage(f"takes no arguments but --forward: put {line.strip()!r} on a line of its own")
    with viz.track_source():
        root = _run(shell, *_compiled(shell, cell))
    try:
        walk = viz.trace(root, forward=bool(line.strip()))
    except (TypeError, ValueError, RuntimeError) as error:
        raise _usage(f"walks backward() from the last expression of the cell: {error}") from None
    try:
        return viz.step(walk)
    except ImportError as error:
        print(error, end="\n\n")  # noqa: T201 - said above the words that are shown instead
        return walk


def _compiled(shell: Any, cell: str) -> tuple[Any, Any]:
    """The statements of a cell, and its last expression."""
    source = shell.transform_cell(f"#\n{cell}")  # in place of %%step, so that lines have the numbers the reader sees
    number = len(shell.history_manager.input_hist_parsed) - 1  # of this cell; IPython's own count may be one ahead
    name = shell.compile.cache(f"%%step{source[1:]}", number, raw_code=f"%%step\n{cell}")
    tree = shell.transform_ast(shell.compile.ast_parse(source, filename=name))
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        raise _usage("walks backward() from the last expression of the cell, so its last line has to be one, as in: out")
    last = ast.Expression(tree.body.pop().value)
    return shell.compile(tree, name, "exec"), shell.compile(last, name, "eval")


def _run(shell: Any, statements: Any, last: Any) -> Any:
    exec(statements, shell.user_global_ns, shell.user_ns)
    return eval(last, shell.user_global_ns, shell.user_ns)


def _usage(message: str) -> Exception:
    from IPython.core.error import UsageError

    return UsageError(f"%%step {message}")
