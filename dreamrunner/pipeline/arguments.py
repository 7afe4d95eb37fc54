"""The arguments of the Python API: one that can't be is told by its name, before anything is done.

Python's own errors for them name no option that was likely meant, and come late where a value is of a wrong type.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, ParamSpec, TypeVar

from dreamrunner.pipeline.errors import UsageError
from dreamrunner.pipeline.options import How, no_such, of_form

Given = ParamSpec("Given")
Result = TypeVar("Result")


def named(**forms: Any) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Makes a callable raise :class:`~dreamrunner.pipeline.UsageError` for arguments that it can't be called with.

    ``forms`` says what its arguments are, as :attr:`~dreamrunner.pipeline.options.About.form` does; None is allowed
    where it is the default. Where it takes ``**how``, all of :class:`~dreamrunner.pipeline.options.How` can be given,
    whose values are checked with the options.
    """

    def wrap(call: Callable[Given, Result]) -> Callable[Given, Result]:
        parameters = [each for each in inspect.signature(call).parameters.values() if each.name != "self"]

        @functools.wraps(call)
        def checked(*given: Given.args, **named: Given.kwargs) -> Result:
            positional = given if len(parameters) == len(signature.parameters) else given[1:]
            _check(parameters, positional, named, forms)
            # A number of another library's is the number that it is.
            return call(*given, **{name: _plain(value) for name, value in named.items()})

        signature = inspect.signature(call)
        return checked

    return wrap


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, Real):
        return value
    return int(value) if isinstance(value, Integral) else float(value)


def _check(
    parameters: list[inspect.Parameter], given: tuple[Any, ...], named: dict[str, Any], forms: dict[str, Any]
) -> None:
    """Check what a callable is called with. Raises UsageError for the first argument that can't be."""
    placed = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    by_name = [each for each in parameters if each.kind is not each.VAR_KEYWORD]
    names = [each.name for each in by_name]
    if len(by_name) < len(parameters):
        names += How.__annotations__
    for name in named:
        if name == "allow_outside" and name not in names:
            raise UsageError(name, "it is said when the story is read, as in load(path, allow_outside=True)")
        if name not in names:
            raise UsageError(name, no_such(name, names))
    if len(given) > len(placed):
        extra = given[len(placed)]
        example = f", as in {names[len(placed)]}={extra!r}" if len(names) > len(placed) else ""
        raise UsageError(
            f"argument {len(placed) + 1}", f"{extra!r} is one too many; options go by their names{example}"
        )
    values = {each.name: value for each, value in zip(placed, given, strict=False)}
    for each in by_name:
        if each.name in values and each.name in named:
            raise UsageError(each.name, "it is given twice")
        value = values.get(each.name, named.get(each.name, each.default))
        if value is each.empty:
            raise UsageError(each.name, "it is missing")
        if (value is not None or each.default is not None) and (why := of_form(forms[each.name], value)):
            raise UsageError(each.name, why)
