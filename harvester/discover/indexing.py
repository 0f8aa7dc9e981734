"""Asking the index of a web archive: at the pace of pages, recorded, robots.txt obeyed."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Final

import msgspec

from harvester.capture import Client
from harvester.discover.answers import answer_of
from harvester.discover.asking import Asked
from harvester.discover.indexes import Answer, Copy, Held, limit_of, pages_of, question
from harvester.exits import Exit
from harvester.fetching import Fetcher
from harvester.watch.manners import Manners
from harvester.watch.sources import NotASourceError

_MORE: Final = "not read to its end; --pages asks for more of it"
_FULL: Final = "the index gave as many copies as were asked for and no key to go on: narrow --match"


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """What an index names: pages with their copies; `asked` says what became of asking it."""

    asked: Asked
    held: tuple[Held, ...] = ()


class Indexing:
    """Asks indexes in one session."""

    def __init__(self, client: Client, fetcher: Fetcher, manners: Manners) -> None:
        self._client = client
        self._fetcher = fetcher
        self._manners = manners

    def ask(self, index: str, match: str | None, *, pages: int, now: datetime) -> Listed:
        """Return the pages that an index names, of up to so many of its answers.

        Raises `UsageError` where nothing says which pages are meant.
        """
        first = question(index, match)
        copies: list[Copy] = []
        waiting, seen, unread = [first], set[str](), 0
        stopped: Asked | None = None
        while waiting and len(seen) < pages:
            url = waiting.pop(0)
            seen.add(url)
            answer = self._answer(url, now)
            if isinstance(answer, Asked):
                stopped = answer
                break
            copies += answer.copies
            unread += answer.unread
            further = [
                *answer.further,
                *([question(index, match, resume=answer.resume)] if answer.resume else []),
            ]
            waiting += [one for one in further if one not in seen and one not in waiting]
        if stopped is not None and not copies:
            return Listed(asked=stopped)
        held = tuple(pages_of(copies))
        full = not waiting and len(seen) == 1 and len(copies) + unread >= limit_of(first)
        message = (
            f"not read to its end: {stopped.message}"
            if stopped
            else _MORE
            if waiting
            else _FULL
            if full
            else None
        )
        asked = Asked(
            source=first,
            kind="index",
            where=f"in the index {index}",
            leads=tuple(one.lead for one in held),
            code=stopped.code if stopped else Exit.DONE,
            message=message,
            skipped=(f"{unread} of its lines could not be read",) if unread else (),
        )
        return Listed(asked=asked, held=held)

    def _answer(self, url: str, now: datetime) -> Answer | Asked:
        """Ask one question; what became of it instead, where there is no answer."""
        if not self._client.allows(url):
            words = (
                "its host is not among those that are asked: put it into allow_hosts under [fetch], or give "
            )
            return _failed(url, words + "--allow-host", Exit.USAGE)
        if no := self._manners.refusal(url, now):
            return _failed(url, no.why)
        answer = self._fetcher.fetch_resource(url, "source")
        if answer.status == HTTPStatus.NOT_FOUND and not answer.blocked:
            return Answer()  # pywb's word for "no captures"
        if answer.body is None:
            return _failed(url, answer.message, Exit.BLOCKED if answer.blocked else Exit.NEGATIVE)
        try:
            return answer_of(answer.body.data)
        except NotASourceError as error:
            return _failed(url, str(error))


def _failed(url: str, why: str | None, code: int = Exit.NEGATIVE) -> Asked:
    return Asked(source=url, kind=None, where="", code=code, message=why)
