"""Rows of ``ops.images``."""

from itertools import product

import numpy as np

from tests.ops.tables.operation import Operation

PADDING = [
    Operation(f"nn.functional.pad({arguments})", f"pad({numpy})" if numpy[-1] != "]" else numpy) for arguments, numpy in [
        ("x, (1, 2)", "x, ((0, 0), (1, 2))"), ("x, [0, 1, 2, 0], value=2.5", "x, ((2, 0), (0, 1)), constant_values=2.5"),
        ("x.t(), (-1, 2)", "x.T[:, 1:], ((0, 0), (0, 2))"), ("s, ()", "s, 0"), ("b, (0, -1, 0, 0, -1, 0)", "b[1:, :, :3]"),
        ("n, (1, 1)", "n, ((0, 0), (1, 1))"),
        ("x, (1, 2), 'reflect'", "x, ((0, 0), (1, 2)), mode='reflect'"),
        ("b, (-1, 1), mode='reflect'", "b[:, :, 1:], ((0, 0), (0, 0), (0, 1)), mode='reflect'"),
        ("b, (3, 2, 1, 0), 'reflect'", "b, ((0, 0), (1, 0), (3, 2)), mode='reflect'"),
        ("b[None], (3, 2, 1, 0, 0, 1), 'reflect'", "b[None], ((0, 0), (0, 1), (1, 0), (3, 2)), mode='reflect'"),
        ("x, (4, 1), 'replicate'", "x, ((0, 0), (4, 1)), mode='edge'"),
        ("b.mT, (-2, 1, 0, 2), 'replicate'", "b.swapaxes(1, 2)[:, :, 2:], ((0, 0), (0, 2), (0, 1)), mode='edge'"),
        ("b[None], (0, 1, 1, 0, 2, 2), 'replicate'", "b[None], ((0, 0), (2, 2), (1, 0), (0, 1)), mode='edge'"),
        ("x, (1, 3), 'circular'", "x, ((0, 0), (1, 3)), mode='wrap'"),
        ("b, (1, 0, 0, 2), 'circular'", "b, ((0, 0), (0, 2), (1, 0)), mode='wrap'"),
        ("b, (2, -1), 'circular'", "b[:, :, :3], ((0, 0), (0, 0), (2, 0)), mode='wrap'"),
    ]
]  # fmt: skip

SEEN = "lib.stride_tricks.sliding_window_view({}, {}, {})"  # NumPy's windows: their elements are the last dimensions
AROUND = "pad({}, [(0, 0)] * 2 + [(1, 1)] * 2)"
TWO, SQUARE = SEEN.format("i", "(2, 2)", "(2, 3)"), SEEN.format(AROUND.format("i"), "(2, 2)", "(2, 3)")
IMAGE = {"i": (2, 2, 3, 4), "k": (3, 2, 2, 2)}

