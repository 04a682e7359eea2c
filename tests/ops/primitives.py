"""The package's operations, one class each."""

from collections.abc import Iterator

from microtorch.core.primitive import Primitive


def primitives(above: type[Primitive]) -> Iterator[type[Primitive]]:
    """The package's operations: the Primitives that torch has a name for."""
    for each in above.__subclasses__():
        if each.__module__.startswith(("microtorch.ops", "microtorch.core.strided")) and not each.__name__.startswith("_"):
            yield each
        yield from primitives(each)
