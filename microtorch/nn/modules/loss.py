"""Losses as modules: what a network's output is compared with its target by."""

from __future__ import annotations

from ...core.variable import Variable
from .. import functional
from .module import Module

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss", "NLLLoss", "SmoothL1Loss",
]  # fmt: skip


class _Loss(Module):
    """A loss for each element, and what is made of them: their mean, their sum, or none of these.

    Args:
        reduction: "mean", "sum" or "none".
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction


class L1Loss(_Loss):
    """``|input - target|``."""

    def forward(self, input: Variable, target: Variable) -> Variable:
        """As `nn.functional.l1_loss`."""
        return functional.l1_loss(input, target, reduction=self.reduction)


class MSELoss(_Loss):
    """``(input - target) ** 2``."""

    def forward(self, input: Variable, target: Variable) -> Variable:
        """As `nn.functional.mse_loss`."""
        return functional.mse_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """A square near 0, and linear from ``beta`` on."""

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = beta

    def forward(self, input: Variable, target: Variable) -> Variable:
        """As `nn.functional.smooth_l1_loss`."""
        return functional.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(_Loss):
    """A square near 0, and linear from ``delta`` on, with the slope ``delta``."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        self.delta = delta

    def forward(self, input: Variable, target: Variable) -> Variable:
        """As `nn.functional.huber_loss`."""
        return functional.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class KLDivLoss(_Loss):
    """``target * (log(target) - input)``: how far a distribution is from that whose logarithm is the input."""

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction)
        self.log_target = log_target

    def forward(self, input: Variable, target: Variable) -> Variable:
        """As `nn.functional.kl_div`."""
        return functional.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class _WeightedLoss(_Loss):
    """A loss with weights, which are part of the module's state."""

    def __init__(self, weight: Variable | None = None, *, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)


class NLLLoss(_WeightedLoss):
    """Minus the logarithm of the probability of the right class, where the input is the logarithms of all."""

    def __init__(self, weight: Variable | None = None, *, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(weight, reduction=reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Variable, target: Variable) -> Variable:
        """As `nn.functional.nll_loss`."""
        return functional.nll_loss(input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class CrossEntropyLoss(_WeightedLoss):
    """Minus the logarithm of the probability of the right class, where the input is scores of all.

    >>> import microtorch
    >>> round(CrossEntropyLoss()(microtorch.zeros(1, 2), microtorch.tensor([0])).item(), 4)
    0.6931
    """

    def __init__(
        self,
        weight: Variable | None = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, reduction=reduction)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input: Variable, target: Variable) -> Variable:
        """As `nn.functional.cross_entropy`."""
        return functional.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class BCELoss(_WeightedLoss):
    """Minus the logarithm of the probability of what is right, yes or no, where the input is the probability of yes."""

    def forward(self, input: Variable, target: Variable) -> Variable:
        """As `nn.functional.binary_cross_entropy`."""
        return functional.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_WeightedLoss):
    """`BCELoss` of the sigmoid of the input."""

    def __init__(self, weight: Variable | None = None, *, reduction: str = "mean", pos_weight: Variable | None = None) -> None:
        super().__init__(weight, reduction=reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Variable, target: Variable) -> Variable:
        """As `nn.functional.binary_cross_entropy_with_logits`."""
        return functional.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )
