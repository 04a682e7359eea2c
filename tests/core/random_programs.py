"""Random programs over a pool of tensors, for torch and microtorch alike.

A `Program` is lines of Python source, so that one that fails can be copied into a notebook. While hypothesis draws it, a
`Writer` runs it on torch: it knows the shape, value and place in the graph of every tensor when it writes the next line. So
most lines are valid, those that are not are so in an interesting way, and values stay tame.
"""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain
from types import CodeType, ModuleType
from typing import Any, TypeVar

from hypothesis import strategies as st

from tests.core.random_functions import FUNCTIONS

T = TypeVar("T")

NAMES = "abcdefghijklmnopqrstuvwxyz"
SHAPES = [(2,), (2, 3), (), (3,), (2, 1), (2, 2), (1, 3), (3, 2), (2, 1, 3), (1,)]
# Multiples of 1/4, whose sums and products are exact in whatever order they are taken: a comparison with 0 has one answer.
VALUES = [1.5, -0.5, 2.0, 0.75, -1.25, 0.5, -2.0, 1.0, -0.75, 1.25, 0.0]
SCALARS = [2, 0.5, -1, -0.25, 3]
KEYS = {
    0: ["...", "None"],
    1: ["0", "1:", ":1", "-1", "::2", "None", "...", "[0, -1]", ":"],
    2: ["0", ":, 0", "1:", ":, 1:", "0, 1:", "1:, :1", "..., 0", "0, 0", "-1", "None", ":, None, 0", "[0, -1]", ":, [0, -1]"],
    3: ["0", ":, 0", "..., 0", ":, :, 1:", "0, 0", "..., None", "[0, -1], 0"],
}
LIMIT = 1e3


@dataclass(frozen=True)
class Program:
    """Lines of source, and what there is to see in them."""

    lines: tuple[str, ...]
    tags: frozenset[str]

    def __str__(self) -> str:
        used = (source for name, source in FUNCTIONS.items() if any(f"{name}." in line for line in self.lines))
        return "\n".join(["import torch  # or: import microtorch as torch", *used, *self.lines])


@lru_cache(maxsize=4096)
def compiled(source: str) -> CodeType:
    return compile(source, "<program>", "exec")


class Run:
    """A program under way on one of the two libraries."""

    def __init__(self, library: ModuleType) -> None:
        self.variables: dict[str, Any] = {"torch": library}
        for source in FUNCTIONS.values():
            exec(compiled(source), self.variables)

    def do(self, line: str) -> Exception | None:
        """Run one line; what it raises is a result like any other."""
        try:
            exec(compiled(line), self.variables)
        except Exception as error:  # noqa: BLE001 - of whatever kind: the kinds are compared
            return error.with_traceback(None)
        return None


