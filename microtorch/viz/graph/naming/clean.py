"""Text from outside, made harmless."""

from __future__ import annotations


def clean(text: str, limit: int = 40) -> str:
    r"""Text from outside as one harmless line: control characters shown as ``·``, the rest cut at ``limit``.

    Every string of a snapshot passes here, so no renderer meets a newline, a NUL or a kilobyte of name.

    >>> clean("two\nlines"), clean("x" * 50, limit=6)
    ('two·lines', 'xxxxx…')
    """
    if len(text) <= limit and text.isprintable():
        return text
    kept = "".join(c if c.isprintable() else "·" for c in text[: limit + 1])
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"
