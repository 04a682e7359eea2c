"""Functions as a user writes them, for random programs: one source for torch and microtorch, whose ``Function`` is the same."""

FUNCTIONS = {
    "Both": """
class Both(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y, x.tanh()

    @staticmethod
    def backward(ctx, product, tanh):
        x, y = ctx.saved_tensors
        return product * y + tanh * (1 - x.tanh() * x.tanh()), product * x
""",
    "Unequal": """
class Unequal(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.set_materialize_grads(False)
        ctx.factor = factor
        return x * factor, x.sum()

    @staticmethod
    def backward(ctx, scaled, total):
        grad = 0 if scaled is None else scaled * ctx.factor
        return (grad if total is None else grad + total), None
""",
    "Doubled": """
class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(2)

    @staticmethod
    def backward(ctx, grad):
        return grad * 2
""",
    "Positive": """
class Positive(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        mask = (x > 0).to(x.dtype)
        ctx.mark_non_differentiable(mask)
        ctx.save_for_backward(mask)
        return x * mask, mask

    @staticmethod
    def backward(ctx, grad, nothing):
        return grad * ctx.saved_tensors[0]
""",
    "Squared": """
class Squared(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        return grad * 2 * ctx.saved_tensors[0]
""",
    "Exponential": """
class Exponential(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        result = (x * 0.25).exp()
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.saved_tensors[0] * 0.25
""",
    "Same": """
class Same(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad * 3
""",
    "Viewed": """
class Viewed(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.unsqueeze(0)

    @staticmethod
    def backward(ctx, grad):
        return grad.squeeze(0)
""",
}