class Pick:
    """Choices, each made by the next of the numbers that hypothesis drew; smaller numbers choose what comes first."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self.numbers: Iterator[int] = iter(numbers)

    def __call__(self, options: Iterable[T]) -> T:
        options = list(options)
        return options[next(self.numbers, 0) % len(options)]


def is_leaf(tensor: Any) -> bool:
    """The same, but False for a view whose place in the graph torch cannot tell any more."""
    try:
        return bool(tensor.is_leaf)
    except RuntimeError:
        return False


@dataclass
class Writer:
    """Writes a program line by line, and runs each line on torch at once."""

    torch: ModuleType
    lines: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    over: bool = False  # a backward has raised: how far it came is not compared, so the program ends

    def __post_init__(self) -> None:
        self.run = Run(self.torch)
        self.pool: dict[str, Any] = {}

    def say(self, line: str, *tags: str) -> bool:
        """Add a line; whether torch ran it."""
        self.lines.append(line)
        error = self.run.do(line)
        self.tags |= {"raises"} if error else set(tags)
        self.pool = {name: value for name, value in self.run.variables.items() if name in NAMES}
        return error is None

    def result(self, expression: str, pick: Pick, *tags: str) -> None:
        """Name the result of an expression."""
        count = 2 if expression.startswith(("Both", "Unequal", "Positive")) else 1
        names = NAMES[len(self.pool) : len(self.pool) + count]
        if self.say(f"{self.mode(pick)}{', '.join(names)} = {expression}", *tags) and self.pool[names[0]]._is_view():
            self.tags.add("view")

    def mode(self, pick: Pick) -> str:
        mode = pick([""] * 27 + ["no_grad()"] * 2 + [pick(["no_grad()", "inference_mode()", "no_grad(), torch.enable_grad()"])])
        self.tags |= {mode} if mode else set()
        return f"with torch.{mode}: " if mode else ""

    # What is known of the tensors

    def some(self, pick: Pick, wanted: Iterable[str] | None = None) -> str:
        """A tensor, rather a recent one; of those that are wanted, if there are any."""
        names = list(wanted or self.pool)[::-1]
        return pick([*names[:3], *names])

    def size(self, operand: Any) -> float:
        """The largest absolute value of a tensor or a number."""
        value = self.pool.get(operand, operand)
        if not isinstance(value, self.torch.Tensor):
            return abs(float(value))
        return float(value.detach().abs().max()) if value.numel() else 0.0

    def near_zero(self, operand: Any, limit: float) -> bool:
        value = self.pool.get(operand, operand)
        if not isinstance(value, self.torch.Tensor):
            return abs(float(value)) < limit
        return bool((value.detach().abs() < limit).any())

    def fits(self, name: str, shape: tuple[int, ...], *, into: bool = False) -> bool:
        """Whether a tensor can be broadcast together with a shape, or ``into`` it."""
        try:
            together = self.torch.broadcast_shapes(self.pool[name].shape, shape)
        except RuntimeError:
            return False
        return not into or together == shape

    def needing(self) -> list[str]:
        """The tensors that require a gradient."""
        return [name for name, each in self.pool.items() if each.requires_grad]

    def owners(self) -> list[str]:
        """The leaves that require a gradient."""
        return [name for name in self.needing() if is_leaf(self.pool[name])]

    def target(self, pick: Pick) -> str:
        """A tensor to change in place: mostly one that may be changed, and rather a view, made for it if there is none."""
        fine = self.changeable()
        wanted = pick([fine, True, True, fine, True, True, None])
        if wanted is not True:
            return self.some(pick, wanted)
        views = [name for name in fine if self.pool[name]._is_view()]
        if fine and not views:
            self.view_of(self.some(pick, fine), pick)
            views = list(self.pool)[-1:]
        return self.some(pick, views)

    def changeable(self) -> list[str]:
        return [name for name, each in self.pool.items() if not self._forbidden(each)]

    def _forbidden(self, tensor: Any) -> bool:
        root = tensor._base if tensor._is_view() else tensor
        return (is_leaf(root) and root.requires_grad) or self._repeated(tensor) or self._one_of_several(tensor)

    def _one_of_several(self, tensor: Any) -> bool:
        """Whether it is one of several views that one operation gave, or a view of one."""
        internal = self.torch._C._autograd
        return tensor._is_view() and internal._get_creation_meta(tensor) == internal.CreationMeta.MULTI_OUTPUT_NODE

    def _repeated(self, tensor: Any) -> bool:
        """Whether some elements may share their memory, as after ``expand`` and ``unfold``."""
        reach = 1
        for stride, length in sorted(zip(tensor.stride(), tensor.shape, strict=True)):
            if length > 1 and stride < reach:
                return True
            reach += (length - 1) * stride
        return False

    def operand(self, pick: Pick, shape: tuple[int, ...], into: Any = None) -> str:
        """A number, or a tensor of a shape that fits (now and then of one that does not), to be written ``into`` another."""
        names = [name for name, each in self.pool.items() if into is None or not self._entangled(each, into)]
        fit = [name for name in names if self.fits(name, shape, into=into is not None)]
        kind = pick([fit, fit, fit, SCALARS, SCALARS, fit, SCALARS, fit, fit, fit, fit, fit, fit, names])
        return self.some(pick, kind) if kind and kind is not SCALARS else str(pick(SCALARS))

    def _entangled(self, x: Any, y: Any) -> bool:
        """Whether two tensors may share some elements and torch, which refuses to write one into the other, cannot tell."""
        shared = x.untyped_storage().data_ptr() == y.untyped_storage().data_ptr()
        return shared and x is not y and not (x.is_contiguous() and y.is_contiguous())

    # The kinds of lines

    def leaf(self, pick: Pick) -> None:
        shape, first = pick(SHAPES), pick(range(len(VALUES)))
        count = self.torch.Size(shape).numel()
        values = self.torch.tensor([VALUES[(first + i) % len(VALUES)] for i in range(count)]).reshape(shape).tolist()
        needs = ", requires_grad=True" if pick([True, True, False]) or not self.owners() else ""
        self.say(f"{NAMES[len(self.pool)]} = torch.tensor({values}, dtype=torch.float64{needs})")

    def arithmetic(self, pick: Pick) -> None:
        x = self.some(pick)
        y = self.operand(pick, self.pool[x].shape)
        left, right = pick([(x, y), (y, x)])
        symbol = pick("*+-*/*")
        if symbol == "/" and self.near_zero(right, 0.1):
            symbol = "*"
        if symbol in "*/" and self.size(left) * self.size(right) > LIMIT:
            symbol = "-"
        self.result(f"{left} {symbol} {right}", pick)

    def function(self, pick: Pick) -> None:
        x = self.some(pick)
        name = pick(["tanh", "exp", "sigmoid", "relu", "neg", "clone", "where", "**"])
        if (name == "exp" and self.size(x) > 3) or (name in {"relu", "where"} and self.doubtful(x)):
            name = "tanh"
        if name == "where":
            self.result(f"torch.where({x} > 0, {x}, {self.operand(pick, self.pool[x].shape)})", pick)
        elif name == "**":
            self.result(f"{x} ** {pick([2, 3] if self.size(x) < 9 else [1, 0.5])}", pick)
        else:
            self.result(f"{x}.{name}()", pick)

    def doubtful(self, x: str) -> bool:
        """Whether rounding may decide which side of 0 an element is on."""
        value = self.pool[x].detach().abs()
        return bool(((value > 0) & (value < 1e-6)).any())

    def matmul(self, pick: Pick) -> None:
        x = self.some(pick, [name for name, each in self.pool.items() if each.ndim])
        ys = [name for name in self.pool if self._chains(tuple(self.pool[x].shape), tuple(self.pool[name].shape))]
        y = self.some(pick, ys) if ys else x
        if (ys or pick([False] * 7 + [True])) and self.size(x) * self.size(y) < LIMIT:
            self.result(f"{x} @ {y}", pick)

    def _chains(self, x: tuple[int, ...], y: tuple[int, ...]) -> bool:
        """Whether the matrices' sizes fit. Where ``x`` has fewer dimensions, torch's own steps show in node and version."""
        if not x or not y or x[-1] != y[max(len(y) - 2, 0)]:
            return False
        return len(x) >= len(y) and (len(y) < 3 or x[:-2] == y[:-2])

    def reduction(self, pick: Pick) -> None:
        x = self.some(pick)
        dims = ["", *["0", "-1", "0, keepdim=True", "1", "(0, 1)"][: 2 * self.pool[x].ndim + 1]]
        self.result(f"{x}.{pick(['sum', 'mean'])}({pick(dims)})", pick)

    def view(self, pick: Pick) -> None:
        self.view_of(self.some(pick, pick([self.changeable(), None])), pick)

    def view_of(self, x: str, pick: Pick) -> None:
        n, shape = self.pool[x].ndim, tuple(self.pool[x].shape)
        keys = [f"{x}[{key}]" for key in KEYS.get(n, ["0"])]
        calls = ["view(-1)", "t()", "transpose(0, -1)", "unsqueeze(0)", "squeeze()", "reshape(-1)", "unsqueeze(-1)"]
        calls += [f"expand({(2, *shape)})", f"permute({(*range(n)[::-1],)})", f"reshape({shape[::-1]})", f"view({shape})"]
        if 1 in shape:
            calls += [f"squeeze({shape.index(1)})", f"expand{tuple(3 if i == 1 else i for i in shape)}"] * 2
        calls += ["flatten()", "diagonal(0, 0, -1)", "tensor_split(2)[0]"] if n > 1 else []
        # What is computed from one window, whose elements overlap with none, lies in memory in another order in torch.
        calls += [f"unfold({dim}, 2, 1)" for dim, length in enumerate(shape) if length == 3]
        expression = pick(keys if pick([True, False]) else [f"{x}.{call}" for call in calls])
        self.result(expression, pick)

    def pieces(self, pick: Pick) -> None:
        """Several views at once, of which none may be changed."""
        x = self.some(pick, pick([self.changeable(), None]))
        dims = [dim for dim, length in enumerate(self.pool[x].shape) if length in {2, 3}]
        if dims:
            dim = pick(dims)
            count = self.pool[x].shape[dim]
            calls = [f"unbind({dim})", f"split(1, {dim})", f"chunk({count}, {dim})", f"split({[1] * count}, {dim})"]
            names = ", ".join(NAMES[len(self.pool) : len(self.pool) + count])
            self.say(f"{names} = {x}.{pick(calls)}" if dim or pick([True, False]) else f"{names} = {x}", "view", "several views")

    def mask(self, pick: Pick) -> None:
        x = self.some(pick)
        if not self.doubtful(x) and bool((self.pool[x] > 0).any()):
            self.result(f"{x}[{x} > 0]", pick)

    def detached(self, pick: Pick) -> None:
        self.result(f"{self.some(pick)}.{pick(['detach()', 'data'])}", pick, "detach")

    def custom(self, pick: Pick) -> None:
        name = pick(FUNCTIONS)
        x = self.target(pick) if name == "Doubled" else self.some(pick)
        second = {"Both": ", " + self.some(pick, [n for n in self.pool if self.fits(n, self.pool[x].shape)]), "Unequal": ", 3"}
        y = second.get(name, "")
        fixed = self.pool[x].is_inference() or self._repeated(self.pool[x])
        if (name == "Positive" and self.doubtful(x)) or self.size(x) > 9 or (name == "Doubled" and fixed):
            name, y = "Same", ""
        self.result(f"{name}.apply({x}{y})", pick, "user's function", *(["in-place"] if name == "Doubled" else []))

    def changed(self, x: str, line: str, pick: Pick) -> None:
        """Say a line that changes ``x`` in place."""
        on_view = ["in-place on a view"] if self.pool[x]._is_view() else []
        owner = self._forbidden(self.pool[x]) and pick([True, True, True, False])
        mode = "with torch.no_grad(): " if owner else self.mode(pick)
        if self.pool[x].is_inference():  # elsewhere torch raises when it has already changed the values
            mode = "with torch.inference_mode(): "
        self.say(mode + line, "in-place", *on_view)

    def in_place_arithmetic(self, pick: Pick) -> None:
        x = self.target(pick)
        y = self.operand(pick, self.pool[x].shape, self.pool[x])
        symbol = pick(["mul", "add", "sub", "div", "copy"])
        if symbol == "div" and self.near_zero(y, 0.1):
            symbol = "mul"
        if symbol in {"mul", "div"} and self.size(x) * self.size(y) > LIMIT:
            symbol = "sub"
        if symbol == "copy":
            line = f"{x}.copy_({y})" if y in self.pool else pick([f"{x}.fill_({y})", f"{x}.zero_()"])
        else:
            operator = {"mul": "*=", "add": "+=", "sub": "-=", "div": "/="}[symbol]
            line = pick([f"{x}.{symbol}_({y})", f"{x} {operator} {y}"])
        self.changed(x, line, pick)

    def in_place_function(self, pick: Pick) -> None:
        x = self.target(pick)
        name = pick(["tanh", "zero", "exp", "sigmoid", "neg", "relu"])
        if (name == "exp" and self.size(x) > 3) or (name == "relu" and self.doubtful(x)):
            name = "tanh"
        self.changed(x, f"{x}.{name}_()", pick)

    def in_place_shaping(self, pick: Pick) -> None:
        x = self.target(pick)
        if self.pool[x].retains_grad:  # an internal assertion of torch fails later
            return
        self.changed(x, f"{x}.{pick(['t_()', 'unsqueeze_(0)', 'squeeze_()', 'transpose_(0, -1)'])}", pick)

    def assignment(self, pick: Pick) -> None:
        x = self.target(pick)
        keys = [key for key in KEYS.get(self.pool[x].ndim, ["0"]) if "[" not in key or 1 not in self.pool[x].shape]
        if not self.doubtful(x):
            keys.append(f"{x} > 0")
        if self._repeated(self.pool[x]):  # torch allows it with an index or a mask, and deprecates that
            keys = keys[:1]
        key = pick(keys)
        try:
            part = eval(f"{x}[{key}]", self.run.variables)
        except (IndexError, RuntimeError):
            part = self.pool[x]
        value = self.operand(pick, part.shape, part if ">" not in key and "[" not in key else self.pool[x])
        if ">" in key and value in self.pool and self.pool[value].numel() != 1:
            value = "0"
        self.changed(x, f"{x}[{key}] {'=' if self.size(x) > LIMIT else pick(['=', '=', '+=', '*='])} {value}", pick)

    def raw_change(self, pick: Pick) -> None:
        x = self.some(pick, [name for name, each in self.pool.items() if not each.is_inference()])
        self.say(f"{x}.{pick(['data', 'detach()'])}.{pick(['mul_(0.5)', 'zero_()', 'add_(1)'])}", "in-place", "detach")

    def flag(self, pick: Pick) -> None:
        line = pick(["requires_grad_()", "retain_grad()", "retain_grad()", "requires_grad_(False)", "detach_()"])
        # torch crashes where a second output retains its gradient and is changed through a view; and may crash where a leaf
        # that a graph knows is made to require none, and then becomes a part of that graph.
        crashes = {
            "requires_grad_()": [],
            "retain_grad()": [name for name, each in self.pool.items() if each.output_nr],
            "requires_grad_(False)": self.owners(),
            "detach_()": self.owners(),
        }
        names = [name for name in self.pool if name not in crashes[line]]
        kinds = {
            "requires_grad_()": lambda each: is_leaf(each) and not each.requires_grad,
            "retain_grad()": lambda each: each.requires_grad,
            "requires_grad_(False)": lambda each: not each.requires_grad,
            "detach_()": lambda each: not each._is_view(),
        }
        fine = [name for name in names if kinds[line](self.pool[name])]
        if names:
            self.say(f"{self.some(pick, pick([fine] * 7 + [names]) or names)}.{line}", line)

    def hook(self, pick: Pick) -> None:
        x = self.some(pick, self.needing())
        # torch may crash in register_hook, if a view's base was changed and nobody has looked since.
        if self.pool[x]._is_view() and not self.say(f"{x}.grad_fn"):
            return
        body = pick(["grad * 2", "None", "grad.tanh()", "after"])
        if body == "after" and self.pool[x].grad_fn is not None:  # with a result that depends on the shapes that it is shown
            shown = "tuple(None if each is None else each + each.numel() for each in inner)"
            self.say(f"{x}.grad_fn.register_hook(lambda inner, outer: {shown})", "hook")
        else:
            self.say(f"{x}.register_hook(lambda grad: {body.replace('after', 'None')})", "hook")

    def look(self, pick: Pick) -> None:
        """A view's node is made anew when somebody looks, after the base was changed: looking must change nothing."""
        self.say(f"{self.some(pick)}.grad_fn")

    def step(self, pick: Pick) -> None:
        """One step of training in the middle of the program: backward, or what is done with the gradient afterwards."""
        ready = [name for name in self.owners() if self.pool[name].grad is not None]
        if not ready:
            wanted = self.needing()
            self.over = not self.say(f"{self.some(pick, wanted)}.sum().backward({pick(['retain_graph=True'] * 3 + [''])})")
            return
        x = self.some(pick, ready)
        update = f"with torch.no_grad(): {x} -= 0.25 * {x}.grad"
        if self.size(x) + float(self.pool[x].grad.detach().abs().sum()) > LIMIT:
            update = f"{x}.grad = None"
        self.say(pick([update, f"{x}.grad.zero_()", f"{x}.grad = None"]), "step")

    def ending(self, pick: Pick) -> None:
        """Backward, or ``grad``, once or twice."""
        fine = [name for name in self.needing() if self._works(name)]
        x = self.some(pick, pick([fine, fine, fine, fine, fine, None]) or self.needing())
        root = pick([f"{x}.sum()", f"({x} * {x}).sum()"] if self.size(x) < LIMIT else [f"{x}.tanh().sum()"])
        endings = [self._backward, self._grad_of_grad, self._several, self._grad, self._twice, self._grad_of_grad]
        pick(endings)(pick, x, root)

    def _works(self, name: str) -> bool:
        """Whether backward from here finds all it needs."""
        leaves = ", ".join(self.owners())
        return not self.run.do(f"torch.autograd.grad({name}.sum(), [{leaves}], retain_graph=True, allow_unused=True)")

    def _backward(self, pick: Pick, x: str, root: str) -> None:
        self.say(pick([f"{root}.backward()", f"{x}.backward(2 * torch.ones_like({x}))"]), "ends well")

    def _twice(self, pick: Pick, x: str, root: str) -> None:
        if self.say(f"loss = {root}") and self.say(
            f"loss.backward({pick(['retain_graph=True', 'retain_graph=True', ''])})", "ends well"
        ):
            self.say("loss.backward()", "backward twice")

    def _several(self, pick: Pick, x: str, root: str) -> None:
        y = self.some(pick, self.needing())
        inputs = pick(["", "", f", inputs=[{self._inputs(pick)}]"])
        self.say(f"torch.autograd.backward([{x}, {y}.sum()], [torch.ones_like({x}), None]{inputs})", "ends well")

    def _grad(self, pick: Pick, x: str, root: str) -> None:
        options = pick(["allow_unused=True", "", "materialize_grads=True", "allow_unused=True, retain_graph=True"])
        self.say(f"first = torch.autograd.grad({root}, [{self._inputs(pick)}], {options})", "ends well")

    def _grad_of_grad(self, pick: Pick, x: str, root: str) -> None:
        root = root.replace(f"{x}.sum()", f"({x} * {x}).sum()")
        inputs = self._inputs(pick)
        if self.say(f"first = torch.autograd.grad({root}, [{inputs}], create_graph=True, allow_unused=True)", "ends well"):
            total = "sum((each * each).sum() for each in first if each is not None)"
            again = pick([f"second = torch.autograd.grad({total}, [{inputs}], allow_unused=True)", f"{total}.backward()"])
            if any(each is not None and each.requires_grad for each in self.run.variables["first"]):
                self.say(again, "gradient of gradient")

    def _inputs(self, pick: Pick) -> str:
        needing = self.needing()
        return ", ".join([*(self.owners() or needing or ["a"])[:3], *pick([[], [], [], needing[-1:]])])


