"""Any value of a struct, for properties of the tables."""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st

TEXT = st.text(max_size=40)


def any_of(struct: type) -> st.SearchStrategy[Any]:
    """Any value of a struct that its types allow; free values are text."""
    hints = typing.get_type_hints(struct)
    return st.builds(struct, **{name: strategy(kind) for name, kind in hints.items()})


def strategy(kind: Any) -> st.SearchStrategy[Any]:
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: TEXT,
        Any: TEXT,
        int: st.integers(0, 2**53),
        bool: st.booleans(),
        type(None): st.none(),
    }
    if kind in plain:
        return plain[kind]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return any_of(kind)
    parts = typing.get_args(kind)
    if typing.get_origin(kind) is dict:
        return st.dictionaries(TEXT, strategy(parts[1]), max_size=2)
    if typing.get_origin(kind) is tuple:
        many = parts[-1] is Ellipsis
        return (
            st.lists(strategy(parts[0]), max_size=2).map(tuple) if many else st.tuples(*map(strategy, parts))
        )
    return st.one_of([strategy(part) for part in parts])  # X | None


@pytest.fixture(scope="session")
def values() -> Callable[[type], st.SearchStrategy[Any]]:
    """Give the strategy of any value of a struct."""
    return any_of
