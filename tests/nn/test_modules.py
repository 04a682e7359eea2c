"""Modules: what they find among their attributes, what they save and load, and how they read, as in torch."""

import copy
import pickle
from collections import OrderedDict

import pytest

import microtorch
from tests.libraries import assert_refused

# ── What a module is made of ─────────────────────────────────────────────────────────────────────────────────────────


def network(lib):
    """A module with all that one can have: parameters, one of them shared, buffers, modules, and an attribute of another kind."""

    class Network(lib.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = lib.nn.Linear(2, 2)
            self.layers = lib.nn.ModuleList([lib.nn.Linear(2, 2, bias=False), lib.nn.BatchNorm1d(2)])
            self.scale = lib.nn.Parameter(lib.ones(2))
            self.register_buffer("offset", lib.zeros(2))
            self.register_buffer("scratch", lib.zeros(2), persistent=False)
            self.layers[0].weight = self.first.weight
            self.nothing = None
            self.register_parameter("missing", None)

        def forward(self, x):
            for layer in self.layers:
                x = layer(self.first(x))
            return x * self.scale + self.offset

    return Network()


VIEWS = {
    "parameters": lambda module: [name for name, _ in module.named_parameters()],
    "parameters with a prefix": lambda module: [name for name, _ in module.named_parameters("net")],
    "parameters with duplicates": lambda module: [name for name, _ in module.named_parameters(remove_duplicate=False)],
    "own parameters": lambda module: [name for name, _ in module.named_parameters(recurse=False)],
    "shapes": lambda module: [tuple(each.shape) for each in module.parameters()],
    "buffers": lambda module: [name for name, _ in module.named_buffers()],
    "own buffers": lambda module: len(list(module.buffers(recurse=False))),
    "children": lambda module: [name for name, _ in module.named_children()],
    "modules": lambda module: [(name, type(each).__name__) for name, each in module.named_modules()],
    "count": lambda module: len(list(module.modules())),
    "state": lambda module: list(module.state_dict()),
    "state with a prefix": lambda module: list(module.layers.state_dict(prefix="x.")),
    "a submodule": lambda module: type(module.get_submodule("layers.1")).__name__,
    "text": repr,
    "modes": lambda module: [each.training for each in module.eval().modules()],
    "trained": lambda module: [each.requires_grad for each in module.requires_grad_(False).parameters()],
    "names": lambda module: {"scale", "offset", "first", "forward", "nothing"} <= set(dir(module)),
}


@pytest.mark.parametrize("view", VIEWS)
def test_what_a_module_is_made_of_is_found_as_in_torch(torch, view):
    assert VIEWS[view](network(microtorch)) == VIEWS[view](network(torch))


def test_an_attribute_is_what_was_assigned_last(lib):
    module = lib.nn.Module()
    module.x = lib.nn.Parameter(lib.ones(2))
    module.x = None
    assert module.x is None
    assert list(module.state_dict()) == []
    del module.x
    module.x = 3
    module.x = lib.nn.Linear(1, 1)
    assert [name for name, _ in module.named_children()] == ["x"]
    module.x = lib.nn.Parameter(lib.ones(2))
    assert (list(module.children()), [name for name, _ in module.named_parameters()]) == ([], ["x"])
    module.x.requires_grad_(False)
    assert not module.x.requires_grad


def test_a_buffer_can_be_replaced_and_deleted(lib):
    module = lib.nn.Module()
    module.register_buffer("seen", lib.zeros(1))
    module.seen = lib.ones(2)
    assert module.state_dict()["seen"].tolist() == [1.0, 1.0]
    del module.seen
    assert not hasattr(module, "seen")


def test_apply_comes_to_the_parts_first(lib):
    seen = []
    lib.nn.Sequential(lib.nn.ReLU(), lib.nn.Sequential(lib.nn.Tanh())).apply(lambda module: seen.append(type(module).__name__))
    assert seen == ["ReLU", "Tanh", "Sequential", "Sequential"]


def test_a_module_is_converted_in_place(lib):
    module = network(lib)
    weight = module.first.weight
    module(lib.ones(3, 2)).sum().backward()
    assert module.double() is module
    assert module.first.weight is weight is module.layers[0].weight
    assert {each.dtype for each in (*module.parameters(), weight.grad, module.offset)} == {lib.float64}
    assert module.layers[1].num_batches_tracked.dtype == lib.int64
    module(lib.ones(3, 2, dtype=lib.float64)).sum().backward()
    assert weight.grad.dtype == lib.float64
    assert module.half().scale.dtype == lib.float16
    assert module.float().scale.dtype == lib.float32
    assert weight.requires_grad


def test_gradients_are_forgotten_or_set_to_zero(lib):
    module = lib.nn.Linear(2, 1)
    module(lib.ones(1, 2)).sum().backward()
    module.zero_grad(set_to_none=False)
    assert module.weight.grad.tolist() == [[0.0, 0.0]]
    module.zero_grad()
    assert module.weight.grad is None


# ── State ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_state_is_on_the_same_memory_and_loads_into_another(lib):
    one, other = network(lib), network(lib)
    state = one.state_dict()
    assert not any(each.requires_grad for each in state.values())
    assert one.state_dict(keep_vars=True)["scale"] is one.scale
    with lib.no_grad():
        one.scale.fill_(3)
    assert state["scale"].tolist() == [3.0, 3.0]
    assert str(other.load_state_dict(state)) == "<All keys matched successfully>"
    assert other.scale.tolist() == [3.0, 3.0]
    assert other.scale.requires_grad
    assert other.first.weight.tolist() == one.first.weight.tolist()
    assert other.first.weight is not one.first.weight


def test_keys_that_do_not_match_are_returned_where_that_is_allowed(lib):
    module = lib.nn.Linear(2, 1)
    result = module.load_state_dict({"bias": lib.tensor([5.0]), "more": lib.ones(1)}, strict=False)
    assert (result.missing_keys, result.unexpected_keys, module.bias.tolist()) == (["weight"], ["more"], [5.0])
    assert repr(result) == "_IncompatibleKeys(missing_keys=['weight'], unexpected_keys=['more'])"


def test_nothing_is_loaded_where_one_thing_does_not_fit():
    module = microtorch.nn.Linear(1, 1)
    before = module.weight.tolist()
    with pytest.raises(RuntimeError, match="size mismatch for bias"):
        module.load_state_dict({"weight": microtorch.tensor([[7.0]]), "bias": microtorch.ones(2)})
    assert module.weight.tolist() == before


def test_what_does_not_fit_is_listed_as_in_torch(torch):
    messages = []
    for lib in (microtorch, torch):
        state = {"weight": lib.ones(2, 2), "foo": lib.ones(1)}
        with pytest.raises(RuntimeError) as error:
            lib.nn.Linear(2, 3).load_state_dict(state)
        messages.append(" ".join(str(error.value).split()))
    assert messages[0] == messages[1]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))], ids=["deepcopy", "pickle"])
