"""Rows of ``ops.selection``."""

from tests.ops.tables.operation import Operation

WHERE = [
    Operation("where(x > 0, x, y)"), Operation("where(x > 0, x, 0)"), Operation("where(x > 0, 2.0, x)"),
    Operation("where(tensor([True, False, True]), x, s)"), Operation("where(x > y, x * y, x - y)"),
]  # fmt: skip

SPLITTING = [
    Operation("x.unbind()[1]", "x[1]"), Operation("x.unbind(-1)[2]", "x[:, 2]"), Operation("v.unbind()[1]", "v[1]"),
    Operation("stack(b.unbind(1), 1)", "b"), Operation("mul(*x)", "x[0] * x[1]"), Operation("mul(*c)", "c[0] * c[1]"),
    Operation("x.t().unbind()[1] * x[0, 1]", "x[:, 1] * x[0, 1]"), Operation("add(*n.unbind(1)[:2])", "n[:, 0] + n[:, 1]"),
    Operation("split(x, 2, 1)[1]", "x[:, 2:]"), Operation("x.split(1)[0]", "x[:1]"),
    Operation("b.split(3, dim=-1)[1]", "b[..., 3:]"),
    Operation("v.split(9)[0]", "v"), Operation("n.split(0)[0]", "n"), Operation("n.split(2)[0]", "n"),
    Operation("b.split([1, 0, 3], 2)[2] + b.split((3, 1), 2)[0]", "b[..., 1:] + b[..., :3]"),
    Operation("mul(*x.split((1, 1)))", "x[:1] * x[1:]"), Operation("x.t().split([2, 1])[1]", "x.T[2:]"),
    Operation("mul(*b.chunk(2, -1))", "b[..., :2] * b[..., 2:]"), Operation("b.chunk(3, 2)[1]", "b[..., 2:]"),
    Operation("n.chunk(3)[1]", "n"), Operation("v.chunk(2)[1]", "v[2:]"),
    Operation("b.transpose(0, 1).chunk(2)[0]", "b.swapaxes(0, 1)[:2]"),
    Operation("b.tensor_split(3, 2)[1]", "b[..., 2:3]"), Operation("tensor_split(b, (1, 3), -1)[1]", "b[..., 1:3]"),
    Operation("v.tensor_split(5)[4]", "v[3:]"), Operation("v.tensor_split((2, 1))[2]", "v[1:]"),
    Operation("b.tensor_split(tensor([1, 3]), 2)[2]", "b[..., 3:]"), Operation("x.tensor_split(tensor(2), 1)[1]", "x[:, 2:]"),
    Operation("x.hsplit(3)[1]", "x[:, 1:2]"), Operation("v.hsplit([1])[1]", "v[1:]"), Operation("x.vsplit(2)[1]", "x[1:]"),
    Operation("mul(*unsafe_chunk(b, 2, 2))", "b[..., :2] * b[..., 2:]"), Operation("x.unsafe_chunk(2, dim=1)[1]", "x[:, 2:]"),
    Operation("n.unsafe_chunk(2)[1]", "n"), Operation("unsafe_split(x, 2, 1)[1]", "x[:, 2:]"),
    Operation("b.unsafe_split(3, -1)[0]", "b[..., :3]"),
    Operation("b.dsplit(2)[1]", "b[..., 2:]"), Operation("dsplit(b, [1, 2])[1]", "b[..., 1:2]"),
]  # fmt: skip

