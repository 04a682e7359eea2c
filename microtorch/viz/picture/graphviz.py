"""Graphviz itself: its own program, or the one that pygraphviz carries; and an error that says how to get one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Sequence
from contextlib import suppress
from threading import Timer
from typing import IO, Any

__all__ = ["GraphvizMissingError", "library", "render", "told"]

SECONDS = 5.0  # that the program may take for a small picture
BYTES_A_SECOND = 20_000  # of a DOT text; a large one may take so much longer
LONGEST = 2**26  # bytes that it may write: no picture is so large

# What a file of a format begins with, whatever program has written it.
BEGINNINGS = {"png": b"\x89PNG", "pdf": b"%PDF", "json": b"{"}


class GraphvizMissingError(RuntimeError):
    """There is nothing that could place boxes: neither the program ``dot`` nor pygraphviz, or no package graphviz.

    Where there is something that does not work, ``failed`` says how it has failed.
    """

    def __init__(self, failed: str = "") -> None:
        self.failed = failed
        super().__init__(
            f"drawing a graph needs Graphviz, and {failed or 'neither its program dot nor pygraphviz was found'}: "
            "pip install graphviz pygraphviz brings one, or install graphviz from your system; "
            "print(drawing) and .txt work without"
        )


class UnusableError(RuntimeError):
    """The program ``dot`` is there and draws nothing; says why."""


def library() -> Any:
    """The Python package graphviz, which is imported only where something is drawn."""
    try:
        import graphviz
    except ImportError:
        raise GraphvizMissingError from None
    return graphviz


def render(*sources: str, form: str, pinned: bool = False) -> bytes:
    """What Graphviz makes of DOT texts: laid out by ``dot``, or with everything ``pinned`` where it is.

    One run draws all of them, one after the other in what it writes: to start the program takes longer than a small picture.
    Where the program hangs, fails or writes something else, pygraphviz draws in its place, and a warning says so.

    Raises:
        GraphvizMissingError: there is no Graphviz, or none that works.
    """
    library()
    program = shutil.which("dot")
    failed = ""
    if program is not None:
        try:
            return run([program, "-Kneato" if pinned else "-Kdot", f"-T{form}", *["-n2"] * pinned], sources, form)
        except UnusableError as error:
            failed = f"{program} {error}"
    try:
        drawn = [by_pygraphviz(source, form, pinned=pinned) for source in sources]
    except ImportError:
        raise GraphvizMissingError(failed and f"{failed}, and there is no pygraphviz") from None
    except Exception as error:
        also = f"{failed}, and pygraphviz" if failed else "pygraphviz"
        raise GraphvizMissingError(f"{also} failed ({type(error).__name__}: {error})") from error
    if failed:
        warnings.warn(f"{failed}: pygraphviz draws in its place", RuntimeWarning, stacklevel=2)
    return b"".join(drawn)


def by_pygraphviz(source: str, form: str, *, pinned: bool) -> bytes:
    """What the Graphviz within pygraphviz makes of a DOT text."""
    import pygraphviz

    drawn = pygraphviz.AGraph(string=source).draw(format=form, prog="nop2" if pinned else "dot")
    return drawn if isinstance(drawn, bytes) else str(drawn).encode()


def run(command: list[str], sources: Sequence[str], form: str) -> bytes:
    """What a program writes when it reads ``sources``: in time, of a size that pictures have, and of the format it was asked for.

    Raises:
        UnusableError: it does not.
    """
    source = "\n".join(sources)
    seconds = SECONDS + len(source) / BYTES_A_SECOND
    with tempfile.TemporaryFile() as text:  # not a pipe: a program that does not read would block us
        text.write(source.encode())
        text.seek(0)
        try:
            process = start(command, text)
        except OSError as error:
            raise UnusableError(f"cannot be run ({error})") from error
        watch = Timer(seconds, kill, [process])
        watch.start()
        try:
            assert process.stdout is not None
            with process.stdout as output:
                written = output.read(LONGEST)
            if len(written) < LONGEST:
                process.wait()
        finally:
            late = watch.finished.is_set()
            watch.cancel()
            if process.poll() is None:
                kill(process)
                process.wait()
    if late:
        raise UnusableError(f"was not done after {seconds:.0f} seconds")
    if len(written) == LONGEST:
        raise UnusableError(f"wrote more than {LONGEST:,} bytes")
    if process.returncode:
        raise UnusableError(f"failed, with exit status {process.returncode}")
    if not is_of(form, written, len(sources)):
        raise UnusableError(f"wrote what is no {form}")
    return written


def start(command: list[str], text: IO[bytes]) -> subprocess.Popen[bytes]:
    """Begin to run a program, with all that it may begin in turn in a group of its own."""
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # on Windows
    return subprocess.Popen(
        command, stdin=text, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, creationflags=flags
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a program, and all that it has begun: that may live on, and hold its output open."""
    if os.name == "nt":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def is_of(form: str, written: bytes, count: int) -> bool:
    """Whether this may be so many pictures in a format; of layouts, all of them are looked at."""
    if not written.startswith(BEGINNINGS.get(form, b"")):
        return False
    if form != "json":
        return True
    try:
        layouts = told(written)
        placed = [each for layout in layouts for each in (*layout["objects"], *layout.get("edges", ())) if "nodes" not in each]
        sizes = [len(layout["bb"].split(",")) for layout in layouts]
        return sizes == [4] * count and all("pos" in each for each in placed)
    except (LookupError, TypeError, ValueError, AttributeError):
        return False


def told(written: bytes) -> list[Any]:
    """The layouts in what Graphviz has written as "json", which for several graphs are several documents, one after the other."""
    text, decoder, found, at = written.decode().rstrip(), json.JSONDecoder(), [], 0
    while at < len(text):
        layout, at = decoder.raw_decode(text, at)
        found.append(layout)
        at += len(text[at:]) - len(text[at:].lstrip())
    return found