def test_a_copy_has_memory_and_ties_of_its_own(lib, copied):
    module = lib.nn.Sequential(lib.nn.Linear(2, 2), lib.nn.Linear(2, 2), lib.nn.BatchNorm1d(2))
    module[1].weight = module[0].weight
    module(lib.ones(3, 2)).sum().backward()
    other = copied(module)
    assert type(other[0].weight) is lib.nn.Parameter
    assert other[0].weight is other[1].weight is not module[0].weight
    assert other[0].weight.grad is None
    assert other.state_dict().keys() == module.state_dict().keys()
    with lib.no_grad():
        other[0].weight.zero_()
    assert module[0].weight.abs().sum().item() > 0
    assert other[2].num_batches_tracked.item() == 1


# ── Hooks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_hooks_see_and_change_what_goes_in_and_out(lib):
    seen, module = [], lib.nn.Identity()
    before = module.register_forward_pre_hook(lambda module, args: seen.append(("in", args[0].tolist())))
    module.register_forward_pre_hook(lambda module, args: args[0] + 1)
    module.register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    after = module.register_forward_hook(lambda module, args, out: seen.append((args[0].tolist(), out.tolist())))
    module.register_forward_hook(lambda module, args, out: -out)
    assert module(lib.tensor([1.0])).tolist() == [-4.0]
    assert seen == [("in", [1.0]), ([4.0], [4.0])]
    before.remove()
    after.remove()
    module(lib.tensor([1.0]))
    assert len(seen) == 2


# ── Containers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def kinds(modules):
    return [type(each).__name__ for each in modules]


