"""Rows of ``ops.linalg``."""

from tests.ops.tables.operation import Operation

LINALG = [
    *map(Operation, ["x @ a", "x @ v", "v @ a", "v @ u", "b @ d", "n @ a", "matmul(x, a)", "dot(v, u)", "v.dot(v)"]),
    Operation("x @ x.t()", "x @ x.T"), Operation("b @ x", x=(4, 2)), Operation("b @ v", v=(4,)),
    Operation("b @ d", d=(1, 4, 2)), Operation("b.mT @ x", "b.swapaxes(1, 2) @ x", x=(3, 2)),
    Operation("b.transpose(0, 1) @ a", "b.swapaxes(0, 1) @ a", a=(4, 2)),
    Operation("b.mT @ v", "b.swapaxes(1, 2) @ v"),
    Operation("b.mT @ d.mT", "b.swapaxes(1, 2) @ d.swapaxes(1, 2)", b=(3, 2, 4), d=(3, 5, 2)),
    Operation("b @ d", b=(5, 1, 2, 3), d=(4, 3, 2)), Operation("x @ d", d=(2, 3, 4)),
    Operation("v @ d", d=(2, 3, 4)), Operation("v @ d", d=(1, 2, 3, 4)),
    Operation("b @ v", b=(2, 2, 2, 3)), Operation("b @ x", x=(2, 1), b=(2, 1, 2, 2)),
    Operation("n.t() @ n", "n.T @ n"), Operation("b @ a", b=(0, 2, 3)), Operation("mm(x, a)", "x @ a"),
    Operation("x.mm(a)", "x @ a"), Operation("mv(x, v)", "x @ v"), Operation("bmm(b, d)", "b @ d"),
    Operation("mm(x.t(), x)", "x.T @ x"), Operation("relu(x @ a) @ a.t()", "maximum(x @ a, 0) @ a.T"),
]  # fmt: skip

