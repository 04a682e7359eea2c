"""Rows of ``ops.shaping``."""

from tests.ops.tables.operation import Operation

JOINING = [
    Operation("cat((x, y))", "concatenate((x, y))"), Operation("cat([x, c], 1)", "concatenate([x, c], 1)"),
    Operation("cat((x, x * y, r), dim=-2)", "concatenate((x, x * y, r))"), Operation("cat((n, x))", "concatenate((n, x))"),
    Operation("cat([x])", "x"), Operation("stack((x, y))"), Operation("stack([x, y, x], -1)"),
    Operation("stack((s, s), dim=0)", "stack((s, s))"),
    Operation("cat((b, b.sin()), 1)", "concatenate((b, sin(b)), 1)"),
]  # fmt: skip

STACKING = [
    Operation("hstack((x, y))"), Operation("hstack((v, u))"), Operation("hstack([s, v])"), Operation("hstack((b, b))"),
    Operation("hstack((c, x))"), Operation("vstack((x, v))"), Operation("vstack((s, s))"), Operation("vstack((n, v))"),
    Operation("row_stack((v, u))", "vstack((v, u))"), Operation("dstack((x, y))"), Operation("dstack((v, u))"),
    Operation("dstack((s, s))"), Operation("dstack((b, b[..., :1]))"), Operation("column_stack((v, u))"),
    Operation("column_stack((x, c[:, 0]))"), Operation("column_stack((s, s))"),
    Operation("column_stack((x.t()[0], c))", "column_stack((x.T[0], c))"),
]  # fmt: skip

SHAPING = [
    *map(Operation, [
        "x.reshape(6)", "x.reshape([3, 2])", "reshape(x, (-1, 2))", "x[:, :2].reshape(2, 2, 1)",
        "x[1:].reshape(3)", "x.T", "x.mT", "b.mT", "b.swapaxes(0, 1)", "r.squeeze()", "squeeze(r)", "r.squeeze(0)",
        "c.squeeze(-1)",
    ]),
    Operation("x.view(3, 2)", "x.reshape(3, 2)"), Operation("x.view(-1)", "x.reshape(-1)"),
    Operation("x.view((6, -1))", "x.reshape(6, 1)"), Operation("x.view(2, 3)", "x"),
    Operation("s.view(1)", "s.reshape(1)"), Operation("n.view(3, 0)", "n.reshape(3, 0)"),
    Operation("x.t().reshape(6)", "x.T.reshape(6)"),
    Operation("b.transpose(0, 2).reshape(4, 6)", "b.swapaxes(0, 2).reshape(4, 6)"),
    Operation("x.expand(2, 2, 3).reshape(12)", "broadcast_to(x, (2, 2, 3)).reshape(12)"),
    Operation("x.t()", "x.T"), Operation("t(x)", "x.T"), Operation("v.t()", "v"), Operation("s.t()", "s"),
    Operation("x.transpose(0, 1)", "x.T"), Operation("b.transpose(-1, 0)", "b.swapaxes(-1, 0)"),
    Operation("transpose(b, 0, 0)", "b"), Operation("b.permute(2, 0, 1)", "b.transpose(2, 0, 1)"),
    Operation("b.permute((1, -1, 0))", "b.transpose(1, 2, 0)"), Operation("permute(s, ())", "s"),
    Operation("x.unsqueeze(0)", "x[None]"), Operation("x.unsqueeze(-1)", "x[..., None]"),
    Operation("s.unsqueeze(0)", "s[None]"), Operation("unsqueeze(x, 1)", "x[:, None]"),
    Operation("r.squeeze(1)", "r"), Operation("s.squeeze(0)", "s"),
    Operation("r.expand(2, 3)", "broadcast_to(r, (2, 3))"),
    Operation("r.expand(4, -1, 3)", "broadcast_to(r, (4, 1, 3))"), Operation("s.expand(2)", "broadcast_to(s, 2)"),
    Operation("r.expand((0, 3))", "broadcast_to(r, (0, 3))"), Operation("x.expand(2, 3)", "x"),
    Operation("x.clone()", "x"), Operation("clone(x.t())", "x.T"),
]  # fmt: skip

