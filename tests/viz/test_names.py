"""What a Variable is called: by its caller, by the list or object that holds it; and how little it takes to find out."""

import builtins
import gc
import sys
import threading
import weakref
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace

import pytest

import microtorch
from microtorch import nn, viz
from microtorch.viz.graph.naming import contents


def ones():
    return microtorch.ones(2, requires_grad=True)


def labels(*roots):
    return [node.label for node in viz.snapshot(*roots).nodes if node.kind == "leaf"]


# ---- who names it ---------------------------------------------------------------------------------------------------


def shown(t):
    return viz.snapshot(t).roots[0].variable.name


def shown_by_another(u):
    return shown(u)


def shown_as_part(ts):
    return shown(ts[0])


def shown_as_local(t):
    mine = t
    return shown(mine)


def shown_by_keyword(*, t):
    return shown(t)


def shown_from_many(*ts, **more):
    return shown(next(iter((*ts, *more.values()))))


HELPERS = {
    "one": shown, "two": shown_by_another, "a local": shown_as_local, "a keyword": lambda t: shown_by_keyword(t=t),
    "one of many": shown_from_many, "one of the keywords": lambda t: shown_from_many(t=t), "a part": lambda t: shown_as_part([t]),
}  # fmt: skip


@pytest.mark.parametrize("helper", HELPERS)
def test_a_helpers_name_never_replaces_the_callers(helper):
    loss = ones().sum()
    assert HELPERS[helper](loss) == "loss"


def test_nor_does_it_replace_where_the_caller_keeps_it():
    losses = [ones().sum() for _ in range(3)]
    assert shown(losses[1]) == "losses[1]"


def test_what_nobody_else_knows_is_called_by_the_helper():
    assert shown(ones().sum()) == "t"


def test_the_notebook_goes_before_all_functions(monkeypatch):
    loss = ones().sum()
    shell = SimpleNamespace(user_ns={"in_the_notebook": loss})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert shown(loss) == "in_the_notebook"


def test_a_librarys_variables_name_nothing_that_the_reader_has_named():
    space = {"shown": shown}
    exec(compile("def call(a):\n    inner = a\n    return shown(inner)", "/usr/lib/site-packages/lib.py", "exec"), space)
    loss = ones().sum()
    assert space["call"](loss) == "loss"


def test_a_library_that_runs_by_itself_names_with_its_own_variables():
    space = {"ones": ones, "shown": viz.snapshot, "found": []}
    program = "def call():\n    inner = ones().sum()\n    found.append(shown(inner).roots[0].variable.name)"
    exec(compile(program, "/usr/lib/site-packages/lib.py", "exec"), space)
    thread = threading.Thread(target=space["call"])
    thread.start()
    thread.join()
    assert space["found"] == ["inner"]


def test_what_is_no_name_in_python_names_nothing():
    found = []
    exec("found.append(shown(globals()['two words']))", {"shown": shown, "found": found, "two words": ones().sum()})
    assert found == ["t"]


# ---- what holds it --------------------------------------------------------------------------------------------------


class Plain:
    def __init__(self, **attributes):
        vars(self).update(attributes)


class Slots:
    __slots__ = ("W", "unset")

    def __init__(self, W):
        self.W = W


@dataclass
class Data:
    W: object


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2, bias=False)
        self.extra = [ones()]


def circle(leaf):
    holder = Plain()
    holder.me, holder.all, holder.W = holder, [holder], leaf
    holder.all.append(holder.all)
    return holder


HELD = {
    "held[0].W": lambda w: [Plain(W=w)],
    "held['a'].W": lambda w: {"a": Data(w)},
    "held.W": Slots,
    "held.layers[1].neurons[0].w[2]": lambda w: Plain(layers=(0, Plain(neurons=[Plain(w=[0, 0, w])]))),
    "held[3][0]": lambda w: {3: (w,)},
    "held.W ": circle,
    "held.space.W": lambda w: Plain(space=Plain(_W=0, W=w)),
}


@pytest.mark.parametrize("name", HELD)
def test_what_is_held_is_called_by_the_way_there(name):
    held, out = built(HELD[name])
    assert labels(out) == [name.strip()]
    del held


def built(hold):
    leaf = ones()
    return hold(leaf), leaf * 2


def test_a_modules_parameters_and_what_else_it_holds():
    nets = [Net()]
    out = nets[0].layer(nets[0].extra[0]).sum()
    assert labels(out) == ["nets[0].layer.weight", "nets[0].extra[0]"]


def test_a_name_of_its_own_goes_before_what_holds_it():
    held = [ones()]
    W = held[0]
    assert labels(W * 2) == ["W"]


def test_private_attributes_name_nothing():
    held = Plain(_hidden=ones())
    assert labels(held._hidden * 2) == [""]


class Lazy(ModuleType):
    """As libraries make modules that load what they hold when it is asked for."""

    held = property(lambda self: 1 / 0)


LAZY = Lazy("lazy")
LAZY.part = 3


@pytest.mark.parametrize("module", [builtins, microtorch, LAZY])
def test_modules_classes_and_functions_are_not_opened(module):
    held = [module, type(module), shown]
    assert [part for each in held for part in contents.Contents().open("x", each)] == []


def test_an_object_is_read_past_what_its_class_has_to_say():
    class Wakes:
        def __init__(self, W):
            object.__setattr__(self, "W", W)

        def __getattribute__(self, name):
            raise AssertionError(name)

        __dict__ = property(lambda self: 1 / 0)

    held = Wakes(ones())
    out = ones() * 2
    assert len(labels(out)) == 1
    del held


# ---- how much is looked at ------------------------------------------------------------------------------------------


def wide(depth):
    return [wide(depth - 1) if depth else object() for _ in range(30)]


def test_what_is_huge_is_not_walked_to_its_end():
    walk = contents.Contents()
    found = list(walk.of([("wide", wide(3))]))
    assert contents.LOOKED <= len(found) < contents.LOOKED + contents.MANY


def test_what_is_deep_is_not_walked_to_its_end():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert len(list(contents.Contents().of([("deep", deep)]))) == contents.DEPTH


def test_what_stands_in_a_circle_is_opened_once():
    found = list(contents.Contents().of([("held", circle(0))]))
    assert [name for name, _ in found] == ["held.me", "held.all", "held.W", "held.all[0]", "held.all[1]"]


def test_a_list_of_more_than_a_thousand_is_not_opened():
    assert contents.Contents().open("long", [0] * 1001) == []
    assert len(contents.Contents().open("long", [0] * 1000)) == 1000


def test_looking_for_names_keeps_nothing_alive():
    held = [Plain(W=ones())]
    alive = weakref.ref(held[0])
    viz.snapshot(held[0].W * 2)
    del held
    gc.collect()
    assert alive() is None