IMAGES = [
    Operation("conv2d(i, k, v)", f"einsum('nchwij,ocij->nohw', {TWO}, k) + v[:, None, None]", **IMAGE),
    Operation("conv2d(i, k, stride=2, padding=1)", f"einsum('nchwij,ocij->nohw', {SQUARE}[:, :, ::2, ::2], k)", **IMAGE),
    Operation("conv2d(i[0].mT, k)", f"einsum('chwij,ocij->ohw', {TWO}[0], k.mT).mT", **IMAGE),
    Operation("conv2d(i, k, groups=2)", f"einsum('nchwij,cij->nchw', {TWO}, k[:, 0])", i=IMAGE["i"], k=(2, 1, 2, 2)),
    Operation("conv2d(i, k, v)", "einsum('nchw,oc->nohw', i, k[..., 0, 0]) + v[:, None, None]", i=IMAGE["i"], k=(3, 2, 1, 1)),
    Operation("conv1d(d, k, dilation=2)", "einsum('nchi,oci->noh', " + SEEN.format("d", "3", "2") + "[..., ::2], k)", k=(2, 4, 2),
              d=(2, 4, 5)),
    Operation("conv2d(i, k, padding='same')", "einsum('nchwij,ocij->nohw', " + SEEN.format(
        "pad(i, [(0, 0)] * 2 + [(0, 1)] * 2)", "(2, 2)", "(2, 3)") + ", k)", **IMAGE),
    Operation("nn.functional.max_unpool2d(i, tensor([[[[5, 0], [3, 9]]]]), (1, 2), output_size=(2, 5))",
              "append(i, zeros(6, i.dtype))[[1, 4, 4, 2, 4, 0, 4, 4, 4, 3]].reshape(1, 1, 2, 5)", i=(1, 1, 2, 2)),
    Operation("conv_transpose2d(i, k, v)", "einsum('nchwij,coij->nohw', " + SQUARE + ", k[:, :, ::-1, ::-1]) + v[:, None, None]",
              i=IMAGE["i"], k=(2, 3, 2, 2)),
    Operation("nn.functional.max_pool2d(i, 2)", f"{TWO}[:, :, ::2, ::2].max((-1, -2))", **IMAGE),
    Operation("nn.functional.max_pool2d(i, 2, 1)", f"{TWO}.max((-1, -2))", **IMAGE),
    Operation("nn.functional.avg_pool2d(i, 2, stride=1)", f"{TWO}.mean((-1, -2))", **IMAGE),
    Operation("nn.functional.avg_pool2d(i, 2, 2, 1)", f"{SQUARE}[:, :, ::2, ::2].mean((-1, -2))", **IMAGE),
    Operation("nn.functional.adaptive_avg_pool2d(b, (2, 2))",
              "stack([b[:, :2], b[:, 1:]], 1).mean(2).reshape(2, 2, 2, 2).mean(3)"),
    Operation("nn.functional.adaptive_max_pool2d(b, (2, 2))",
              "stack([b[:, :2], b[:, 1:]], 1).max(2).reshape(2, 2, 2, 2).max(3)"),
    Operation("nn.functional.unfold(b, (1, 2), stride=(1, 2))", "b.reshape(2, 6, 2).swapaxes(1, 2).reshape(4, 6)"),
    Operation("nn.functional.fold(x, (1, 4), (1, 2))", "pad(x[:1], [(0, 0), (0, 1)])[None] + pad(x[1:], [(0, 0), (1, 0)])[None]"),
    Operation("nn.functional.pixel_shuffle(i, 2)", "i.reshape(2, 2, 2, 1, 3).transpose(0, 3, 1, 4, 2).reshape(2, 1, 2, 6)",
              i=(2, 4, 1, 3)),
    Operation("nn.functional.interpolate(i, scale_factor=2)", "i.repeat(2, 2).repeat(2, 3)", **IMAGE),
    Operation("nn.functional.interpolate(b, 7, mode='linear', align_corners=True)",
              "stack([b, append((b[..., :-1] + b[..., 1:]) / 2, b[..., :1], 2)], 3).reshape(2, 3, 8)[..., :7]"),
]  # fmt: skip

OPERATIONS = [*PADDING, *IMAGES]

