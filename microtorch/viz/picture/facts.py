"""What is written about a node: what it is called, its rules, constants, saved values; the words for every density."""

from __future__ import annotations

from ..graph.names import clean
from ..graph.snapshot import Edge, Node, Operand, Port, Snapshot
from ..words.rules import spelled
from ..words.text import chip, number, shape

PILL = 18  # characters
# What says nothing beside a rule in which the names stand already.
GENERIC = {"", "input", "other", "self", "tensor", "x"}
# Of constants, whose names nobody needs to understand them.
PLAIN = {"", "exponent", "other", "value", "self"}


class Facts:
    """The words for the nodes of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.carded = {
            (root.node, root.output)
            for root in snapshot.roots
            if root.variable and root.node is not None and snapshot.nodes[root.node].kind != "leaf"
        }

    def outputs(self, node: Node) -> int:
        """How many outputs a node has, as far as anything tells."""
        used = [edge.output for edge in self.snapshot.uses.get(node.id, ())]
        used += [root.output for root in self.snapshot.roots if root.node == node.id]
        return max(1, len(node.outputs), *(output + 1 for output in used))

    def inputs(self, node: Node) -> list[tuple[Port, Edge | None]]:
        """The ports of a node, each with its edge, if it has one."""
        edges = self.snapshot.inputs.get(node.id, {})
        return [(port, edges.get(port.index)) for port in node.ports]

    def tracked(self, node: Node) -> list[int]:
        """The ports to which gradients are sent."""
        return [port for port, edge in self.snapshot.inputs.get(node.id, {}).items() if edge.producer is not None]

    def bare(self, node: Node) -> list[Port]:
        """The ports to which none are sent."""
        return [port for port, edge in self.inputs(node) if edge is None or edge.producer is None]

    def name(self, node_id: int, output: int = 0) -> str:
        """The Variable that a node made, "" if it has no name."""
        node = self.snapshot.nodes[node_id]
        return node.label if node.kind == "leaf" else dict(enumerate(node.outputs)).get(output, "")

    def called(self, node_id: int, output: int = 0) -> str:
        """The Variable that a node made, or the node."""
        node = self.snapshot.nodes[node_id]
        known = self.name(node_id, output) or ("leaf" if node.kind == "leaf" else node.operation or node.name)
        return short(known)

    def strip(self, node: Node, output: int) -> str:
        """What is written where an output leaves: its name; its number, where there are several."""
        name = "" if (node.id, output) in self.carded else self.name(node.id, output)
        numbered = f"{output}" if self.outputs(node) > 1 else ""
        return ": ".join(word for word in (numbered, short(name)) if word)

    def untracked(self, node: Node, port: Port) -> str:
        """What stands at an input that has no gradient; of "37 more inputs", these words."""
        return clean(operand(port.operand) or saved_number(node, port) or port.name or "∅", PILL)

    def is_constant(self, node: Node, port: Port) -> bool:
        """Whether a mere number stands there, which needs no pill of its own."""
        if port.operand is not None:
            return bool(port.operand.value) and not port.operand.name
        return bool(saved_number(node, port))

    def constants(self, node: Node) -> str:
        """What else decides the result, beside the title: "2", "dim 1", "keepdim"."""
        words = (value if name in PLAIN else name if value == "True" else f"{name} {value}" for name, value in node.constants)
        return clean(", ".join(words), 32)

    def rule(self, node: Node, port: Port) -> str:
        """The rule for the gradient that is sent there, with the names that stand at the inputs."""
        return spelled(self.snapshot, node, port)

    def chips(self, node: Node) -> list[tuple[str, bool]]:
        """The saved values, and whether they are freed: each once, without those that stand at their ports."""
        shown = {port.name for port in self.bare(node)}
        names = self.names(node)
        found = []
        for saved in node.saved:
            if not saved.freed and saved.name in shown:
                continue
            name = names.get(saved.name, saved.name)
            words = chip(saved, "×")
            found.append((clean(name + words[len(saved.name) :] if words.startswith(saved.name) else words, 30), saved.freed))
        return list(dict.fromkeys(found))

    def names(self, node: Node) -> dict[str, str]:
        """What stands at a node's inputs, by the names of its ports: "other" is "y", or "3"."""
        found = {}
        for port, edge in self.inputs(node):
            if edge is not None and edge.producer is not None:
                words = self.name(edge.producer, edge.output)
            else:
                words = (port.operand.name or port.operand.value) if port.operand else saved_number(node, port)
            if port.name and words:
                found[port.name] = words
        if self.outputs(node) == 1 and self.name(node.id):
            found["out"] = self.name(node.id)
        return found

    def tip(self, node: Node) -> str:
        """All that a box says, and what a small one leaves out."""
        head = node.label or "leaf" if node.kind == "leaf" else node.name
        lines = [f"{node.id}: {head} {self.constants(node)}".rstrip()]
        for port, edge in self.inputs(node):
            source, rule = self.untracked(node, port), ""
            if edge is not None and edge.producer is not None:
                source, rule = self.called(edge.producer, edge.output), self.rule(node, port)
            lines.append(f"{port.name or f'input {port.index + 1}'}: {source}{f' ← {rule}' if rule else ''}")
        chips = ", ".join(words for words, _ in self.chips(node))
        lines += [f"saved {chips}"] if chips else []
        return "\n".join(line for line in [*lines, node.about, node.source or ""] if line)


def short(name: str) -> str:
    """A name where there is little room: of a parameter, its last parts.

    >>> short("net.encoder.layers.1.weight"), short("a_long_name_of_a_thing")
    ('…layers.1.weight', 'a_long_name_of_a_…')
    """
    name = clean(name)
    if len(name) <= PILL or "." not in name:
        return clean(name, PILL)
    tail = name[1 - PILL :]
    return f"…{tail.partition('.')[2] or tail}"


def operand(known: Operand | None) -> str:
    """Data by its name and shape, a number as it was written."""
    if known is None:
        return ""
    if known.value:
        return f"{known.name} = {known.value}" if known.name else known.value
    return " ".join(word for word in (known.name, shape(known.shape, "×") if known.shape is not None else "") if word)


def saved_number(node: Node, port: Port) -> str:
    """A number that a node has kept of an input."""
    for saved in node.saved:
        if saved.name == port.name and saved.summary is not None and saved.summary.shape == ():
            return number(saved.summary.values)
    return ""
