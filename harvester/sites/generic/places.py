"""Where one page's values stand, found again for `harvester trace`, and the values read from there alone."""

from __future__ import annotations

from functools import partial
from typing import Final
from urllib.parse import urldefrag, urlsplit

from selectolax.lexbor import LexborNode

from harvester.document import Document
from harvester.extraction.dates import find_moment
from harvester.extraction.language import language_by_script
from harvester.extraction.metas import JSON_LD, folded, json_ld_of, meta_node, read_metas
from harvester.extraction.nodes import at_path, element_place
from harvester.extraction.render import render
from harvester.extraction.spans import BodySpans, as_parsed
from harvester.extraction.tree import parse_html
from harvester.places import Located, Place, Unlocated, at_url, computed
from harvester.reading import Page
from harvester.sites.generic import metadata
from harvester.sites.generic.read import absolute, identity_of, whole_body
from harvester.times import local_text

_MOMENTS: Final = {"published_at": None, "modified_at": "second"}
_NAMES: Final = frozenset(["publisher", "author"])
_NO_PLACE: Final = "the general extractor (trafilatura) does not tell from which elements it took the text"

_SEVERAL: Final = "it is told by several places of the page together"


class Places:
    """One page of any publisher and the document that was made of it (`harvester.places.Tracer`)."""

    def __init__(self, page: Page, document: Document) -> None:
        self._page = page
        self._document = document
        self._tree = parse_html(page.body, page.header("Content-Type"))
        self._spans = BodySpans(page.body, self._tree)

    def locate(self, field: str, source: str) -> Located | Unlocated:
        """Return where a field stands and what is read there."""
        if field in {"text", "markdown", "images", "hidden"} and source:
            return self._text(field, source)
        if source == "text":
            return Located(computed("text"), language_by_script(self._document.text))
        if source == "url:host":
            host = urlsplit(self._page.url or "").hostname
            return Located(at_url("host", self._page.url or ""), host)
        if source.startswith("json-ld:"):
            return self._json_ld(field, source.partition(":")[2])
        return self._in_element(field, source) if source else self._unnamed(field)

    def _unnamed(self, field: str) -> Located | Unlocated:
        """Return the places of what the document names no source of."""
        url = self._page.url
        if field == "kind":
            return Located((Place(kind="program"),), "page")
        if field == "url" and url is not None:
            return Located(at_url("whole", url), urldefrag(url).url)
        if field in {"identity.key", "identity.long_url"} and url is not None:
            identity = identity_of(url, self._page.body)
            return Located(computed("url"), getattr(identity, field.partition(".")[2]))
        return Unlocated(_NO_PLACE if field in {"images", "hidden"} else _SEVERAL)

    def _in_element(self, field: str, source: str) -> Located | Unlocated:
        node, attribute = self._element(source)
        if node is None:
            return Unlocated(f"no element {source} is in the page")
        place = element_place(self._tree.root, node, attribute)
        again = at_path(self._tree.root, place.path or "")
        if again is None:
            return Unlocated(f"no path of selectors leads to {source}")
        text = again.text() if attribute is None else again.attributes.get(attribute)
        return Located((place,), _value(field, folded(text)))

    def _element(self, source: str) -> tuple[LexborNode | None, str | None]:
        root = self._tree.root
        if source.startswith("meta["):
            return meta_node(root, source[5:-1]), "content"
        if source == "html[lang]":
            return root, "lang" if root.attributes.get("lang") else "xml:lang"
        if source == "title":
            return root.css_first("head title") or root.css_first("title"), None
        if source == "heading":
            title = self._document.title
            return next((node for node in root.css("h1, h2") if folded(node.text()) == title), None), None
        return None, None

    def _json_ld(self, field: str, name: str) -> Located | Unlocated:
        scripts = self._tree.root.css("script")
        spans = self._tree.script_spans or ()
        for number, node in enumerate(scripts):
            article = metadata.article_of(json_ld_of(node.text())) if node.css_matches(JSON_LD) else {}
            if not article:
                continue
            inside = self._spans.in_body(*spans[number]) if len(spans) == len(scripts) else None
            if inside is None:
                place, text = element_place(self._tree.root, node), node.text()
            else:
                place = self._spans.place("bytes", f"JSON-LD: {name}", inside)
                text = as_parsed(self._spans.text(*inside))
            value = metadata.article_of(json_ld_of(text)).get(name)
            found = metadata.name_of(value) if name in _NAMES else metadata.string(value)
            return Located((place,), _value(field, found))
        return Unlocated("no JSON-LD of an article is in the page")

    def _text(self, field: str, source: str) -> Located | Unlocated:
        node = self._tree.root.css_first("body")
        if source != "body" or node is None:
            return Unlocated(_NO_PLACE)
        links = partial(absolute, metadata.own_url(read_metas(self._tree.root), self._page.url))
        rendered = render(whole_body(self._tree, links))
        if field not in {"text", "markdown"}:
            return Unlocated(_SEVERAL)
        value = rendered.text if field == "text" else rendered.markdown
        return Located((element_place(self._tree.root, node),), value)


def _value(field: str, text: str | None) -> str | None:
    """Return what a field makes of the words at its place."""
    if field in _MOMENTS:
        moment = find_moment(text)
        return local_text(moment.when, _MOMENTS[field] or moment.precision) if moment else None
    return metadata.person(text) if field == "author" else text
