"""Why a Variable has its gradient, or none: what was found, in sentences, and what to do."""

from __future__ import annotations

import math

from ..graph.comparing.why import Entry, Finding
from ..graph.snapshot import Node
from .text import plural

__all__ = ["explain"]

SHOWN = 9  # nodes of a way


def explain(found: Finding) -> str:
    """The answer: the reason, what that means here, the way or where it ends, and what to do."""
    x, out = names(found)
    lines = [f"{x} and {out}: {found.reason}.", WORDS[found.reason](found, x, out), *hints(found, x, out)]
    if len(found.way) > 1:
        ways = f" (one of {'more than ' * (found.ways >= 10**6)}{found.ways:,} ways)" if found.ways > 1 else ""
        lines.append(f"The gradient's way: {way(found)}{ways}.")
    return "\n".join(lines)


def names(found: Finding) -> tuple[str, str]:
    """What x and the result are called."""
    return found.x.name or "x", (found.out.name if found.out else "") or "out"


def reached(found: Finding, x: str, out: str) -> str:
    """A path, and a gradient at its end."""
    words = f"Gradients flow from {out} to {x}, and {x}.grad holds what backward() has left there."
    if found.zero:
        words += (
            " It is 0 everywhere, and that is a gradient, too: nothing that is computed on the way changes with "
            f"{x} here (a ReLU of negative values, a factor of 0), or nothing has been computed back yet."
        )
    return words


def not_run(found: Finding, x: str, out: str) -> str:
    """A path, and no gradient yet."""
    if found.freed:
        return (
            f"A path leads from {out} to {x}, and backward() has been over it; but {x}.grad is None. It was set to None since, "
            f"as zero_grad() does, or autograd.grad() returned the gradient in place of keeping it. Compute {out} anew, and call "
            f"{begin(found, out)}."
        )
    return (
        f"A path leads from {out} to {x}, but no gradient has come along it yet: {x}.grad is None until you call "
        f"{begin(found, out)}."
    )


def begin(found: Finding, out: str) -> str:
    """The call that starts backward."""
    if found.out is None:
        return "backward()"
    return f"{out}.backward()" if math.prod(found.out.shape) == 1 else f"{out}.sum().backward(), or {out}.backward(gradient)"


def requires_no_grad(found: Finding, x: str, out: str) -> str:
    """Nobody asked for a gradient."""
    words = f"{x} does not require a gradient, so nothing was recorded of what is computed from it, and {x}.grad stays None."
    if not found.x.dtype.startswith(("float", "bfloat", "complex")):
        return (
            f"{words} It holds {found.x.dtype}, and only numbers that can change a little have gradients: what argmax, a "
            f"comparison or an index gives has none. If {x} is to be learned, make it of floats: {x}.float().requires_grad_()."
        )
    return (
        f"{words} Make it with requires_grad=True, or call {x}.requires_grad_(), before {out} is computed. If {x} was "
        "computed from something that does require a gradient, then under no_grad(), or by detach() or .data, which cut it off: "
        "leave that out."
    )


def not_a_leaf(found: Finding, x: str, out: str) -> str:
    """The gradient flows through, and is not kept."""
    leaves = [name for name in found.leaves if name]
    source = f" from {listed(leaves)}" if leaves else ""
    words = (
        f"{x} was computed{source} ({found.x.grad_fn}): gradients flow through it, but backward() keeps .grad for leaves only. "
        f"Call {x}.retain_grad() before backward(), or ask autograd.grad({out}, {x})."
    )
    if "" in found.leaves:
        words += (
            f" Was {x} meant to be the leaf? *0.01, .view(), .float() or .to() make a new Variable of it, and {x} = {x} * 0.01 "
            f"gives that one the name: call .detach().requires_grad_() on what {x} is to be, and compute {out} from it."
        )
    return words