PRODUCTS = [
    *(
        Operation(f"{f}({i}, {m1}, {m2}{scale})", numpy.format(i=i, x=m1, y=m2, beta=beta, alpha=alpha), **shapes)
        for scale, beta, alpha in [("", 1, 1), (", beta=2, alpha=0.5", 2, 0.5), (", beta=0", 0, 1)]
        for f, i, m1, m2, numpy, shapes in [
            ("addmm", "u", "x", "a", "{beta} * {i} + {alpha} * ({x} @ {y})", {"u": (2, 4)}),
            ("addmm", "u", "x", "a", "{beta} * {i} + {alpha} * ({x} @ {y})", {"u": (4,)}),
            ("addmv", "u", "x", "v", "{beta} * {i} + {alpha} * ({x} @ {y})", {"u": (2,)}),
            ("addr", "s", "u", "v", "{beta} * {i} + {alpha} * outer({x}, {y})", {"u": (2,)}),
            ("baddbmm", "r", "b", "d", "{beta} * {i} + {alpha} * ({x} @ {y})", {}),
            ("addbmm", "r", "b", "d", "{beta} * {i} + {alpha} * ({x} @ {y}).sum(0)", {}),
        ]
    ),
    Operation("x.addmm(c, r)", "x + c @ r"), Operation("addmm(x, n.t(), a)", "x + n.T @ a", n=(0, 2), a=(0, 3)),
    Operation("addmm(x, a.t(), a)", "x + a.T @ a", x=(1, 3), a=(2, 3)), Operation("x.clone().addmm_(c, r)", "x + c @ r"),
    Operation("addmm(v, x, a)", "v + x @ a", v=(4,)), Operation("addmm(s, x, y.t(), beta=0.5, alpha=2)", "s / 2 + 2 * x @ y.T"),
    Operation("c.addmm(x, x.t(), beta=0)", "0 * c + x @ x.T"), Operation("x.addmm(n.t(), n)", "x", x=(3, 3), n=(0, 3)),
    Operation("addmv(s, x, v)", "s + x @ v"), Operation("addr(x, c[:, 0], v)", "x + c * v"),
    Operation("baddbmm(x, b, d)", "x + b @ d", x=(3, 3)),
    Operation("outer(u, v)", u=(2,)), Operation("v.ger(v)", "outer(v, v)"),
    Operation("outer(x.t()[1], n[:, 0])", "outer(x[:, 1], n[:, 0])"),
    Operation("vdot(v, u)"), Operation("inner(v, u)"), Operation("x.inner(y)", "inner(x, y)"), Operation("inner(b, u)", u=(4,)),
    Operation("inner(s, x)"), Operation("inner(x.t(), c.t())", "inner(x.T, c.T)"), Operation("inner(n, x)"),
    Operation("tensordot(x, a, 1)"), Operation("tensordot(v, u, 0)"), Operation("tensordot(x, y)"),
    Operation("tensordot(s, x, 0)"),
    Operation("tensordot(b, d, ([1, 2], [2, 1]))"),
    Operation("tensordot(b, d, dims=([-1, 0], [1, 0]))", "tensordot(b, d, ([-1, 0], [1, 0]))"),
    Operation("tensordot(x, c, ([0, 1], [0, 1]))", "(x * c).sum()"),
    Operation("tensordot(b.mT, x.t(), ([0], [1]))", "tensordot(b.mT, x.T, ([0], [1]))"),
    Operation("kron(x, a)"), Operation("kron(v, u)"), Operation("x.kron(v)", "kron(x, v)"),
    Operation("kron(s, x.t())", "kron(s, x.T)"),
    Operation("kron(n, r)"),
    Operation("chain_matmul(x, a, u)", "x @ a @ u", u=(4, 2)), Operation("chain_matmul(x, x.t())", "x @ x.T"),
    Operation("chain_matmul(x, a, u, y)", "x @ a @ u @ y", u=(4, 2), y=(2, 1)), Operation("chain_matmul(r, a)", "r @ a"),
    Operation("linalg.multi_dot([v, a, u])", "v @ a @ u", u=(4,)),
    Operation("linalg.multi_dot((x, a, a.t(), v))", "x @ a @ a.T @ v"),
    Operation("linalg.vecdot(x, v)", "(x * v).sum(-1)"), Operation("linalg.vecdot(v, u)", "(v * u).sum(-1)"),
    Operation("linalg.vecdot(x, c, dim=0)", "(x * c).sum(0)"),
    Operation("cross(x, y)"), Operation("linalg.cross(b, d, dim=1)", "cross(b, d, axis=1)", d=(1, 3, 1)),
    Operation("x.t().cross(y.t())", "cross(x.T, y.T, axis=0)"), Operation("linalg.cross(n, r)", "cross(n, r)"),
]  # fmt: skip