REARRANGING = [
    Operation("x.flip(0)", "flip(x, 0)"), Operation("flip(b, (0, -1))"), Operation("x.flip(0, 1)", "flip(x)"),
    Operation("x.flip([])", "x"),
    Operation("s.flip(0)", "s"), Operation("n.flip(0)", "n"), Operation("x.t().flip(1)", "flip(x.T, 1)"), Operation("fliplr(x)"),
    Operation("flipud(x)"), Operation("v.flipud()", "v[::-1]"),
    *(Operation(f"roll({each})") for each in [
        "x, 1", "x, -2, 1", "x, (1, 2), (0, -1)", "x, (1, 1), (1, 1)", "b, 7, 1", "n, 1, 0", "s, 1",
    ]),
    Operation("x.t().roll(1)", "roll(x.T, 1)"), Operation("x.roll(0, 0)", "x"),
    Operation("rot90(x)"), *(Operation(f"rot90(x, {k})") for k in [2, 3, 0, -1]), Operation("rot90(n)"),
    Operation("b.rot90(1, [1, -1])", "rot90(b, 1, (1, 2))"), Operation("x.t().rot90(1, (1, 0))", "rot90(x.T, 1, (1, 0))"),
    Operation("tile(x, (2, 1))"), Operation("x.tile(2)", "tile(x, 2)"), Operation("x.tile(2, 1, 3)", "tile(x, (2, 1, 3))"),
    Operation("x.tile(())", "x"), Operation("tile(s, (2,))"), Operation("x.repeat(2, 1)", "tile(x, (2, 1))"),
    Operation("x.repeat((2, 3, 1))", "tile(x, (2, 3, 1))"), Operation("s.repeat(3)", "tile(s, 3)"),
    Operation("s.repeat(())", "s"), Operation("v.repeat(0)", "v[:0]"), Operation("n.repeat(2, 2)", "zeros((0, 6), n.dtype)"),
    Operation("x.t().repeat(1, 2)", "tile(x.T, 2)"),
    *(
        Operation(f"repeat_interleave({each})", f"repeat({each.replace('tensor', 'array')})")
        for each in ["x, 2", "x, 2, 0", "x, 3, -1", "v, 2", "s, 3", "x, 0, 1", "n, 2, 1", "x, tensor([1, 2]), 0",
                     "v, tensor([2, 0, 1])", "x, tensor([1, 2, 0, 3, 1, 1])", "x, tensor([2]), 1", "s, tensor(2)"]
    ),
    Operation("x.t().repeat_interleave(2, 0)", "repeat(x.T, 2, 0)"),
    Operation("mul(*meshgrid(v, u[:2], indexing='ij'))", "v[:, None] * u[:2]"),
    Operation("mul(*meshgrid(v, u[:2], indexing='xy'))", "v * u[:2, None]"),
    Operation("mul(*meshgrid([v, u], indexing='xy')) * v", "v * u[:, None] * v"),
    Operation("add(*meshgrid(v, s, indexing='ij'))", "v[:, None] + s"), Operation("meshgrid(v, indexing='xy')[0]", "v"),
    Operation("cartesian_prod(v, u)", "stack((repeat(v, 3), tile(u, 3)), 1)"), Operation("cartesian_prod(v) * 2", "v * 2"),
]  # fmt: skip

