"""How a value remembers its history, and how gradients find their way back. Nothing here knows an operation by name.

To read in an evening; ``docs/how-it-works.md`` leads through it. First the mechanism:

- ``variable``: what a value remembers;
- ``node``: what an operation leaves behind, and the edges between such nodes;
- ``rules``, ``primitive``: how an operation says its forward, and the rule for each gradient, and how it is recorded;
- ``accumulate_grad``: where every path ends, at a leaf's ``.grad``;
- ``unbroadcast``: where broadcasting is undone;
- ``engine``: in which order gradients travel; ``backward``: what ``backward()`` and ``grad()`` make of it.

Then the contract around it, each part attached to the mechanism where its first paragraph says: where a gradient of a gradient
comes from (``create_graph``); what is taken and refused (``assigning``, ``begin``, ``batches``); users' operations
(``function``); modes (``grad_mode``); changes in place (``versions``, ``saved``, ``in_place``); views (``views``, ``strided``);
hooks (``hook_lists``, ``hooks``, ``special_turns``); ``anomaly``; ``copies``.

``applying`` and ``unrolled`` say nothing new: they are `Primitive.apply_in_general` and the calls of rules once more, written out
for speed.
"""