FLATTENING = [
    Operation("flatten(x)", "x.reshape(6)"), Operation("s.flatten()", "s.reshape(1)"), Operation("v.flatten() * 2", "v * 2"),
    Operation("x.t().flatten()", "x.T.reshape(6)"), Operation("b.flatten(1)", "b.reshape(2, 12)"),
    Operation("n.flatten()", "n.reshape(0)"),
    Operation("b.flatten(end_dim=-2)", "b.reshape(6, 4)"), Operation("b.flatten(1, 1) * 2", "b * 2"),
    Operation("b.transpose(0, 1).flatten(1)", "b.swapaxes(0, 1).reshape(3, 8)"),
    Operation("v.expand(2, 3).flatten()", "concatenate((v, v))"), Operation("b[:, :, 1].flatten()", "b[:, :, 1].reshape(6)"),
    Operation("b.unflatten(2, (2, 2))", "b.reshape(2, 3, 2, 2)"), Operation("unflatten(x, -1, [-1, 1])", "x[..., None]"),
    Operation("x.t().unflatten(0, (3, 1))", "x.T[:, None]"), Operation("n.unflatten(0, (2, -1))", "n.reshape(2, 0, 3)"),
    Operation("ravel(x)"), Operation("v.ravel()"), Operation("s.ravel()"), Operation("x.t().ravel()", "x.T.ravel()"),
    Operation("x.contiguous() * 2", "x * 2"), Operation("x.t().contiguous()", "x.T"),
    Operation("r.t().contiguous() * 2", "r.T * 2"),
    Operation("movedim(b, 0, -1)", "moveaxis(b, 0, -1)"), Operation("b.movedim((0, 1), (1, 0))", "b.swapaxes(0, 1)"),
    Operation("b.moveaxis((0, -1), (1, 0))", "moveaxis(b, (0, -1), (1, 0))"), Operation("moveaxis(b, 0, 0)", "b"),
    Operation("s.movedim(0, -1)", "s"), Operation("x.movedim((), ())", "x"), Operation("b.swapdims(0, 1)", "b.swapaxes(0, 1)"),
    Operation("swapaxes(x, 0, 1)", "x.T"), Operation("b.adjoint()", "b.swapaxes(1, 2)"), Operation("adjoint(s) * 2", "s * 2"),
    Operation("x.view_as(y) * y", "x * y"), Operation("x.reshape_as(a) * a", "x.reshape(3, 2) * a", a=(3, 2)),
    Operation("x.t().reshape_as(y) * y", "x.T.reshape(2, 3) * y"), Operation("r.expand_as(y) * y", "r * y"),
    Operation("broadcast_to(r, (2, 3))"), Operation("r.broadcast_to(2, 3)", "broadcast_to(r, (2, 3))"),
    Operation("atleast_1d(s)"), Operation("atleast_1d(v) * 2"), Operation("atleast_2d(s)"), Operation("atleast_2d(v)"),
    Operation("atleast_2d(x) * 2"), Operation("atleast_3d(s)"), Operation("atleast_3d(v)"), Operation("atleast_3d(x)"),
    Operation("atleast_3d(b) * 2"), Operation("add(*atleast_1d(s, v))"), Operation("add(*atleast_2d((v, x)))", "v + x"),
    Operation("r.squeeze((0, 1))", "r[0]"), Operation("r.squeeze(())", "r"), Operation("s.squeeze((0,))", "s"),
    Operation("squeeze(b, dim=[0, -1])", "b[0, :, 0]", b=(1, 3, 1)), Operation("c.squeeze((-1, 0))", "c[:, 0]"),
]  # fmt: skip