def without_history(found: Finding, x: str, out: str) -> str:
    """Its values are there, and nothing leads back."""
    if found.out is not None and not found.out.requires_grad:
        return (
            f"{out} has no history at all (its grad_fn is None): nothing of what it was computed from was recorded. So if {x} "
            "was used for it, then under no_grad(), or by detach(), .data, item() or numpy(), or through what has no gradient "
            f"(argmax, a comparison). Compute {out} from {x} itself, outside no_grad(). model.eval() changes nothing of this."
        )
    places = [place(found, each) for each in found.entries if not each.copied]
    return (
        f"Values of {x} are used for {out}, but nothing leads back to {x}. They stand, in the same memory, {listed(places)}. So "
        f"{x} went in by detach(), .data or numpy(), or as a view made under no_grad(): backward() takes that for a constant. "
        f"Use {x} itself there. (If it is to be cut off, then by .detach(): changes in place of what .data gives go unnoticed.)"
    )


def not_used(found: Finding, x: str, out: str) -> str:
    """Neither a path nor its values."""
    nodes = found.snapshot.nodes
    if len(nodes) == 1 and nodes[0].kind == "leaf":
        words = f"{out} is itself a leaf: it was computed from nothing."
    else:
        leaves = [node.label or "a leaf without a name" for node in nodes if node.kind == "leaf"]
        words = f"No path leads from {out} to {x}: {out} was computed from {listed(leaves) or 'other things'}."
    if found.swapped:
        return f"{words} It is the other way round, {x} was computed from {out}: ask why({out}, {x})."
    return (
        f"{words} Is {x} used only after {out} was computed, or in a branch that was not taken, or is another Variable meant? "
        "What item(), int(), argmax, comparisons and copies by numpy() give has no history, nor what is computed under no_grad()."
    )


WORDS = {
    "reached": reached,
    "not run": not_run,
    "requires no grad": requires_no_grad,
    "not a leaf": not_a_leaf,
    "values used without history": without_history,
    "not used": not_used,
}


def hints(found: Finding, x: str, out: str) -> list[str]:
    """What may be x, or a copy of it."""
    copies = [place(found, each) for each in found.entries if each.copied]
    shared = [place(found, each) for each in found.entries if not each.copied]
    if found.reason == "requires no grad":
        return [f"{out} was computed with it as a constant, {listed(shared)}."] if shared else []
    if found.reason != "not used":
        return []
    if copies:
        return [
            f"Equal values stand {listed(copies)}: if they are a copy of {x}, by item(), numpy() or clone(), it has no history."
        ]
    unknown = untracked(found)
    return (
        [f"Without history came {listed(unknown)}: was {'that' if len(unknown) == 1 else 'one of them'} {x}?"] if unknown else []
    )


def untracked(found: Finding) -> list[str]:
    """The inputs that came without history, but for numbers."""
    nodes = found.snapshot.nodes
    words = []
    for edge in found.snapshot.edges:
        if edge.producer is None:
            ports = nodes[edge.consumer].ports
            port = ports[edge.port] if edge.port < len(ports) else None
            if port is None or port.operand is None or not port.operand.value:
                words.append(f"{(port and port.name) or f'input {edge.port + 1}'} of {called(nodes[edge.consumer])}")
    return words


def place(found: Finding, entry: Entry) -> str:
    """Where values were found."""
    node = found.snapshot.nodes[entry.node]
    if entry.leaf:
        return f"in the leaf {called(node)}, which has a .grad of its own"
    return f"in {called(node)}" + (f" as {entry.name}" if entry.name else "")


def called(node: Node) -> str:
    """A node in a sentence."""
    return f"{node.label or node.operation or node.name} (node {node.id})"


def listed(words: list[str]) -> str:
    """One, two and three; of many the first."""
    words = list(dict.fromkeys(words))
    if len(words) > 5:
        words = [*words[:4], f"{len(words) - 4:,} more"]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def way(found: Finding) -> str:
    """One way from the result to x, a long one with its middle left out."""
    steps = [found.snapshot.nodes[i] for i in found.way]
    words = [node.label or node.operation or node.name for node in steps]
    if found.x.is_leaf:
        words[-1] = names(found)[0]
    else:
        words.append(names(found)[0])
    if len(words) > SHOWN:
        words[4:-4] = [f"… {plural(len(words) - 8, 'more function')} …"]
    return " → ".join([names(found)[1], *words])
