"""Where one page's values stand, found again for `harvester trace`, and the values read from there alone.

The rules are those of the readers (`fields.py`, `bodies.py`); here they are given one place, not a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from harvester.document import Document, Image
from harvester.extraction.body import Body
from harvester.extraction.language import language_by_script
from harvester.extraction.nodes import at_path, element_place
from harvester.extraction.render import render
from harvester.extraction.spans import BodySpans
from harvester.extraction.tree import parse_html
from harvester.places import Located, Place, Unlocated, at_url, computed
from harvester.reading import Page
from harvester.sites.wechat import bodies, urls
from harvester.sites.wechat.fields import OF_DOCUMENT, Fields, moment_of_text
from harvester.sites.wechat.frame import find_frame
from harvester.sites.wechat.identity import canonical
from harvester.sites.wechat.jsvalues import html_decode
from harvester.sites.wechat.kinds import kind_by_numbers, kind_of
from harvester.sites.wechat.literal import Value
from harvester.sites.wechat.literals import Literals
from harvester.sites.wechat.members import IDENTITY, MEMBERS, REGIONS, of_identity
from harvester.sites.wechat.read import PICTURES, SHARES, addresses, listed_pictures
from harvester.sites.wechat.source import Source, line_of
from harvester.times import local_text

_MOMENTS: Final = {"date": "day", "published_at": None, "modified_at": "second", "page_time": "second"}
"""Document fields that are times, and how much of a moment they show; None: as much as the page does."""
_ADDRESS: Final = ("identity.long_url", "identity.sn", "identity.short_url")
_SEVERAL: Final = "it is told by several places of the page together"
_LINES_KEPT: Final = frozenset(["picture_share", "text_share"])
_OF_BODY: Final = frozenset(["text", "markdown", "hidden", "images"])
_OF_TEXT: Final[dict[str, Callable[[str], object]]] = {
    "language": language_by_script,
    "original_source": lambda text: find_frame(text).original_source,
    "frame": lambda text: find_frame(text).lines,
}
_BODIES: Final = frozenset(
    ["#js_content", ".share_notice", ".share_notice script", "#content_tpl", *bodies.DRAWN]
)
"""Elements that hold bodies, and scripts in them that write some."""
_ACCOUNT: Final = ("account.name", "account.id", "account.alias")


class Places:
    """One WeChat page and the document that was made of it (`harvester.places.Tracer`)."""

    def __init__(self, page: Page, document: Document) -> None:
        tree = parse_html(page.body, page.header("content-type"))
        self._page = page
        self._document = document
        self._source = Source(tree, page.url)
        self._fields = Fields(self._source)
        self._literals = Literals(self._source, BodySpans(page.body, tree))

    def locate(self, field: str, source: str) -> Located | Unlocated:
        """Return where a field stands and what is read there."""
        if field in _OF_BODY and source:
            return self._images(source) if field == "images" else self._body(field, source)
        if field in _OF_TEXT:
            return Located(computed(source or "text"), _OF_TEXT[field](self._document.text))
        if not source:
            return self._unnamed(field)
        if field in {"url", "account"}:
            return self._computed(field)
        name = OF_DOCUMENT.get(field)
        if name is None or not Fields.carries(name, source):
            return Unlocated(f"no rule of today takes {field} from {source}")
        return self._kind(source) if field == "kind" else self._field(field, name, source)

    def _computed(self, field: str) -> Located:
        if field == "account":
            return Located(computed(*_ACCOUNT), msgspec.to_builtins(self._document.account))
        return Located(
            computed(*_ADDRESS), canonical(self._source, self._document.identity) or self._page.url
        )

    # -- fields of fields.toml ---------------------------------------------------------------------

    def _field(self, field: str, name: str, source: str) -> Located | Unlocated:
        for places, raw in self._carried(source):
            value = Fields.cleaned(name, raw, source)
            if value is not None:
                return Located(places, _of_document(field, value))
        return Unlocated(f"{source} holds no value of use")

    def _carried(self, carrier: str) -> Iterator[tuple[tuple[Place, ...], Value]]:
        """Yield the places of a carrier, in order, and the raw value that is read from each."""
        if carrier.startswith(("cgiDataNew.", "cgiData.", "var ", "d.")):
            yield from self._literals.of_carrier(carrier)
            return
        form, _, name = carrier.partition(":")
        if form == "link":
            yield from self._of_link(name)
        elif form == "url":
            yield at_url(name, self._page.url or ""), self._source.url_params.get(name)
        elif form == "meta":
            yield from self._metas(name)
        else:
            selector, _, attribute = name.partition("@")
            node = self._source.element(selector)
            if node is not None:
                yield from self._element(element_place(self._source.tree.root, node, attribute or None))

    def _of_link(self, name: str) -> Iterator[tuple[tuple[Place, ...], Value]]:
        source = self._fields.get("link").found.source
        for places, raw in self._carried(source) if source else ():
            link = Fields.cleaned("link", raw, source or "")
            if link is not None:
                yield places, urls.identity_params(link).get(name)
                return

    def _metas(self, name: str) -> Iterator[tuple[tuple[Place, ...], Value]]:
        root = self._source.tree.root
        for node in root.css("meta[content]"):
            attributes = node.attributes
            if (attributes.get("property") or attributes.get("name")) == name:
                yield from self._element(element_place(root, node, "content"))
                return

    def _element(self, place: Place) -> Iterator[tuple[tuple[Place, ...], Value]]:
        node = at_path(self._source.tree.root, place.path or "")
        if node is not None:
            yield (place,), (node.attributes.get(place.name) or "") if place.name else line_of(node)

    def _kind(self, source: str) -> Located | Unlocated:
        show_type = self._field("show_type", "show_type", source)
        stat_source = self._fields.get("copyright").found.source
        stat = self._field("copyright", "copyright", stat_source) if stat_source else Unlocated("")
        if isinstance(show_type, Unlocated):
            return show_type
        places = (*show_type.places, *(stat.places if isinstance(stat, Located) else ()))
        by_numbers = kind_by_numbers(show_type.value, stat.value if isinstance(stat, Located) else None)
        if by_numbers:
            return Located(places, by_numbers)
        whole = Place(kind="page", name="marks of other kinds (their elements)")
        return Located((*places, whole), kind_of(self._source, self._fields))

    def _unnamed(self, field: str) -> Located | Unlocated:
        """Return the places of what the document names no source of."""
        if field in IDENTITY:
            value = of_identity(field, self._document.identity, self._page.url)
            return Located(computed(*IDENTITY[field]), value) if value else Unlocated(_SEVERAL)
        if field == "identity.short_url":
            return self._short_url()
        if field == "declared.ip_region":
            found = [self._member(f"{field}.{name}") for name in REGIONS]
            named = [one for one in found if isinstance(one, Located)]
            places = tuple(place for one in named for place in one.places)
            value = " ".join(dict.fromkeys(one.value for one in named))
            return Located(places, value) if named else Unlocated(_SEVERAL)
        return self._member(field)

    def _member(self, field: str) -> Located | Unlocated:
        for carrier, read in MEMBERS.get(field, ()):
            for places, raw in self._carried(carrier):
                value = read(raw)
                if value is not None:
                    return Located(places, value)
        return Unlocated(_SEVERAL)

    def _short_url(self) -> Located | Unlocated:
        source = self._fields.get("link").found.source
        link = self._field("link", "link", source) if source else Unlocated("")
        if isinstance(link, Located) and urls.short_id(link.value):
            return Located(link.places, urls.canonical_url(link.value))
        if self._page.url and urls.short_id(self._page.url):
            return Located(at_url("whole", self._page.url), urls.canonical_url(self._page.url))
        return Unlocated(_SEVERAL)

    def _images(self, source: str) -> Located | Unlocated:
        """Return the cover's place, the list's of a share, and the text's, and the pictures named there."""
        found = self._body_at(source)
        if isinstance(found, Unlocated):
            return found
        cover_source = self._fields.get("cover").found.source
        cover = self._field("cover", "cover", cover_source) if cover_source else Unlocated("")
        images = []
        places: tuple[Place, ...] = ()
        if isinstance(cover, Located) and urls.asset_url(cover.value):
            images.append(Image(url=cover.value, position=None, role="cover"))
            places = cover.places
        if self._document.kind in SHARES:
            listed = self._listed()
            if isinstance(listed, Unlocated):
                return listed
            places += listed.places
            images += [Image(url=url, position=0) for url in listed.value]
        return Located((*places, *found[0]), (*images, *render(found[1]).images))

    def _listed(self) -> Located | Unlocated:
        for carrier in (f"cgiDataNew.{PICTURES}", f"var {PICTURES}"):
            for places, raw in self._literals.of_carrier(carrier):
                if value := addresses(raw):
                    return Located(places, value)
        shown = listed_pictures(self._source)
        return Unlocated("the pictures' elements are not told apart") if shown else Located((), [])

    # -- the body ----------------------------------------------------------------------------------

    def _body(self, field: str, source: str) -> Located | Unlocated:
        found = self._body_at(source)
        if isinstance(found, Unlocated):
            return found
        places, body = found
        if field == "hidden":
            return Located(places, body.hidden)
        rendered = render(body)
        return Located(places, rendered.text if field == "text" else rendered.markdown)

    def _body_at(self, source: str) -> tuple[tuple[Place, ...], Body] | Unlocated:
        kind = self._document.kind
        if source.startswith("cgiDataNew.") and "content" in source:
            return self._literal_body(source, kind)
        if Fields.carries("title", source) or Fields.carries("description", source):
            if kind in _LINES_KEPT:
                return self._plain(source)
            return self._described()
        return self._element_body(source, kind)

    def _literal_body(self, source: str, kind: str) -> tuple[tuple[Place, ...], Body] | Unlocated:
        for places, raw in self._literals.of_carrier(source):
            short = kind == "short_content" and not bodies.has_block_markup(raw)
            value = html_decode(raw) if source.endswith(".content") and isinstance(raw, str) else raw
            return places, bodies.markup_body(value, keeps_lines=kind in _LINES_KEPT or short)
        return Unlocated(f"{source} is not in the page")

    def _plain(self, source: str) -> tuple[tuple[Place, ...], Body] | Unlocated:
        name = "title" if Fields.carries("title", source) else "description"
        for places, raw in self._carried(source):
            value = Fields.cleaned(name, raw, source)
            if value is not None:
                return places, bodies.markup_body(value, keeps_lines=True)
        return Unlocated(f"{source} holds no words")

    def _described(self) -> tuple[tuple[Place, ...], Body]:
        """Title, description, and what the page's container shows, as they stand for a body."""
        values: list[str | None] = []
        places: list[Place] = []
        for name in ("title", "description"):
            source = self._fields.get(name).found.source
            found = self._field(name, name, source) if source else Unlocated("")
            values.append(found.value if isinstance(found, Located) else None)
            places += found.places if isinstance(found, Located) else ()
        shown = self._element_body("#js_content", self._document.kind)
        if isinstance(shown, Unlocated) or self._document.kind == "short_content":
            return tuple(places), bodies.described_body(values[0], values[1], Body(()))
        return (*places, *shown[0]), bodies.described_body(values[0], values[1], shown[1])

    def _element_body(self, source: str, kind: str) -> tuple[tuple[Place, ...], Body] | Unlocated:
        if source not in _BODIES:
            return Unlocated(f"no rule of today takes a text from {source}")
        selector = {"#content_tpl": "script#content_tpl"}.get(source, source.removesuffix(" script"))
        root = self._source.tree.root
        node = self._source.element(selector)
        place = element_place(root, node) if node is not None else Place(kind="element")
        again = at_path(root, place.path) if place.path else None
        if again is None:
            return Unlocated(f"no element {source} is in the page")
        if source == "#content_tpl":
            return (place,), bodies.markup_body(again.text(), keeps_lines=False)
        if source.endswith(" script"):
            written = self._literals.written_in(again)
            return written or Unlocated(f"no script writes into {selector}")
        return (place,), bodies.element_body(
            again, keeps_lines=kind in _LINES_KEPT and source in bodies.DRAWN
        )


def _of_document(field: str, value: str) -> str:
    """Return a field's value in the form that the document has it in."""
    if field not in _MOMENTS:
        return value
    moment, precision = moment_of_text(value)
    return local_text(moment, _MOMENTS[field] or precision) if moment else value
