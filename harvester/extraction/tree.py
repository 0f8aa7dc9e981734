"""From the bytes of a page to a Lexbor tree, or a refusal.

Lexbor builds the tree of the HTML Standard, as browsers do, and on most pages at the speed of
memory; on a few shapes it is quadratic in time and memory, and no deadline inside a process stops
C code. So a page is parsed here only when `guard` has proved it cheap, or `counts` does not refuse it and
`worker` has tried it in a process that could be killed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from selectolax.lexbor import LexborHTMLParser, LexborNode

from harvester.errors import HostileInputError
from harvester.extraction import counts, guard, worker
from harvester.extraction.charset import decode_html


@dataclass(frozen=True)
class Tree:
    """A parsed page.

    `root` is the `html` element; `parser` must live as long as any node is used. `data` is the page
    as UTF-8 (searching it is cheaper than making `html`, the same as text). `encoding` is the codec
    the bytes were read with, `replaced` how many places in them had no meaning (U+FFFD stands
    there), `mislabelled` whether the page's own label was overruled. The tree is at most
    `guard.MAX_DEPTH` elements deep. `script_spans` say where in `data` the contents of the page's scripts
    stand, in order; None if that is not known.
    """

    root: LexborNode
    parser: LexborHTMLParser
    data: bytes
    encoding: str
    replaced: int
    mislabelled: bool
    script_spans: tuple[tuple[int, int], ...] | None = None

    @cached_property
    def html(self) -> str:
        """The page as text."""
        return self.data.decode("utf-8")


def parse_html(body: bytes, content_type: str | None = None) -> Tree:
    """Decode and parse a page.

    `body` has its content-coding removed; `content_type` is the HTTP header's value, if any.
    Raises `HostileInputError` for a page that cannot be read within the limits of `guard` and `counts`
    (size, depth, tags, attributes) and of `worker` (nodes, memory), `TooSlowError` for one whose trial did
    not end in time, which says as much of the machine as of the page.
    """
    if len(body) > guard.MAX_BYTES:
        raise HostileInputError(
            f"The page has {len(body)} bytes; pages above {guard.MAX_BYTES} are not read. "
            "The record in the archive is whole."
        )
    decoded = decode_html(body, content_type)
    if len(decoded.data) > 2 * guard.MAX_BYTES:  # text that is nearly all U+FFFD grows threefold
        raise HostileInputError(
            f"The page has {len(decoded.data)} bytes of text, decoded as {decoded.encoding}: too many. "
            "The record in the archive is whole."
        )
    proof = guard.examine(decoded.data)
    if proof.doubt is not None:
        _try(decoded.data, proof.doubt)
    parser = LexborHTMLParser(decoded.data)
    root = parser.root
    if root is None:
        raise HostileInputError("The page gave no tree: the parser found no root element.")
    return Tree(
        root,
        parser,
        decoded.data,
        decoded.encoding,
        decoded.replaced,
        decoded.mislabelled,
        proof.scripts,
    )


def _try(data: bytes, doubt: str) -> None:
    """Return if a page that is not proved cheap may be parsed here; raises as `parse_html`."""
    refused = counts.why_refused(data)
    if refused is not None:
        raise HostileInputError(
            f"The page is too expensive to read: {refused}. The record in the archive is whole."
        )
    worker.try_parse(data, doubt)
