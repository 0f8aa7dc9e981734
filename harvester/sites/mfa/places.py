"""Where one page's values stand, found again for `harvester trace`, and the values read from there alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborNode

from harvester.document import Document
from harvester.extraction.dates import Moment, find_moment
from harvester.extraction.language import language_by_script
from harvester.extraction.metas import folded, meta_node
from harvester.extraction.nodes import at_path, element_place
from harvester.extraction.spans import BodySpans
from harvester.places import Located, Place, Unlocated, at_url, computed
from harvester.reading import Page
from harvester.sites.mfa import address, body, fields
from harvester.sites.mfa.moments import moment_in
from harvester.sites.mfa.read import identity_of, questions_of
from harvester.sites.mfa.rules import Rules, load
from harvester.sites.mfa.view import View, view, words
from harvester.times import local_text

_WITH_TEXT: Final = frozenset(["text", "markdown", "images", "hidden", "questions"])
_OF_DOCUMENT: Final = frozenset(["title", "subtitle", "published_at"])
"""What the source of an event's date names: fields of the document, not elements."""
_REPORT: Final = "#jiucuo_url"
_MAX_ELEMENTS: Final = 200


class Places:
    """One page of the ministry and the document that was made of it (`harvester.places.Tracer`)."""

    def __init__(self, page: Page, document: Document) -> None:
        self._document = document
        self._rules = load()
        self._seen = view(page)
        self._body = body.find_body(self._seen, self._rules)
        self._spans = BodySpans(page.body, self._seen.tree)
        self._selectors = {
            selector
            for one in self._rules.layout
            for selector in (*one.title, *one.subtitle, *one.time, *one.section, *one.original_source)
        }

    def locate(self, field: str, source: str) -> Located | Unlocated:
        """Return where a field stands and what is read there."""
        if field in _WITH_TEXT:
            return self._text(field, source)
        if field == "event_date" and source:
            return self._event(source)
        if source == "text" or source.startswith("layout:"):
            return Located(computed("text"), self._language(source))
        if not source:
            return self._unnamed(field)
        if source == "before the body":
            return self._before()
        by_url = source == "url" or source.startswith("url:")
        return self._of_url(field, source) if by_url else self._declared_or_shown(field, source)

    # -- what stands in the tree -------------------------------------------------------------------

    def _declared_or_shown(self, field: str, source: str) -> Located | Unlocated:
        read = _READERS.get(field)
        if read is None:
            return Unlocated(f"no rule of today takes {field} from {source}")
        carrier, part = source, ""
        if field in {"url", "identity"} or source.endswith(":name"):
            carrier, _, part = (
                source.rpartition(":") if source.endswith((":name", ":url")) else (source, "", "")
            )
        found = self._element(field, carrier)
        if found is None:
            return Unlocated(f"no element {carrier} with a value of use is in the page")
        node, attribute = found
        place = element_place(self._seen.root, node, attribute)
        again = at_path(self._seen.root, place.path or "")
        if again is None:
            return Unlocated(f"no path of selectors leads to the element {carrier}")
        text = words(again) if attribute is None else folded(again.attributes.get(attribute))
        return Located((place,), read(self, text or "", source if part != "url" else f"{_REPORT}:url"))

    def _element(self, field: str, carrier: str) -> tuple[LexborNode, str | None] | None:
        """Return the element that a carrier names, and the attribute of it that is read."""
        root = self._seen.root
        if carrier.startswith("meta["):
            node = meta_node(root, carrier[5:-1])
            return (node, "content") if node else None
        if carrier == "html[lang]":
            return root, "lang" if root.attributes.get("lang") else "xml:lang"
        if carrier in {"link[rel=canonical]", _REPORT}:
            node = root.css_first(carrier)
            return (node, "href") if node else None
        if carrier == "title":
            node = root.css_first("head title") or root.css_first("title")
            return (node, None) if node else None
        if carrier not in self._selectors:
            return None  # a document may claim anything
        shown = list(
            islice(((node, text) for node in root.css(carrier) if (text := words(node))), _MAX_ELEMENTS)
        )
        node = self._chosen(field, shown)
        return (node, None) if node else None

    def _chosen(self, field: str, shown: list[tuple[LexborNode, str]]) -> LexborNode | None:
        """Return which of several elements a rule takes: most take the first, dates and sections the last."""
        if field == "title" and self._body is not None:
            wanted = fields.title(self._seen, self._body).value
            return next((node for node, text in shown if text == wanted), None)
        if field == "published_at":
            shown = [item for item in shown if moment_in(item[1], self._rules, last=True)][-1:]
        elif field == "section":
            shown = shown[-1:]
        elif field == "original_source":
            shown = [item for item in shown if fields.supplier(item[1])]
        return shown[0][0] if shown else None

    def _unnamed(self, field: str) -> Located | Unlocated:
        """Return the places of what the document names no source of."""
        if field == "kind":
            press = fields.is_press_conference(
                self._seen, self._rules, self._document.title, self._document.section
            )
            return Located(computed("title", "section", "url"), "press_conference" if press else "article")
        if field == "attachments":
            files = fields.attachments(self._seen, self._rules)
            links = [
                (self._seen.absolute(node.attributes.get("href") or ""), node)
                for node in self._seen.root.css("a[href]")
            ]
            first = [next(node for url, node in links if url == file) for file in files]
            return Located(tuple(element_place(self._seen.root, node, "href") for node in first), files)
        return Unlocated(f"no rule of today tells where {field} stands")

    def _language(self, source: str) -> str | None:
        if source == "text":
            return language_by_script(self._document.text)
        return next((one.language for one in self._rules.layout if f"layout:{one.id}" == source), None)

    # -- what stands elsewhere ---------------------------------------------------------------------

    def _event(self, source: str) -> Located | Unlocated:
        if source not in _OF_DOCUMENT:
            return Unlocated(f"no rule of today takes event_date from {source}")
        found = moment_in(getattr(self._document, source), self._rules)
        return Located(computed(source), found.day if found else None)

    def _of_url(self, field: str, source: str) -> Located | Unlocated:
        read = _READERS.get(field)
        url = self._seen.base
        if not url or read is None:
            return Unlocated(
                "the URL of the page is not known" if read else f"{field} is not taken from a URL"
            )
        return Located(at_url(source.partition(":")[2] or "whole", url), read(self, url, source))

    def _before(self) -> Located | Unlocated:
        found = self._body
        if found is None or found.before is None:
            return Unlocated("the page has no body between two marks")
        data = found.before.encode()
        tail = found.before[-fields.TAIL_CHARS :].encode()
        span = self._spans.in_body(len(data) - len(tail), len(data))
        if span is None:
            return Unlocated("the bytes before the body cannot be told apart")
        moment = fields.moment_before(self._spans.text(*span), self._rules)
        return Located((self._spans.place("bytes", "before the body", span),), _shown(moment))

    # -- the text ----------------------------------------------------------------------------------

    def _text(self, field: str, source: str) -> Located | Unlocated:
        found = self._body
        if found is None or f"{found.layout.id}:{found.carrier}" != source:
            return Unlocated(f"the rules of today find no body at {source}")
        again = view(self._seen.page)  # reading a body changes its tree
        place, alone = self._alone(found, again)
        if alone is None:
            return Unlocated("the bytes of the body cannot be told apart")
        whole = body.read(again, alone, self._rules)
        press = self._document.kind == "press_conference"
        values: Mapping[str, Callable[[], Any]] = {
            "text": lambda: whole.rendered.text,
            "markdown": lambda: whole.rendered.markdown,
            "images": lambda: whole.rendered.images,
            "hidden": lambda: whole.body.hidden,
            "questions": lambda: questions_of(whole, self._document.title, self._rules, press=press),
        }
        return Located((place,), values[field]())

    def _alone(self, found: body.FoundBody, again: View) -> tuple[Place, body.FoundBody | None]:
        """Return a body's place, and the body as it is found at that place alone."""
        if found.span is None:
            place = element_place(self._seen.root, found.node)
            node = at_path(again.root, place.path or "")
            return place, dataclasses.replace(found, node=node) if node else None
        html = self._seen.tree.html
        start, end = (len(html[:at].encode()) for at in found.span)
        span = self._spans.in_body(start, end)
        if span is None:
            return Place(kind="bytes"), None
        markup = self._spans.text(*span)
        return self._spans.place("bytes", found.carrier, span), body.parsed_alone(
            found.layout, markup, found.before or "", found.span
        )

    @property
    def rules(self) -> Rules:
        return self._rules

    @property
    def seen(self) -> View:
        return self._seen


