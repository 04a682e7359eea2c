"""Networks in training, step by step beside torch's: outputs, graphs, gradients, parameters."""

import numpy as np
import pytest

import microtorch
from tests.libraries import structure


def mlp(nn):
    return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))


def normalized(nn):
    return nn.Sequential(
        nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 4), nn.LayerNorm(4), nn.GELU(), nn.GroupNorm(2, 4),
        nn.Dropout(0.0), nn.Linear(4, 2),
    )  # fmt: skip


def recurrent(nn):
    """An RNN cell by hand, over the columns of the input."""

    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.of_input, self.of_state, self.out = nn.Linear(1, 4), nn.Linear(4, 4, bias=False), nn.Linear(4, 2)

        def forward(self, x):
            state = x[:, :1] * 0 + x.new_zeros(4)
            for column in x.split(1, 1):
                state = (self.of_input(column) + self.of_state(state)).tanh()
            return self.out(state)

    return Recurrent()


def convolutional(nn):
    """Convolutions of small images: the products of the inputs with each other."""

    class Convolutional(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(
                nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2, padding=1),
                nn.Conv2d(4, 3, 2, bias=False), nn.Tanh(), nn.Flatten(), nn.Linear(3, 2),
            )  # fmt: skip

        def forward(self, x):
            return self.layers((x.unsqueeze(1) * x.unsqueeze(2)).unsqueeze(1))

    return Convolutional()


def words(nn):
    """Embeddings that attend to each other."""

    class Words(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.norm, self.out = nn.Embedding(5, 4, padding_idx=0), nn.RMSNorm(4), nn.Linear(12, 2)

        def forward(self, x):
            vectors = self.embedding((x * 2).long() % 5)
            return self.out(self.norm(nn.functional.scaled_dot_product_attention(vectors, vectors, vectors)).flatten(1))

    return Words()


def trained(lib, make, first_values):
    """What a network with these first values comes to in five steps: outputs, losses, gradients, state; and its graph."""
    x = lib.tensor(np.random.default_rng(0).standard_normal((6, 3)))
    classes = lib.tensor([0, 1, 1, 0, 1, 0])
    model = make(lib.nn).double()
    model.load_state_dict({name: lib.tensor(value) for name, value in first_values.items()}, strict=False)
    optimizer = lib.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01)
    found = []
    for _ in range(5):
        out = model(x)
        loss = lib.nn.functional.cross_entropy(out, classes)
        optimizer.zero_grad()
        shape = structure(loss.grad_fn, dict(model.named_parameters()))
        loss.backward()
        optimizer.step()
        found += [out, loss, *(each.grad for each in model.parameters()), *(each.clone() for each in model.state_dict().values())]
    found.append(model.eval()(x))
    return [each.detach().tolist() for each in found], shape


@pytest.mark.parametrize("make", [mlp, normalized, recurrent, convolutional, words])
def test_a_network_is_trained_as_in_torch(torch, make):
    rng = np.random.default_rng(1)
    parameters = make(microtorch.nn).named_parameters()
    first_values = {name: rng.standard_normal(each.shape) for name, each in parameters}
    (mine, my_graph), (theirs, their_graph) = (trained(lib, make, first_values) for lib in (microtorch, torch))
    assert my_graph == their_graph
    assert len(mine) == len(theirs)
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-10)
