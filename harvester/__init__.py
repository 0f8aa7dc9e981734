"""Capture WeChat and Chinese Foreign Ministry pages as evidence, read them, check them.

`extract` is the public pure function: HTML in, `Document` or `PageState` out. docs/api.md tells how it is
used in jobs of your own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from harvester._version import __version__

if TYPE_CHECKING:
    from harvester.document import Document, NotArticle, PageState

__all__ = ["API_VERSION", "Document", "NotArticle", "PageState", "__version__", "extract"]

API_VERSION: Final = 1
"""Version of what this module promises: these names, `extract`'s arguments, the fields of its results.

It rises when something that worked would stop working; what is added does not raise it.
"""

_RESULTS: Final = frozenset({"Document", "NotArticle", "PageState"})


def extract(
    html: bytes | bytearray | memoryview | str,
    url: str | None = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
) -> Document | NotArticle:
    """Read a page's HTML: a pure function of its arguments and of the versions that its result names.

    `html` is the body as it was sent, content-codings removed (text is taken as UTF-8); `url` the final URL
    of the page, `headers` the response's, of which the Content-Type tells the encoding. The result is a
    `Document` where `result.state == "ok"`, else a `NotArticle` that says what the page is. Results are
    frozen; they can be pickled, copied, compared and hashed.

    Raises `TypeError` for arguments of other types, and nothing else: a page that cannot be read is a
    `NotArticle` of state `unknown`.
    """
    from harvester.pipeline import extract as read  # noqa: PLC0415 - start-up stays fast

    return read(html, url, headers)


def __getattr__(name: str) -> Any:
    if name in _RESULTS:
        from harvester import document  # noqa: PLC0415 - start-up stays fast

        return getattr(document, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
