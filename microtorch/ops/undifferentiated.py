"""What torch computes, but does not differentiate: the result requires a gradient, and ``backward()`` says that there is none."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from ..core.primitive import Primitive


class _NoRules:
    """The rules of an operation that has no derivative, for whichever inputs one is asked."""

    sources = flat = ()

    def __getitem__(self, needs: int) -> _NoRules:
        return self

    def keep(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        return ()

    def gradients(self, node: Any, grad: Any, saved: tuple[Any, ...]) -> NoReturn:
        raise node.refusal()


class _Undifferentiated(Primitive):
    """An operation with any number of inputs and no rules."""

    operation: ClassVar[str]  # torch's name of it
    remedy: ClassVar[str] = "detach() its inputs where it shall be a constant"
    rule_sets = _NoRules()  # type: ignore[assignment]

    def name(self) -> str:
        """What torch calls such a node."""
        return "NotImplemented"

    def refusal(self) -> Exception:
        """What ``backward()`` raises."""
        return RuntimeError(f"derivative for aten::{self.operation} is not implemented, as in torch: {self.remedy}")

    @property
    def input_names(self) -> tuple[str, ...]:  # type: ignore[override]
        """Numbered, as nothing reads them by name."""
        return tuple(f"inputs[{i}]" for i in range(len(self._below)))

    @property
    def formulas(self) -> tuple[str, ...]:
        """The same for each: there is none."""
        return ("not implemented",) * len(self._below)
