"""Functions of one's own for the tests: the same class, made for either library."""


def made(lib, forward, backward=lambda ctx, *grads: grads[0], name="Made", **attributes):
    """A Function class of this library, from two plain functions."""
    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type(name, (lib.autograd.Function,), methods | attributes)


def exp(lib):
    """A Function that saves its output."""

    def forward(ctx, x):
        result = x.exp()
        ctx.save_for_backward(result)
        return result

    return made(lib, forward, lambda ctx, grad: grad * ctx.saved_tensors[0], "Exp")


def square(lib):
    """A Function that saves its input."""

    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    return made(lib, forward, lambda ctx, grad: grad * 2 * ctx.saved_tensors[0], "Square")


def sum_and_difference(lib, seen=None):
    """A Function of three arguments, one of them a number, with two outputs."""

    def forward(ctx, x, y, scale):
        ctx.scale = scale
        return (x + y) * scale, (x - y) * scale

    def backward(ctx, grad_sum, grad_difference):
        if seen is not None:
            seen.append((grad_sum, grad_difference))
        return (grad_sum + grad_difference) * ctx.scale, (grad_sum - grad_difference) * ctx.scale, None

    return made(lib, forward, backward, "SumAndDifference")


def passing(lib):
    """A Function of two Variables and a number, with two outputs, which passes gradients on as they are."""
    return made(lib, lambda ctx, x, number, y: (x * 1, y * 1), lambda ctx, dx, dy: (dx, None, dy), "Pass")


def undefined(lib):
    """A Function whose gradient is None."""
    return made(lib, lambda ctx, x: x * 1, lambda ctx, grad: None, "Undefined")


def doubled_in_place(lib):
    """A Function that changes its input, and says so."""

    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    return made(lib, forward, lambda ctx, grad: grad * 2, "Doubled")