EINSUM = [
    *(Operation(f"einsum({equation!r}, {operands})", **shapes) for equation, operands, shapes in [
        ("ij->ji", "x", {}), ("ji", "x", {}), ("ij->i", "x", {}), ("ij->", "x", {}), ("ij,jk->ik", "x, a", {}),
        ("ij,jk", "x, a", {}),
        ("bij,bjk->bik", "b, d", {}), ("i,j->ij", "v, u", {}), ("i,j->ji", "v, u", {"u": (2,)}), ("i,i", "v, u", {}),
        ("ij,ij->ij", "x, y", {}),
        ("ij,ij->", "x, y", {}), ("...i,...i->...", "b, u", {"u": (3, 4)}), ("...ij->...ji", "b", {}), ("i...->...", "b", {}),
        ("bij,jk,kl->bil", "b, d, x", {"d": (4, 2)}), ("i,ij,j->", "v, x, u", {"x": (3, 3)}), ("ij,k->kij", "x, v", {}),
        ("bn,anm,bm->ba", "x, b, y", {"b": (2, 3, 4), "y": (2, 4)}), ("ij,j", "x, v", {}), ("ij,ik->kj", "x, y", {}),
        ("bij,bkl->", "b, d", {}), ("Ab,bA", "x, y", {"y": (3, 2)}), ("ij,jk->ik", "n, x", {"x": (3, 2)}), (",i", "s, v", {}),
        ("i j , j k -> i k", "x, a", {}), ("...ij,...jk", "b, d", {"d": (4, 3)}), ("abc,cb->ca", "b, a", {"a": (4, 3)}),
        ("i,i,i->i", "v, u, v", {}), ("ij,kj,lj->ikl", "x, y, x", {}),
    ]),
    *(Operation(f"einsum({equation!r}, {operands})", numpy, **shapes) for equation, operands, numpy, shapes in [
        ("ii->i", "x", "diagonal(x)", {"x": (3, 3)}), ("ii", "x", "trace(x)", {"x": (3, 3)}),
        ("ii,i->i", "x, v", "diagonal(x) * v", {"x": (3, 3)}),
        ("iji->j", "b", "einsum('iji->j', b)", {"b": (2, 3, 2)}), ("iii->", "b", "einsum('iii->', b)", {"b": (2, 2, 2)}),
        ("bii->b", "b", "trace(b, axis1=1, axis2=2)", {"b": (2, 3, 3)}), ("ij,jk->ik", "x.t(), y", "x.T @ y", {}),
        ("ij,ij->i", "x, c", "(x * c).sum(1)", {}), ("ij,jk->ik", "[x, a]", "x @ a", {}),
    ]),
    Operation("einsum(x, [0, 1], a, [1, 2], [2, 0])", "(x @ a).T"),
    Operation("einsum(b, [..., 0], [0, ...])", "moveaxis(b, -1, 0)"),
    Operation("einsum(x, [27, 28])", "x"),
]  # fmt: skip

DISTANCES = [
    *(
        Operation(f"cdist(x, y, p={p})", f"({numpy.format('abs(x[:, None] - y)')})", y=(4, 3))
        for p, numpy in [
            (2.0, "sqrt(({0} ** 2).sum(-1))"), (1.0, "{0}.sum(-1)"), (3.0, "cbrt(({0} ** 3).sum(-1))"),
            (0.5, "(sqrt({0}).sum(-1)) ** 2"),
        ]
    ),
    Operation("cdist(x, y, p=1e999)", "abs(x[:, None] - y).max(-1)", y=(5, 3)),
    Operation("cdist(b, r)", "sqrt(((b[..., None, :] - r) ** 2).sum(-1))", r=(1, 4)),
    Operation("cdist(x.t(), y.t())", "sqrt(((x.T[:, None] - y.T) ** 2).sum(-1))", y=(2, 1)),
    Operation("cdist(n, x)", "zeros((0, 2), x.dtype)"),
    Operation("cdist(x, y, 2, 'use_mm_for_euclid_dist')", "sqrt(((x[:, None] - y) ** 2).sum(-1))", y=(4, 3)),
    Operation("cdist(b, y, 2, 'use_mm_for_euclid_dist')", "sqrt(((b[:, :, None] - y) ** 2).sum(-1))", y=(2, 4)),
    Operation("cdist(x, y, p=0)", "(x[:, None] != y).sum(-1).astype(x.dtype)"),
]  # fmt: skip

