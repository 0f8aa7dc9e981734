"""Which element each line of a text stands in, where one element holds exactly its words."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from harvester.errors import HostileInputError
from harvester.extraction.nodes import at_path, path_of
from harvester.extraction.tree import parse_html
from harvester.places import Place
from harvester.reading import Page
from harvester.tracing.result import LineTrace


def lines_of(text: str, place: Place, page: Page) -> tuple[LineTrace, ...]:
    """Return the lines of a text, each with the path of its element, in the element that holds the text.

    White space is not looked at. A line that no one element holds alone (words of several, the sign of a
    list's item, a row of a table) has no path.
    """
    if place.path is None:
        return ()
    try:
        tree = parse_html(page.body, page.header("Content-Type"))
    except HostileInputError:
        return ()
    container = at_path(tree.root, place.path)
    if container is None:
        return ()
    spans = list(_spans(text))
    waiting = _elements(container, {_folded(text[start:end]) for start, end in spans})
    return tuple(
        LineTrace(start=start, end=end, path=_next(tree.root, waiting[_folded(text[start:end])]))
        for start, end in spans
    )


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        if line.strip():
            yield start, start + len(line)
        start += len(line) + 1


def _folded(text: str) -> str:
    return "".join(text.split())


def _elements(container: LexborNode, wanted: set[str]) -> defaultdict[str, deque[LexborNode]]:
    """Return the outermost elements whose words are a wanted line's, in the order of the page."""
    found: defaultdict[str, deque[LexborNode]] = defaultdict(deque)
    longest = max(map(len, wanted), default=0)
    waiting = [container]
    while waiting:
        node = waiting.pop()
        words = _folded(node.text(deep=True))
        if node.mem_id != container.mem_id and words in wanted:
            found[words].append(node)
        elif words and (len(words) > longest or node.first_child is not None):
            waiting += list(node.iter())[::-1]
    return found


def _next(root: LexborNode, nodes: deque[LexborNode]) -> str | None:
    return path_of(root, nodes.popleft()) if nodes else None