CONTAINERS = {
    "sequential": lambda nn: kinds(nn.Sequential(nn.ReLU(), nn.Tanh()).append(nn.Sigmoid())[1:]),
    "sequential, from the end": lambda nn: type(nn.Sequential(nn.ReLU(), nn.Tanh())[-1]).__name__,
    "sequential, assigned": lambda nn: (m := nn.Sequential(nn.ReLU()), m.__setitem__(0, nn.Tanh()), kinds(m))[2],
    "sequential, deleted": lambda nn: (m := nn.Sequential(nn.ReLU(), nn.Tanh()), m.__delitem__(0), repr(m))[2],
    "sequential, a slice deleted": lambda nn: (
        m := nn.Sequential(*(nn.ReLU() for _ in "1234")), m.__delitem__(slice(1, 3)), repr(m))[2],
    "sequential, named": lambda nn: (m := nn.Sequential(OrderedDict(a=nn.ReLU(), b=nn.Tanh())), repr(m[1:]), kinds([m.b]))[1:],
    "sequential, length": lambda nn: len(nn.Sequential(nn.ReLU(), nn.Tanh())),
    "list": lambda nn: kinds(nn.ModuleList([nn.ReLU()]).extend([nn.Tanh(), nn.Sigmoid()])[::2]),
    "list, inserted": lambda nn: (m := nn.ModuleList([nn.ReLU(), nn.Tanh()]), m.insert(1, nn.Sigmoid()), repr(m))[2],
    "list, added to": lambda nn: (m := nn.ModuleList([nn.ReLU()]), m.__iadd__([nn.Tanh()]), kinds(m))[2],
    "list, deleted": lambda nn: (m := nn.ModuleList([nn.ReLU(), nn.Tanh()]), m.__delitem__(-2), repr(m))[2],
    "dict": lambda nn: (m := nn.ModuleDict({"a": nn.ReLU()}), m.update({"b": nn.Tanh()}), list(m), "a" in m, len(m))[2:],
    "dict, taken out": lambda nn: (m := nn.ModuleDict({"a": nn.ReLU(), "b": nn.Tanh()}), kinds([m.pop("a")]), list(m.keys()))[1:],
    "dict, items": lambda nn: [(k, type(m).__name__) for k, m in nn.ModuleDict([("a", nn.ReLU())]).items()],
    "dict, deleted": lambda nn: (m := nn.ModuleDict({"a": nn.ReLU()}), m.__delitem__("a"), kinds(m.values()))[2],
    "dict, cleared": lambda nn: (m := nn.ModuleDict({"a": nn.ReLU()}), m.clear(), len(m))[2],
}  # fmt: skip


@pytest.mark.parametrize("program", CONTAINERS)
def test_a_container_behaves_as_in_torch(torch, program):
    assert CONTAINERS[program](microtorch.nn) == CONTAINERS[program](torch.nn)


def test_a_list_of_parameters(lib):
    shared = lib.nn.Parameter(lib.ones(1))
    parameters = lib.nn.ParameterList([lib.ones(2, 3), shared])
    parameters.append(lib.zeros(2))
    parameters += [lib.zeros(1)]
    assert [type(each) is lib.nn.Parameter for each in parameters] == [True] * 4
    assert parameters[1] is shared
    assert (len(parameters), len(parameters[1:3]), list(parameters.state_dict())) == (4, 2, ["0", "1", "2", "3"])
    parameters[-1] = shared
    assert len(list(parameters.parameters())) == 3
    assert repr(parameters).replace("microtorch", "torch").splitlines()[1:3] == [
        "    (0): Parameter containing: [torch.float32 of size 2x3]",
        "    (1): Parameter containing: [torch.float32 of size 1]",
    ]


# ── Mistakes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def too_early(lib, value):
    class Early(lib.nn.Module):
        def __init__(self):
            self.part = value

    return Early()


