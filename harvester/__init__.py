"""Capture WeChat and Chinese Foreign Ministry pages as evidence, read them, check them.

`extract` is the public pure function: HTML in, `Document` or `PageState` out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from harvester._version import __version__

if TYPE_CHECKING:
    from harvester.document import Document, PageState

__all__ = ["Document", "PageState", "__version__", "extract"]


def extract(
    html: bytes | str, url: str | None = None, headers: Sequence[tuple[str, str]] = ()
) -> Document | PageState:
    """Read a page's HTML; see `harvester.pipeline.extract`, imported when first called."""
    from harvester.pipeline import extract as read  # noqa: PLC0415 - start-up stays fast

    return read(html, url, headers)


def __getattr__(name: str) -> Any:
    if name in {"Document", "PageState"}:
        from harvester import document  # noqa: PLC0415 - start-up stays fast

        return getattr(document, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
