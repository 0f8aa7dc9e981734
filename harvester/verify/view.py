"""A folded text with stretches left out (frame, moved blocks), and the way back to folded offsets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace

from harvester.verify.fold import Folded


@dataclass(frozen=True, slots=True)
class View:
    """What is aligned: `key` and `text` of the kept stretches, joined."""

    key: str
    text: str
    breaks: tuple[int, ...]
    source: Folded
    _at: tuple[int, ...]
    _from: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is left out, so that offsets are the folded ones."""
        return self._at == self._from == (0,)

    def breaks_at(self, index: int) -> bool:
        """Tell whether a line begins at the offset."""
        place = bisect_left(self.breaks, index)
        return place < len(self.breaks) and self.breaks[place] == index

    def form(self, index: int) -> str:
        """Return the character as it is stored."""
        return self.source.raw[self.source.start(self.folded(index, index + 1)[0][0])]

    def place(self, index: int) -> int:
        """Return where a folded offset lies in the view (what is left out lies at its edge)."""
        segment = bisect_right(self._from, index) - 1
        inside = self._at[segment] + index - self._from[segment]
        until = self._at[segment + 1] if segment + 1 < len(self._at) else len(self.key)
        return min(inside, until)

    def folded(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the folded spans of a span of the view; more than one if it runs over what is left out."""
        if start == end:
            segment = max(0, (bisect_left(self._at, start) if start else bisect_right(self._at, 0)) - 1)
            place = self._from[segment] + start - self._at[segment]
            return [(place, place)]
        spans = []
        segment = bisect_right(self._at, start) - 1
        while start < end:
            until = self._at[segment + 1] if segment + 1 < len(self._at) else end
            stop = min(end, until)
            low = self._from[segment] + start - self._at[segment]
            if stop > start:
                spans.append((low, low + stop - start))
            start = stop
            segment += 1
        return spans


def view(folded: Folded, left_out: Iterable[tuple[int, int]]) -> View:
    """Return the view of a folded text without the given folded spans."""
    at: list[int] = []
    starts: list[int] = []
    keys: list[str] = []
    texts: list[str] = []
    size = place = 0
    for start, end in [*sorted(left_out), (len(folded.text), len(folded.text))]:
        if start > place or not at:
            at.append(size)
            starts.append(place)
        if start > place:
            keys.append(folded.key[place:start])
            texts.append(folded.text[place:start])
            size += start - place
        place = max(place, end)
        if end > start:
            at.append(size)
            starts.append(place)
    made = View("".join(keys), "".join(texts), folded.breaks, folded, tuple(at), tuple(starts))
    if made.is_whole:
        return made
    return replace(made, breaks=tuple(dict.fromkeys(made.place(index) for index in folded.breaks)))