MISTAKES = {
    "no forward": (lambda lib: lib.nn.Module()(1), NotImplementedError, 'missing the required "forward"'),
    "a parameter too early": (
        lambda lib: too_early(lib, lib.nn.Parameter(lib.ones(1))), AttributeError, "parameters before Module.__init__"),
    "a module too early": (lambda lib: too_early(lib, lib.nn.ReLU()), AttributeError, "module before Module.__init__"),
    "a Variable as parameter": (
        lambda lib: setattr(lib.nn.Linear(1, 1), "weight", lib.ones(1, 1)), TypeError, "FloatTensor' as parameter 'weight'"),
    "a number as module": (lambda lib: setattr(lib.nn.Sequential(lib.nn.ReLU()), "0", 3), TypeError, "'int' as child module '0'"),
    "a number as buffer": (
        lambda lib: setattr(lib.nn.BatchNorm1d(1), "running_mean", 3), TypeError, "'int' as buffer 'running_mean'"),
    "no such attribute": (lambda lib: lib.nn.ReLU().foo, AttributeError, "'ReLU' object has no attribute 'foo'"),
    "a name with a dot": (lambda lib: lib.nn.Module().register_parameter("a.b", None), KeyError, "parameter name can"),
    "an empty name": (lambda lib: lib.nn.Module().register_buffer("", None), KeyError, "buffer name can"),
    "a name that is none": (lambda lib: lib.nn.Module().add_module(3, lib.nn.ReLU()), TypeError, "name should be a string"),
    "a name that is taken": (
        lambda lib: lib.nn.Linear(1, 1).add_module("weight", lib.nn.ReLU()), KeyError, "attribute 'weight' already exists"),
    "a number registered as parameter": (
        lambda lib: lib.nn.Module().register_parameter("a", 3), TypeError, "'int' object to parameter 'a'"),
    "a number registered as buffer": (
        lambda lib: lib.nn.Module().register_buffer("a", 3), TypeError, "'int' object to buffer 'a'"),
    "a number added as module": (lambda lib: lib.nn.Module().add_module("a", 3), TypeError, "int is not a Module subclass"),
    "a list in Sequential": (lambda lib: lib.nn.Sequential([lib.nn.ReLU()]), TypeError, "list is not a Module subclass"),
    "no such submodule": (lambda lib: lib.nn.Sequential(lib.nn.ReLU()).get_submodule("1"), AttributeError, "no attribute `1`"),
    "a parameter as submodule": (lambda lib: lib.nn.Linear(1, 1).get_submodule("weight"), AttributeError, "is not an nn.Module"),
    "training by a number": (lambda lib: lib.nn.ReLU().train(1), ValueError, "expected to be boolean"),
    "converted to integers": (lambda lib: lib.nn.ReLU().to(lib.int64), TypeError, "only accepts floating point"),
    "a state that is a list": (lambda lib: lib.nn.ReLU().load_state_dict([1]), TypeError, "Expected state_dict to be dict-like"),
    "a state with a number": (
        lambda lib: lib.nn.Linear(1, 1).load_state_dict({"weight": 3}), RuntimeError, "parameter named \"weight\".*received"),
    "an index too large": (lambda lib: lib.nn.Sequential(lib.nn.ReLU())[1], IndexError, "index 1 is out of range"),
    "an index too large, in a list": (lambda lib: lib.nn.ModuleList()[-1], IndexError, "index -1 is out of range"),
    "an index too large, of parameters": (lambda lib: lib.nn.ParameterList()[0], IndexError, "index 0 is out of range"),
    "a list extended by a module": (lambda lib: lib.nn.ModuleList().extend(3), TypeError, "iterable, but got int"),
    "parameters extended by a Variable": (lambda lib: lib.nn.ParameterList().extend(3), TypeError, "iterable, but got int"),
    "a key that is not there": (lambda lib: lib.nn.ModuleDict()["a"], KeyError, "a"),
    "a probability above 1": (lambda lib: lib.nn.Dropout(1.5), ValueError, "between 0 and 1, but got 1.5"),
    "groups of different sizes": (lambda lib: lib.nn.GroupNorm(2, 3), ValueError, r"num_channels \(3\) must be divisible"),
    "an image for BatchNorm1d": (lambda lib: lib.nn.BatchNorm1d(3)(lib.ones(1, 3, 2, 2)), ValueError, "expected 2D or 3D input"),
    "a matrix for BatchNorm2d": (lambda lib: lib.nn.BatchNorm2d(3)(lib.ones(2, 3)), ValueError, r"expected 4D input \(got 2D"),
    "no features": (lambda lib: lib.nn.Bilinear(0, 1, 1), ValueError, "in1_features must be > 0"),
    "padding beyond": (lambda lib: lib.nn.Embedding(3, 2, padding_idx=3), (ValueError, AssertionError), "adding_idx must"),
    "a hook that is none": (
        lambda lib: (m := lib.nn.Identity(), m.register_forward_hook(3), m(1)), TypeError, "callable"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(lib, mistake):
    assert_refused(MISTAKES[mistake], lib)