# What NumPy says in no few words.
TORCH_ALONE = [
    *(Operation(f"conv2d(i, k, v, {arguments})", **IMAGE) for arguments in [
        "(2, 1), (0, 1)", "1, (1, 2), (1, 2)", "padding='same'", "padding='valid'", "3, 2", "padding='same', dilation=(1, 2)",
    ]),
    *(Operation(f"conv_transpose2d(i, k, v, {arguments})", i=(2, 2, 3, 4), k=(2, 3, 2, 2)) for arguments in [
        "2", "(2, 1), 1", "3, 1, (1, 2)", "1, 1, 1, 1, 2", "2, 0, (2, 0), dilation=(3, 1)",
    ]),
    Operation("conv_transpose2d(i, k, None, 1, 0, 1, 1, 2)", i=(1, 2, 2, 3), k=(2, 2, 1, 1)),
    Operation("conv_transpose2d(i, k, v, 2, groups=2)", i=(2, 2, 3, 4), k=(2, 2, 2, 2), v=(4,)),
    Operation("conv_transpose2d(i[0], k)", i=(2, 2, 3, 4), k=(2, 2, 1, 1)), Operation("conv1d(x, k, v, padding=1)", k=(3, 2, 3)),
    Operation("conv_transpose1d(x, k, u, 2)", k=(2, 3, 2)), Operation("conv2d(i, k, groups=2)", i=(0, 2, 3, 4), k=(4, 1, 2, 2)),
    Operation("conv3d(i, k, v)", i=(1, 2, 3, 3, 2), k=(3, 2, 2, 2, 2)),
    Operation("conv2d(i, k, None, 2)", i=(1, 1, 3, 3), k=(1, 1, 1, 1)),
    Operation("conv_transpose3d(i, k, v)", i=(1, 2, 2, 2, 2), k=(2, 3, 2, 1, 2)),
    *(Operation(f"nn.functional.{pool}_pool2d(i, {arguments})", i=(2, 2, 5, 6)) for pool, arguments in [
        *product(("max", "avg"), ["3, 2, 1", "(3, 2), (1, 2), (1, 0)"]),
        *product(("max", "avg"), ["3, 2, 1, ceil_mode=True", "2, 3, 1, ceil_mode=True", "1"]),
        ("max", "2, 2, 1, 2"), ("max", "(2, 1), 1, (1, 0), (3, 1)"),
        ("avg", "3, 2, 1, True, False"), ("avg", "2, 3, 1, True, True"),
        ("avg", "3, 2, 1, False, False"), ("avg", "2, divisor_override=3"), ("adaptive_avg", "3"), ("adaptive_avg", "(2, None)"),
        ("adaptive_avg", "1"), ("adaptive_avg", "(7, 4)"), ("adaptive_max", "3"), ("adaptive_max", "(7, None)"),
    ]),
    *(Operation(f"nn.functional.{pool}_pool1d({name}, {arguments})") for name, (pool, arguments) in product("bx", [
        ("max", "2"), ("max", "2, 1, 1"), ("avg", "2, 1, 1, False, False"), ("adaptive_avg", "2"), ("adaptive_avg", "1"),
        ("adaptive_max", "2"),
    ])),
    Operation("nn.functional.max_pool2d(i, 2)", i=(0, 2, 3, 4)), Operation("nn.functional.max_pool2d(b.mT, 2)"),
    Operation("nn.functional.max_pool2d(x.view(1, 2, 3), (2, 3), 1, (1, 1))", x=[[1.0, 2.0, 2.0], [2.0, 1.0, 1.0]]),
    Operation("nn.functional.max_pool2d(x.view(1, 2, 3), (2, 2), 1)", x=[[np.nan, 2.0, np.nan], [2.0, np.nan, -np.inf]]),
    Operation("nn.functional.adaptive_max_pool2d(x.view(1, 2, 3), 2)", x=[[np.nan, 2.0, 2.0], [2.0, np.nan, 2.0]]),
    Operation("nn.functional.max_pool2d(x.view(1, 2, 3), 2, 1, 1)", x=[[-np.inf] * 3] * 2),
    *(Operation(f"nn.functional.unfold(i, {arguments})", i=(2, 2, 4, 5)) for arguments in [
        "2", "(2, 3), (2, 1), (1, 0), (2, 3)",
    ]),
    Operation("nn.functional.unfold(b, 2)"),
    Operation("nn.functional.fold(b, (3, 3), (1, 3), (1, 1), (1, 0), (2, 1))", b=(2, 6, 3)),
    Operation("nn.functional.pixel_unshuffle(i, 2)", i=(1, 2, 2, 4)),
    Operation("nn.functional.max_unpool1d(b, tensor([[[3, 1, 0, 9]] * 3] * 2), 3, 2, 0, (10,))"),
    Operation("nn.functional.pixel_shuffle(i, 1)", i=(0, 2, 2, 4)),
    *(Operation(f"nn.functional.interpolate({name}, {arguments})", i=(1, 2, 3, 4), j=(1, 1, 2, 2, 3)) for name, arguments in [
        ("b", "3"), ("b", "scale_factor=1.3"), ("i", "(5, 2)"), ("j", "3"), ("i", "7, mode='nearest-exact'"),
        ("b", "6, mode='linear'"),
        *(("i", f"{size}, mode='bilinear'") for size in ["7", "(2, 9), align_corners=True", "(3, 1)", "scale_factor=(1.7, 0.6)",
                                                         "scale_factor=1.7, recompute_scale_factor=True", "scale_factor=1.1"]),
        ("j", "scale_factor=1.6, mode='trilinear'"), ("i", "2, mode='area'"), ("b", "3, mode='area'"),
    ]),
]  # fmt: skip
