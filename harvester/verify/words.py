"""Words for a reader: why an edit matters, and the names of classes, levels, passages and verdicts."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

Language = Literal["zh", "en"]
LANGUAGES: Final = ("zh", "en")


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("harvester.verify").joinpath("why.toml").read_text("utf-8"))


def why(key: str, language: Language) -> str:
    """Return why an edit matters; `key` is `Edit.why`, and one of other rules gives an empty string."""
    return str(_data()["edit"].get(key, {}).get(language, ""))


def remark(key: str, language: Language) -> str:
    """Return a sentence on the whole comparison; `key` is one of `Result.remarks`."""
    return str(_data()["remark"].get(key, {}).get(language, ""))


def name(kind: Literal["class", "level", "passage", "verdict"], key: str, language: Language) -> str:
    """Return what a class, level, kind of passage or verdict is called; an unknown key stands for itself."""
    return str(_data()[kind].get(key, {}).get(language, key))