SOLVING = [
    *(Operation(expression, numpy, m=(3, 3), q=(2, 2, 2)) for expression, numpy in [
        ("trace(m)", "trace(m)"), ("x.trace()", "trace(x)"), ("n.trace()", "trace(n)"),
        ("linalg.inv(m)", "linalg.inv(m)"), ("q.inverse()", "linalg.inv(q)"), ("inverse(m.t())", "linalg.inv(m.T)"),
        ("linalg.det(m)", "linalg.det(m)"), ("q.det()", "linalg.det(q)"), ("det(m.t())", "linalg.det(m.T)"),
        ("slogdet(m)[1]", "linalg.slogdet(m)[1]"), ("linalg.slogdet(q).logabsdet", "linalg.slogdet(q)[1]"),
        ("logdet(m @ m.mT)", "log(linalg.det(m @ m.mT))"),
        ("linalg.solve(m, v)", "linalg.solve(m, v)"), ("linalg.solve(m, x.t())", "linalg.solve(m, x.T)"),
        ("linalg.solve(m, x, left=False)", "x @ linalg.inv(m)"), ("linalg.solve(q, c)", "linalg.solve(q, c)"),
        ("linalg.solve(q, x[:, 1:])", "linalg.solve(q, x[:, 1:, None])[..., 0]"),
        ("linalg.solve(q[0], q)", "linalg.solve(q[0], q)"),
        ("linalg.solve(q, x.t(), left=False)", "x.T @ linalg.inv(q)"), ("linalg.solve(q, x)", "linalg.solve(q, x)"),
        ("linalg.solve_triangular(m, x.t(), upper=True)", "linalg.solve(triu(m), x.T)"),
        ("linalg.solve_triangular(m, x, upper=False, left=False)", "x @ linalg.inv(tril(m))"),
        ("linalg.solve_triangular(m, x, upper=True, left=False)", "x @ linalg.inv(triu(m))"),
        ("linalg.solve_triangular(q, c, upper=False, unitriangular=True)", "linalg.inv(tril(q, -1) + eye(2, dtype=q.dtype)) @ c"),
        ("linalg.solve_triangular(m.t(), x.t(), upper=True, unitriangular=True)",
         "linalg.solve(triu(m.T, 1) + eye(3, dtype=m.dtype), x.T)"),
        *((f"linalg.matrix_power(m, {n})", f"linalg.matrix_power(m, {n})") for n in (0, 1, 2, 3, 4, 5, 6, -1, -2)),
        ("q.matrix_power(3)", "linalg.matrix_power(q, 3)"),
        ("linalg.pinv(x)", "linalg.pinv(x)"), ("linalg.pinv(x.t())", "linalg.pinv(x.T)"), ("pinverse(q)", "linalg.pinv(q)"),
        ("linalg.pinv(m @ m.mT + diag(v * v), hermitian=True)", "linalg.inv(m @ m.mT + diag(v * v))"),
        ("linalg.pinv(v.outer(u))", "linalg.pinv(outer(v, u))"),
        ("linalg.lstsq(x, c)[0]", "linalg.pinv(x) @ c"), ("linalg.lstsq(x.t(), v).solution", "linalg.pinv(x.T) @ v"),
        ("linalg.lstsq(b, d.mT)[0]", "linalg.pinv(b) @ d.mT"), ("linalg.lstsq(m, x.t())[0]", "linalg.solve(m, x.T)"),
    ]),
]  # fmt: skip

