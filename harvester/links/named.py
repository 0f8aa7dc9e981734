"""What a file of links names: the values that readers return, and the gathering of them under caps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal, get_args

from harvester.errors import HarvesterError
from harvester.imports.addresses import web_address
from harvester.intake import displayed
from harvester.urls import MAX_URL_CHARS

Kind = Literal["text", "shortcut", "csv", "xlsx", "json", "opml", "feed", "sitemap", "mail", "html"]
KINDS: Final = get_args(Kind)
MAX_LINKS: Final = 100_000
_SEEN_PER_LINK: Final = 3
_MAX_SKIPPED: Final = 1000
_MAX_TEXT_CHARS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A URL, and what its file says beside it; what it does not say is None.

    `published` is as the file writes it; a Unix time is put as RFC 3339 in UTC. `where` is the place in the
    file: "row 12", "line 3".
    """

    url: str
    title: str | None = None
    account: str | None = None
    published: str | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What a file names, each URL once, in the file's order; `skipped` says what was left out, and why.

    The URLs of kind "opml" are feeds, those of the others pages.
    """

    kind: Kind
    named: tuple[Named, ...]
    skipped: tuple[str, ...] = ()


class FullError(HarvesterError):
    """The file names more links than are taken from one; those before are gathered."""


@dataclass(slots=True)
class Gathering:
    """Links as a reader meets them. `place` stands before every `where` (a sheet, an attachment)."""

    place: str = ""
    limit: int = MAX_LINKS
    found: dict[str, Named] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    left_unsaid: int = 0
    seen: int = 0

    def add(
        self,
        text: str,
        where: str,
        *,
        title: str | None = None,
        account: str | None = None,
        published: str | None = None,
    ) -> bool:
        """Take a URL in; what is none is told. Return whether it was one. Raises `FullError`."""
        self.seen += 1
        if self.seen > _SEEN_PER_LINK * self.limit:  # the same again and again, or none of them an address
            self.skip(where, f"more than {self.seen - 1} entries: the rest is left out; split the file")
            raise FullError("too many entries")
        url = web_address(text) if len(text) <= MAX_URL_CHARS else None
        if url is None:
            self.skip(where, f"{displayed(clean(text) or '')!r} is no web address")
            return False
        title = None if title is None or title.strip() == text.strip() else title
        one = Named(
            url=url,
            title=clean(title),
            account=clean(account),
            published=clean(published),
            where=self._at(where) or None,
        )
        self._keep(one)
        return True

    def take(self, links: Links) -> None:
        """Take in what another reader found in a part of this file. Raises `FullError`."""
        for one in links.named:
            self._keep(replace(one, where=self._at(one.where or "") or None))
        for words in links.skipped:
            self.skip("", words)

    def skip(self, where: str, why: str) -> None:
        """Note what is left out."""
        if len(self.skipped) >= _MAX_SKIPPED:
            self.left_unsaid += 1
            return
        at = self._at(where)
        self.skipped.append(f"{at}: {why}" if at else why)

    def done(self, kind: Kind) -> Links:
        """Return what was gathered; of nothing at all it is said."""
        said = list(self.skipped)
        if self.left_unsaid:
            said.append(f"and {self.left_unsaid} more that were left out")
        if not self.found and not said:
            said.append("there is no web address in it")
        return Links(kind=kind, named=tuple(self.found.values()), skipped=tuple(said))

    def _keep(self, one: Named) -> None:
        known = self.found.get(one.url)
        if known is None:
            if len(self.found) >= self.limit:
                self.skip(
                    one.where or "", f"more than {self.limit} links: the rest is left out; split the file"
                )
                raise FullError("too many links")
            self.found[one.url] = one
            return
        self.found[one.url] = replace(
            known,
            title=known.title or one.title,
            account=known.account or one.account,
            published=known.published or one.published,
        )

    def _at(self, where: str) -> str:
        return ", ".join(filter(None, (self.place, where)))


def clean(text: str | None) -> str | None:
    """Return words on one line, of bounded length and with characters that can be written; None for none."""
    if text is None:
        return None
    words = " ".join(
        text[: 2 * _MAX_TEXT_CHARS].encode("utf-8", "replace").decode().replace("\0", " ").split()
    )
    return words[:_MAX_TEXT_CHARS] or None