DIAGONALS = [
    Operation("x.diagonal()"), Operation("diagonal(b, 1, 0, 2)"), Operation("x.diagonal(9)"), Operation("n.diagonal()"),
    Operation("b.diagonal(dim1=-1, dim2=-2, offset=-1)", "b.diagonal(-1, 2, 1)"), Operation("diag(v)"), Operation("diag(x)"),
    Operation("x.t().diagonal(-1)", "x.T.diagonal(-1)"), Operation("v.diag(-1)", "diag(v, -1)"),
    Operation("x.t().diag(1)", "diag(x.T, 1)"), Operation("diag(n)"), Operation("diag_embed(v, 1)", "diag(v, 1)"),
    Operation("n.diag_embed()", "zeros((0, 3, 3), n.dtype)"),
    Operation("x.diag_embed()", "eye(3, dtype=x.dtype) * x[:, None]"),
    Operation("diag_embed(x, -1, 0, -1)", "stack([diag(each, -1) for each in x], 1)"),
    Operation("tril(x)"), Operation("triu(b, 1)"), Operation("x.t().tril(-1)", "tril(x.T, -1)"),
    Operation("b.triu(-1)", "triu(b, -1)"),
    Operation("n.tril()", "n"), Operation("x.clone().tril_()", "tril(x)"), Operation("(x * y).triu_(1)", "triu(x * y, 1)"),
    Operation("((z := x.clone()).diagonal().mul_(c[:, 0]), z)[1]", "x * where(eye(2, 3) > 0, c, 1)"),
]  # fmt: skip

WINDOWS = [
    Operation("v.unfold(0, 2, 1)", "stack((v[:2], v[1:]))"), Operation("b.unfold(-1, 2, 2)", "b.reshape(2, 3, 2, 2)"),
    Operation("b.unfold(1, 2, 1)", "stack((b[:, :2], b[:, 1:]), 3)"), Operation("x.unfold(1, 3, 1)", "x[:, None]"),
    Operation("x.t().unfold(0, 2, 2)", "x.T[None, :2].swapaxes(1, 2)"), Operation("x.unfold(1, 1, 2)", "x[:, ::2, None]"),
    Operation("s.unfold(0, 1, 1)", "s.reshape(1)"), Operation("n.unfold(1, 2, 1)", "zeros((0, 2, 2), n.dtype)"),
    Operation("v.unfold(0, 0, 2)", "zeros((2, 0), v.dtype)"),
    Operation("x.unfold(0, 2, 1).unfold(1, 2, 1).sum((2, 3))", "(x[:, :2] + x[:, 1:]).sum(0)[None]"),
    Operation("x.as_strided((2, 2), (1, 2))", "x.ravel()[array([[0, 2], [1, 3]])]"),
    Operation("as_strided(x, [3], [2], 1)", "x.ravel()[1::2]"),
    Operation("x.as_strided((2, 2), (1, 1), 1)", "x.ravel()[array([[1, 2], [2, 3]])]"),
    Operation("x[1].as_strided((2,), (2,))", "x[1, ::2]"), Operation("x.t().as_strided((), (), 4)", "x[1, 1]"),
    Operation("(x[1] * 2).as_strided((2, 3), (0, 1))", "stack((x[1] * 2, x[1] * 2))"),
    Operation("n.as_strided((0,), (1,))", "n.ravel()"),
    Operation("((z := x.clone()).unfold(1, 1, 2).mul_(c[:, None]), z)[1]", "x * where(arange(3) % 2, 1, c)"),
    Operation("((z := x.clone()).as_strided((2,), (4,)).mul_(c[:, 0]), z)[1]", "x * where(eye(2, 3) > 0, c, 1)"),
]  # fmt: skip

OPERATIONS = [*JOINING, *STACKING, *SHAPING, *FLATTENING, *DIAGONALS, *WINDOWS]
