"""Where the values of a Markdown capture stand: lines of the file, by their bytes."""

from __future__ import annotations

import codecs
import hashlib
import re
from typing import Any, Final

from harvester.document import Document
from harvester.errors import HostileInputError
from harvester.extraction.dates import find_moment
from harvester.extraction.language import language_by_script
from harvester.imports.attribution import find_attribution
from harvester.imports.front_matter import MarkdownFile, read_markdown_file, value_of
from harvester.imports.markdown import body_lines, rendered_lines
from harvester.places import SHOWN_CHARS, Located, Place, Unlocated, computed
from harvester.reading import Page
from harvester.times import local_text

_FRONT: Final = "front-matter."
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_OF_BODY: Final = frozenset(["text", "markdown"])


class MarkdownPlaces:
    """One Markdown capture and the document that was made of it (`harvester.places.Tracer`)."""

    def __init__(self, page: Page, document: Document) -> None:
        self._body = page.body
        self._document = document
        self._file = read_markdown_file(page.body)
        encoding = self._file.encoding if self._file else "utf-8"
        self._skipped = len(codecs.BOM_UTF8) if page.body.startswith(codecs.BOM_UTF8) else 0
        self._encoding = encoding
        text = page.body[self._skipped :].decode(encoding, "replace")
        ends = [match.end() for match in _LINE_END.finditer(text)]
        self._lines = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]

    def locate(self, field: str, source: str) -> Located | Unlocated:
        """Return where a field stands and what is read there."""
        file = self._file
        if file is None:
            return Unlocated("the file has no front matter")
        if source.startswith(_FRONT):
            return self._front(field, source.removeprefix(_FRONT))
        if field in _OF_BODY:
            return self._text(file, field)
        text = self._document.text
        of_text: dict[str, Any] = {
            "original_source": find_attribution(text)[1],
            "frame": find_attribution(text)[0],
            "language": language_by_script(text),
        }
        if field in of_text:
            return Located(computed("text"), of_text[field])
        if field == "title":
            return self._heading(file)
        return Unlocated("it is told by several lines of the file together")

    def _front(self, field: str, name: str) -> Located | Unlocated:
        for number, line in enumerate(self._lines[: self._file.first_line if self._file else 0]):
            pair = value_of(line.rstrip("\r\n"))
            if pair is None or pair[0] != name:
                continue
            place = self._place(f"{_FRONT}{name}", number, number + 1)
            if place is None:
                break
            again = value_of(self._bytes(place).rstrip("\r\n"))
            return Located((place,), _value(field, " ".join((again[1] or "").split()) if again else ""))
        return Unlocated(f"the bytes of {name} cannot be told apart")

    def _heading(self, file: MarkdownFile) -> Located | Unlocated:
        head, _, _ = body_lines(file, self._document.site)
        line = next((line for line, what in head.removed if what == "title"), None)
        place = self._place("heading", *self._numbers(file, line.index, line.index + 1)) if line else None
        return Located((place,), line.words) if place and line else Unlocated("no heading is told apart")

    def _text(self, file: MarkdownFile, field: str) -> Located | Unlocated:
        _, _, (start, end) = body_lines(file, self._document.site)
        place = self._place("body", *self._numbers(file, start, end))
        if place is None:
            return Unlocated("the bytes of the body cannot be told apart")
        lines = re.split(_LINE_END, self._bytes(place))
        try:
            rendered = rendered_lines(file, lines)
        except (HostileInputError, RecursionError):
            return Unlocated("the body is too expensive to read")
        return Located((place,), rendered.text if field == "text" else rendered.markdown)

    @staticmethod
    def _numbers(file: MarkdownFile, start: int, end: int) -> tuple[int, int]:
        return file.first_line - 1 + start, file.first_line - 1 + end

    def _place(self, name: str, first: int, after: int) -> Place | None:
        """Return lines of the file as a place; None where its bytes are not what its encoding writes."""
        start = self._skipped + len("".join(self._lines[:first]).encode(self._encoding, "replace"))
        text = "".join(self._lines[first:after])
        end = start + len(text.encode(self._encoding, "replace"))
        found = self._body[start:end]
        if found.decode(self._encoding, "replace") != text:
            return None
        digest = hashlib.sha256(found).hexdigest()
        return Place(kind="bytes", name=name, start=start, end=end, sha256=digest, shown=text[:SHOWN_CHARS])

    def _bytes(self, place: Place) -> str:
        return self._body[place.start : place.end].decode(self._encoding, "replace")


def _value(field: str, text: str) -> str | None:
    if field not in {"date", "published_at"}:
        return text or None
    moment = find_moment(text)
    if moment is None:
        return None
    return local_text(moment.when, "day" if field == "date" else moment.precision)
