"""In a notebook, an error shows the student's own line and the message: the frames of this package are left out.

And a name that is nearly right gets a word: of an attribute, or of an argument. All of it happens once an error is shown, so that
nothing is slower before. ``%tb`` shows the whole way, as ever.
"""

from __future__ import annotations

import inspect
import sys
from types import TracebackType
from typing import Any

from .attributes import nearest
from .core.grad_mode import restore_all

__all__ = ["set_up", "suggestion", "without_own_frames"]


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
    """A traceback without the frames of this package; as it is, where there would be none left."""
    frames = _listed(traceback)
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
