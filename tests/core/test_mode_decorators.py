"""The modes as decorators: of functions, and of generator functions, whose caller keeps a mode of its own."""

import inspect

import pytest

# ── Decorators ───────────────────────────────────────────────────────────────────────────────────────────────────────

DECORATORS = {  # and the mode they set
    "no_grad()": (lambda lib: lib.no_grad(), False),
    "no_grad": (lambda lib: lib.no_grad, False),
    "enable_grad()": (lambda lib: lib.enable_grad(), True),
    "enable_grad": (lambda lib: lib.enable_grad, True),
    "set_grad_enabled(False)": (lambda lib: lib.set_grad_enabled(False), False),
    "set_grad_enabled(True)": (lambda lib: lib.set_grad_enabled(True), True),
}
each_decorator = pytest.mark.parametrize("name", DECORATORS)


def decorator(lib, name):
    make, mode = DECORATORS[name]
    return make(lib), mode


@each_decorator
def test_a_decorated_function_runs_in_the_mode_and_returns_to_the_one_before(lib, name):
    decorate, mode = decorator(lib, name)

    @decorate
    def function(first, *, second=2):
        "Its docstring."
        return first, second, lib.is_grad_enabled()

    for around in (False, True):
        with lib.set_grad_enabled(around):
            assert function(1, second=3) == (1, 3, mode)
            assert lib.is_grad_enabled() is around
    assert (function.__name__, function.__doc__) == ("function", "Its docstring.")


@each_decorator
def test_a_decorated_function_that_raises_restores_the_mode(lib, name):
    decorate, mode = decorator(lib, name)

    @decorate
    def function():
        raise ValueError(lib.is_grad_enabled())

    with lib.set_grad_enabled(not mode):
        with pytest.raises(ValueError, match=str(mode)):
            function()
        assert lib.is_grad_enabled() is not mode


def test_a_decorated_function_may_call_itself(lib):
    @lib.no_grad()
    def modes(n):
        return [lib.is_grad_enabled(), *(modes(n - 1) if n else [])]

    assert modes(3) == [False] * 4
    assert lib.is_grad_enabled()


def test_a_decorated_method_gets_its_instance(lib):
    class Model:
        @lib.no_grad()
        def mode(self):
            return self, lib.is_grad_enabled()

    model = Model()
    assert model.mode() == (model, False)


# ── Decorated generator functions ────────────────────────────────────────────────────────────────────────────────────


@each_decorator
def test_a_generator_runs_in_the_mode_and_its_caller_between_the_yields_in_its_own(lib, name):
    decorate, mode = decorator(lib, name)

    @decorate
    def generator():
        yield lib.is_grad_enabled()
        yield lib.is_grad_enabled()

    with lib.set_grad_enabled(not mode):
        for seen in generator():
            assert seen is mode
            assert lib.is_grad_enabled() is not mode
    assert inspect.isgeneratorfunction(generator)
    assert generator.__name__ == "generator"


def test_a_generator_follows_its_caller_from_mode_to_mode(lib):
    @lib.enable_grad()
    def generator():
        yield lib.is_grad_enabled()
        yield lib.is_grad_enabled()

    iterator = generator()
    with lib.no_grad():
        assert next(iterator)
        assert not lib.is_grad_enabled()
    assert next(iterator)
    assert lib.is_grad_enabled()


def test_nothing_of_a_generator_runs_before_it_is_asked(lib):
    seen = []

    @lib.no_grad()
    def generator():
        seen.append("began")
        yield

    generator()
    assert seen == []


def conversation(lib, seen):
    """A decorated generator that says what it is sent, what it is thrown, and in which mode."""

    @lib.no_grad()
    def generator():
        try:
            sent = yield "first"
            seen.append((sent, lib.is_grad_enabled()))
            try:
                yield "second"
            except KeyError as error:
                seen.append((error.args[0], lib.is_grad_enabled()))
                yield "third"
            return "the end"
        finally:
            seen.append(("finally", lib.is_grad_enabled()))

    return generator()


def test_a_generator_is_sent_values_and_thrown_exceptions_in_the_mode_and_returns_its_value(lib):
    seen = []
    generator = conversation(lib, seen)
    assert (next(generator), generator.send(5), generator.throw(KeyError("k"))) == ("first", "second", "third")
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert stop.value.value == "the end"
    assert seen == [(5, False), ("k", False), ("finally", False)]
    assert lib.is_grad_enabled()


def test_a_generator_that_is_closed_cleans_up_in_the_mode(lib):
    seen = []
    generator = conversation(lib, seen)
    next(generator)
    generator.close()
    assert seen == [("finally", False)]
    assert lib.is_grad_enabled()


def test_a_generator_that_is_dropped_cleans_up_in_the_mode(lib):
    seen = []
    generator = conversation(lib, seen)
    next(generator)
    del generator
    assert seen == [("finally", False)]
    assert lib.is_grad_enabled()


def test_an_exception_that_a_generator_does_not_catch_comes_out_and_the_mode_is_restored(lib):
    seen = []
    generator = conversation(lib, seen)
    next(generator)
    with pytest.raises(ValueError, match="not caught"):
        generator.throw(ValueError("not caught"))
    assert seen == [("finally", False)]
    assert lib.is_grad_enabled()


def test_a_switch_inside_a_generator_lasts_until_the_next_yield(lib):
    @lib.no_grad()
    def generator():
        lib.set_grad_enabled(True)
        yield lib.is_grad_enabled()
        yield lib.is_grad_enabled()

    assert [*generator()] == [True, False]
    assert lib.is_grad_enabled()


def test_a_generator_delegates_to_another(lib):
    seen = []

    @lib.enable_grad()
    def outer():
        with pytest.raises(KeyError):
            yield from inner()
        yield lib.is_grad_enabled()

    @lib.no_grad()
    def inner():
        seen.append((yield lib.is_grad_enabled()))
        raise KeyError

    generator = outer()
    assert (next(generator), generator.send("sent"), seen) == (False, True, ["sent"])