INDEXING = [
    *map(Operation, [
        "x[0]", "x[-1]", "x[0, 1]", "x[(1, -1)]", "x[:]", "x[1:]", "x[:, 1:]", "x[::2]", "x[5:]", "x[...]",
        "x[()]", "s[...]", "s[None]", "x[None]", "x[:, None]", "x[..., None]", "x[None, 0, None]", "x[:, 0]",
        "x[..., 0]", "x[0, ...]", "b[:, 1]", "b[0, ..., ::2]", "b[:, 1:3, -1]", "x[:, :]", "x[[0, 1]]",
        "x[[0, 0, 1, 0]]", "x[[-1]]", "x[[]]", "x[:, [2, 0, 2]]", "x[[0, 1], [2, 2]]", "x[tensor([1, 0, 1])]",
        "x[tensor([[0, 1], [1, 1]])]", "x[tensor([[0], [1]]), tensor([0, 2])]", "x[0, [1, 0, 1]]", "x[1:, [0, 1]]",
        "b[[0, 1], :, [0, 1]]", "b[:, [0, 1], [0, 1]]", "b[None, [0, 1]]", "b[[0, 1], None, [0, 1]]",
        "b[..., [0, 3, 3]]", "b[[0, 1], ..., [0, 3]]", "x[x > 0]", "x[tensor([True, False])]", "x[[True, False]]",
        "x[:, tensor([True, False, True])]", "x[tensor([False, False])]", "b[b > 0]",
        "b[tensor([[True, False, True], [False, True, True]])]", "b[tensor([True, False]), :, [1, 1]]",
        "b[0, tensor([True, False, True])]", "b[tensor([[True, False, True], [False, True, True]]), [0, 1, 1, 0]]",
        "x[True]", "x[False]", "s[True]", "x[0] * x[1] + x[[0, 0]]", "b[b > 0].sum()", "n[:, 0]", "n[[]]",
    ]),
    Operation("x[tensor(0)]", "x[0]"), Operation("x[[0, 1], 0]", "x[:, 0][[0, 1]]"),
    Operation("b[0, :, [0, 1]]", "b[0][:, [0, 1]]"), Operation("x[True, 0]", "x[0][True]"),
]  # fmt: skip

SLICES = [
    Operation("index_select(x, 0, tensor([1, 0, 1]))", "x[[1, 0, 1]]"), Operation("s.index_select(0, tensor([0]))", "s"),
    Operation("x.t().index_select(-1, tensor(1))", "x.T[:, 1:]"), Operation("n.index_select(1, tensor([2, 2]))", "n[:, [2, 2]]"),
    Operation("index_add(x, 0, tensor([1, 1]), y)", "concatenate((x[:1], x[1:] + y.sum(0)))"),
    Operation("x.index_add(-1, tensor([2]), c, alpha=3)", "concatenate((x[:, :2], x[:, 2:] + 3 * c), 1)"),
    Operation("s.index_add(0, tensor([0]), s)", "s + s"),
    Operation("x.index_copy(0, tensor([1]), r)", "concatenate((x[:1], r))"),
    Operation("index_copy(x.t(), 0, tensor([2, 0, 1]), y.t())", "y.T[[1, 2, 0]]"),
    Operation("x.index_fill(1, tensor([0, -1]), 2.0)", "concatenate((x[:, :1] * 0 + 2, x[:, 1:2], x[:, :1] * 0 + 2), 1)"),
    Operation("index_fill(x, 0, tensor([1]), s)", "concatenate((x[:1], x[1:] * 0 + s))"),
    Operation("s.index_fill(0, tensor(0), u[0])", "u[0] + s * 0"),
    Operation("select(b, -2, -1)", "b[:, -1]"), Operation("narrow(b, 2, -3, 2)", "b[..., 1:3]"),
    Operation("x.narrow(0, 0, 2)", "x"), Operation("x.narrow(1, 3, 0)", "x[:, :0]"),
    Operation("index_put(x, (tensor([1, 0]),), v)", "x * 0 + v"),
    Operation("x.index_put((tensor([0, 1]), tensor([2, 2])), s)", "concatenate((x[:, :2], x[:, 2:] * 0 + s), 1)"),
    Operation("x.index_put((tensor([1, 1]),), y, accumulate=True)", "concatenate((x[:1], x[1:] + y.sum(0)))"),
]  # fmt: skip