def _shown(moment: Moment | None) -> str | None:
    return local_text(moment.when, moment.precision) if moment else None


# -- what each field makes of the words at its place --------------------------------------------------


def _title(places: Places, text: str, source: str) -> str | None:
    return fields.without_site(text, places.seen) if source == "title" else text


def _posted(places: Places, text: str, source: str) -> str | None:
    if source.endswith(":name"):
        named = address.parse(_reported(text) if source.startswith(_REPORT) else text)
        return _shown(find_moment(named.date)) if named and named.date else None
    return _shown(
        find_moment(text) if source.startswith("meta[") else moment_in(text, places.rules, last=True)
    )


def _site(places: Places, text: str, source: str) -> str | None:
    if source == "url:host":
        return fields.site_of_host(text, places.rules)
    if source == "title":
        return fields.site_in_title(text, places.seen, places.rules)
    return places.rules.site_names.get(text, text)


def _original(places: Places, text: str, source: str) -> str | None:
    del places
    return text if source.startswith("meta[") else fields.supplier(text)


def _language(places: Places, text: str, source: str) -> str | None:
    return fields.language_of_path(text, places.rules) if source == "url:path" else text


def _reported(text: str) -> str:
    """Return the address that the link for reporting errors carries."""
    return parse_qs(urlsplit(text).query, max_num_fields=20).get("url", [""])[0]


def _address(places: Places, text: str, source: str) -> str | None:
    del places
    return identity_of(_reported(text) if source.startswith(_REPORT) else text)[1]


def _identity(places: Places, text: str, source: str) -> Any:
    del places
    return identity_of(_reported(text) if source.startswith(_REPORT) else text)[0]


def _same(places: Places, text: str, source: str) -> str | None:
    del places, source
    return text


_READERS: Final[dict[str, Callable[[Places, str, str], Any]]] = {
    "title": _title,
    "subtitle": _same,
    "published_at": _posted,
    "source": _site,
    "original_source": _original,
    "section": _same,
    "author": _same,
    "language": _language,
    "url": _address,
    "identity": _identity,
}