KINDS = [
    kind
    for kind, weight in {
        Writer.arithmetic: 6, Writer.view: 7, Writer.in_place_arithmetic: 5, Writer.function: 3, Writer.assignment: 3,
        Writer.in_place_function: 2, Writer.reduction: 2, Writer.matmul: 2, Writer.custom: 3, Writer.detached: 1,
        Writer.raw_change: 1, Writer.in_place_shaping: 1,
        Writer.flag: 2, Writer.hook: 1, Writer.look: 1, Writer.mask: 1, Writer.step: 2, Writer.pieces: 2,
        Writer.leaf: 1,
    }.items()
    for _ in range(weight)
]  # fmt: skip


def written(torch: ModuleType, leaves: list[Any], body: tuple[list[Any], list[Any]], ending: tuple[int, ...]) -> Program:
    """The program that the numbers hypothesis drew stand for."""
    writer = Writer(torch)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for numbers in leaves:
            writer.leaf(Pick(numbers))
        for kind, numbers in chain(*body):
            if not writer.over and len(writer.pool) < len(NAMES) - 3:
                kind(writer, Pick(numbers))
        if not writer.over:
            writer.ending(Pick(ending))
    return Program(tuple(writer.lines), frozenset(writer.tags))


def programs(torch: ModuleType) -> st.SearchStrategy[Program]:
    """Programs that torch has run while they were written."""
    number = st.integers(0, 119)
    leaves = st.lists(st.tuples(number, number, number), min_size=1, max_size=3)
    lines = st.lists(st.tuples(st.sampled_from(KINDS), st.tuples(*[number] * 9)), max_size=10)
    # Two lists: together they are long on average, and yet shrink to nothing.
    return st.builds(partial(written, torch), leaves, st.tuples(lines, lines), st.tuples(*[number] * 5))