GATHERING = [
    Operation("gather(x, 1, tensor([[2, 2], [0, 1]]))", "x[[[0], [1]], [[2, 2], [0, 1]]]"),
    Operation("x.t().gather(-2, tensor([[0, 2]]))", "x.T[[0, 2], [0, 1]][None]"),
    Operation("s.gather(0, tensor([0, 0]))", "s.repeat(2)"),
    Operation("b.gather(0, tensor([[[1, 0]], [[0, 0]]]))", "b[[[[1, 0]], [[0, 0]]], 0, [0, 1]]"),
    Operation("v.gather(0, tensor(1))", "v[1]"),
    Operation("scatter(x, 0, tensor([[1, 0, 1]]), r)", "where(tensor([[False, True, False], [True, False, True]]), r, x)"),
    Operation("x.scatter(-1, tensor([[2], [0]]), c)", "where(tensor([[False, False, True], [True, False, False]]), c, x)"),
    Operation("x.scatter(1, tensor([[2], [0]]), 5.0)",
        "where(tensor([[False, False, True], [True, False, False]]), x * 0 + 5, x)"),
    Operation("scatter_add(x, 0, tensor([[1, 0, 1], [1, 0, 0]]), y)",
              "x + (tensor([[[0, 1, 0], [0, 1, 1]], [[1, 0, 1], [1, 0, 0]]]) * y).sum(1).astype(x.dtype)"),
    Operation("s.scatter_add(0, tensor([0]), v[:1])", "s + v[0]"),
    Operation("take_along_dim(x, tensor([[-1, 0]]), 1)", "x[:, [-1, 0]]"),
    Operation("x.take_along_dim(tensor([[0, 5], [1, 1]]))", "x.ravel()[[0, 5, 1, 1]]"),
    Operation("take_along_dim(x, tensor([[1], [0], [1]]), dim=-2)", "x[[1, 0, 1]]"),
]  # fmt: skip

PICKING = [
    Operation("take(x, tensor([[0, -1], [5, 2]]))", "x.ravel()[[[0, -1], [5, 2]]]"),
    Operation("x.t().take(tensor(1))", "x[1, 0]"),
    Operation("s.take(tensor([0, 0]))", "s.repeat(2)"), Operation("n.take(tensor([]).long())", "n.ravel()"),
    Operation("put(x, tensor([4, -6]), c)", "tensor([[c[1, 0], *x[0, 1:]], [x[1, 0], c[0, 0], x[1, 2]]])"),
    Operation("x.t().put(tensor([4, 4]), c, True)", "stack((tensor([x[0, 0], x[0, 1], x[0, 2] + c.sum()]), x[1])).T"),
    Operation("masked_select(x, x > 0)", "x[x > 0]"),
    Operation("x.masked_select(tensor([True, False, True]))", "x[:, ::2].ravel()"),
    Operation("s.masked_select(tensor([[True], [True]]))", "s.repeat(2)"),
    Operation("v.masked_select(tensor([[False]]))", "v[:0]"),
    Operation("masked_scatter(x, tensor([True, False, True]), y)",
        "tensor([[y[0, 0], x[0, 1], y[0, 1]], [y[0, 2], x[1, 1], y[1, 0]]])"),
    Operation("s.masked_scatter(tensor([False, True]), x.t())", "tensor([s, x[0, 0]])"),
]  # fmt: skip

IN_PLACE = [
    Operation("((z := x.clone()).__setitem__([1], v), z)[1]", "concatenate((x[:1], [v]))"),
    Operation("((z := x.clone())[0].mul_(v), z)[1]", "concatenate((x[:1] * v, x[1:]))"),
    Operation("((z := x.clone())[0].tanh_(), z)[1]", "concatenate((tanh(x[:1]), x[1:]))"),
    Operation("(z := x.clone(), w := z[0], z.mul_(y), w)[3]", "(x * y)[0]"),
    Operation("(z := x.clone(), w := z.t(), w[2].mul_(c.view(2)), w)[3]", "concatenate((x[:, :2], x[:, 2:] * c), 1).T"),
]  # fmt: skip

OPERATIONS = [*WHERE, *SPLITTING, *REARRANGING, *INDEXING, *SLICES, *GATHERING, *PICKING, *IN_PLACE]

# Points where a derivative has no value, or where the textbook's formula says 0 * inf.
TORCH_ALONE = [
    Operation("where(x > 0, log(x), x)", x=[0.0, 1.0, -1.0]),
]  # fmt: skip