DECOMPOSITIONS = [
    *(Operation(expression, numpy, m=(3, 3), q=(2, 2, 2)) for expression, numpy in [
        ("linalg.cholesky(m @ m.mT)", "linalg.cholesky(m @ m.mT)"),
        ("linalg.cholesky(q @ q.mT, upper=True)", "linalg.cholesky(q @ q.mT, upper=True)"),
        ("(m @ m.t() + diag(v * v)).cholesky()", "linalg.cholesky(m @ m.T + diag(v * v))"),
        ("cholesky(m @ m.mT, True)", "linalg.cholesky(m @ m.mT).mT"),
        ("linalg.eigh(m + m.mT)[0]", "linalg.eigvalsh(m + m.mT)"), ("linalg.eigvalsh(q + q.mT)", "linalg.eigvalsh(q + q.mT)"),
        ("linalg.eigh(m + m.mT)[1] ** 2", "linalg.eigh(m + m.mT)[1] ** 2"),
        ("linalg.eigh(q + q.mT, 'U').eigenvectors ** 2", "linalg.eigh(q + q.mT)[1] ** 2"),
        ("(lambda L, V: V * L.exp() @ V.mT)(*linalg.eigh(m + m.mT))", "(lambda L, V: V * exp(L) @ V.mT)(*linalg.eigh(m + m.mT))"),
        *((f"linalg.qr({a})[{i}] ** 2", f"linalg.qr({a.replace('t()', 'T')})[{i}] ** 2")
          for i in (0, 1) for a in ("m", "q", "x", "x.t()")),
        ("linalg.qr(x, 'complete')[1] ** 2", "linalg.qr(x, 'complete')[1] ** 2"), ("m.qr()[0] ** 2", "linalg.qr(m)[0] ** 2"),
        ("(lambda Q, R: Q ** 2 @ R ** 2)(*linalg.qr(x))", "(lambda Q, R: Q ** 2 @ R ** 2)(*linalg.qr(x))"),
        ("(lambda Q, R: Q ** 2 @ R ** 2)(*linalg.qr(x.t()))", "(lambda Q, R: Q ** 2 @ R ** 2)(*linalg.qr(x.T))"),
        ("linalg.svdvals(x)", "linalg.svdvals(x)"), ("linalg.svd(b).S", "linalg.svdvals(b)"),
        ("svd(x.t(), compute_uv=False)[1]", "linalg.svdvals(x.T)"),
        *((f"linalg.svd({a}, full_matrices=False)[{i}] ** 2", f"linalg.svd({a.replace('t()', 'T')}, False)[{i}] ** 2")
          for i in (0, 2) for a in ("m", "x", "x.t()", "q")),
        ("linalg.svd(x)[0] ** 2", "linalg.svd(x)[0] ** 2"), ("x.svd()[2] ** 2", "linalg.svd(x, False)[2].T ** 2"),
        ("(lambda U, S, Vh: (U * S.exp()) @ Vh)(*linalg.svd(x, full_matrices=False))",
         "(lambda U, S, Vh: (U * exp(S)) @ Vh)(*linalg.svd(x, False))"),
        ("(lambda U, S, Vh: (U * S.exp()) @ Vh)(*linalg.svd(x.t(), full_matrices=False))",
         "(lambda U, S, Vh: (U * exp(S)) @ Vh)(*linalg.svd(x.T, False))"),
    ]),
]  # fmt: skip

MATRIX_NORMS = [
    *(
        Operation(f"linalg.matrix_norm({name}, {p}{rest})", f"linalg.norm({name}, {p if p != '1e999' else 'inf'}, {axes}{keep})")
        for p in ("'fro'", "'nuc'", "2", "-2", "1", "-1", "1e999")
        for name, rest, axes, keep in [("x", "", "(0, 1)", ""), ("b", ", (0, -1), True", "(0, 2)", ", True"),
        ("b", ", (2, 0)", "(2, 0)", "")]
    ),
    Operation("linalg.norm(x)"), Operation("linalg.norm(b)", "sqrt((b ** 2).sum())"), Operation("linalg.norm(v, 1)"),
    Operation("linalg.norm(x, 2)"),
    Operation("linalg.norm(b, dim=1)", "linalg.norm(b, axis=1)"), Operation("linalg.norm(b, 3, 1, True)"),
    Operation("linalg.norm(x.t(), 'nuc')", "linalg.norm(x.T, 'nuc')"),
    Operation("linalg.norm(b, 'fro', (0, 1))"), Operation("linalg.norm(s)", "abs(s)"),
    Operation("linalg.norm(b, 1, dim=(0, 1))", "linalg.norm(b, 1, (0, 1))"),
]  # fmt: skip

OPERATIONS = [*LINALG, *PRODUCTS, *EINSUM, *DISTANCES, *SOLVING, *DECOMPOSITIONS, *MATRIX_NORMS]
