"""`harvester discover`: propose what may be watched: what captured articles lead to, and what lists name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.words import counted
from harvester.cli.common import ArchiveOption, JsonOption, archive_directory, configuration
from harvester.cli.fetch import AllowHostOption, CaFileOption, ConnectToOption
from harvester.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive import Archive
    from harvester.cli.indexing import FromIndex
    from harvester.cli.session import Session
    from harvester.config import Loaded
    from harvester.discover.asking import Asked
    from harvester.discover.asking import Wishes as AskingWishes
    from harvester.discover.candidates import Candidate, Candidates, Proposed
    from harvester.discover.copies import LookedAt
    from harvester.library import Library

_MAX_SHOWN_REFUSALS = 10


def discover(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE...",
            help="Pages (an album, a section, a feed, a sitemap: told by content) and files of links (text, "
            "CSV, XLSX, JSON, OPML, mails, bookmarks). Without any: what the archive's articles lead to.",
        ),
    ] = None,
    watch: Annotated[
        str | None,
        typer.Option(
            "--watch", metavar="NAME", help="Read sources as this watch does, for its accounts only."
        ),
    ] = None,
    pages: Annotated[
        int | None,
        typer.Option("--pages", metavar="N", min=1, max=1000, help="Pages of a list; 1 if not said."),
    ] = None,
    links: Annotated[
        str | None, typer.Option("--links", metavar="SELECTOR", help="CSS selector of a page's links.")
    ] = None,
    index: Annotated[
        str | None,
        typer.Option(
            "--index", metavar="URL", help="Ask the index of a web archive (CDX server or TimeMap)."
        ),
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(
            "--match", metavar="PREFIX", help="With --index: URLs that begin so; of a TimeMap, the URL."
        ),
    ] = None,
    copies: Annotated[
        int | None,
        typer.Option(
            "--copies",
            metavar="N",
            min=1,
            max=100,
            help="With --index: look at up to N copies of each page that the archive lacks, newest first, "
            "until one is an article.",
        ),
    ] = None,
    replay: Annotated[
        str | None,
        typer.Option("--replay", metavar="URL", help="Below which address that archive shows its copies."),
    ] = None,
    take: Annotated[
        bool,
        typer.Option("--take", help="With --copies: take a copy that is an article in as a document."),
    ] = False,
    archive: ArchiveOption = None,
    allow_host: AllowHostOption = None,
    connect_to: ConnectToOption = None,
    ca_file: CaFileOption = None,
    as_json: JsonOption = False,
) -> int:
    """Propose URLs to watch, each with how it was found; `harvester approve` queues them.

    Without a SOURCE nothing is asked of the network: albums, past issues, originals of reposts and links of
    captured articles are read from their records. Sources are asked at the pace of pages; robots.txt is
    obeyed, and all of it recorded. What is captured, queued, or was rejected is not proposed again.

    The index of a web archive (--index) names pages that others captured. Their copies are looked at with
    --copies: deleted pages and demands for verification are copied like articles. Its host must be allowed.

    Exit 1: a source gave nothing. 3: a publisher demanded verification or throttled.
    """
    from harvester.cli.indexing import wanted_index
    from harvester.cli.library import opened

    from_index = wanted_index(index, match=match, copies=copies, replay=replay, pages=pages, take=take)
    if from_index and sources:
        raise UsageError("give either sources or --index")
    loaded = configuration()
    wishes, accounts = _wishes(loaded, watch, pages, links)
    directory = archive_directory(archive, loaded)
    hosts = (*(loaded.config.fetch.allow_hosts or ()), *(allow_host or ()))
    if not sources and from_index is None:
        with opened(directory) as (held, library):
            looking = _Finding(directory, loaded, library, hosts, accounts)
            looked = looking.look(held)
            return looking.tell(as_json=as_json, looked=looked)
    from harvester.cli.session import Session

    session = Session(
        directory,
        loaded,
        allow_hosts=allow_host or (),
        connect_to=connect_to or (),
        ca_file=ca_file,
        discovered_via="harvester discover",
        robots="classic",
    )
    with session:
        looking = _Finding(directory, loaded, session.library, hosts, accounts)
        if from_index is not None:
            return looking.tell(as_json=as_json, asked=[looking.ask_index(session, from_index)])
        asked = looking.ask(session, sources or (), wishes)
        return looking.tell(as_json=as_json, asked=asked)


class _Finding:
    """One run of the command: candidates proposed, and what is told of them."""

    def __init__(
        self,
        directory: Path,
        loaded: Loaded,
        library: Library,
        hosts: Sequence[str],
        accounts: Sequence[str],
    ) -> None:
        from harvester.clock import SystemClock
        from harvester.discover.candidates import Candidates
        from harvester.discover.known import known_to
        from harvester.discover.whose import Whose

        self._directory = directory
        self._library = library
        self._accounts = accounts
        self._now = SystemClock().now()
        self._whose = Whose.of(library, library.articles())
        known = known_to(directory, library, loaded)
        self._desk: Candidates = Candidates(directory, are_known=known, allow_hosts=hosts)
        self._proposed: list[Proposed] = []
        self._copies: list[LookedAt] = []

    def look(self, archive: Archive) -> int:
        """Read what articles lead to that were not looked at before; return how many."""
        from harvester.cli.output import counting
        from harvester.discover.archived import leads_of, rules_of
        from harvester.discover.looked import Looked
        from harvester.state import state_directory

        with Looked(state_directory(), self._directory) as looked:
            rows = [row for row in self._library.pages(state="ok") if not looked.has(row, rules_of(row))]
            with counting(len(rows)) as told:
                for row in rows:
                    told(row.title or row.id)
                    self._propose(leads_of(archive, self._library, row), f"in {row.id}", row.id)
                    looked.add(row, rules_of(row))
        return len(rows)

    def ask(self, session: Session, sources: Sequence[str], wishes: AskingWishes) -> list[Asked]:
        """Ask each source; what one gives is written down before the next is asked."""
        from harvester.cli.fetch import progress
        from harvester.discover.asking import Asking
        from harvester.watch.manners import Manners

        manners = Manners(session.archive, session.library, session.fetcher)
        asking = Asking(session.client, session.fetcher, manners, wishes)
        done: list[Asked] = []
        with progress() as tell:
            session.tell = tell
            for source in sources:
                for asked in asking.ask(source, self._now):
                    done.append(asked)
                    self._propose(asked.leads, asked.where, asked.source)
        return done

    def ask_index(self, session: Session, wanted: FromIndex) -> Asked:
        """Ask the index of a web archive, and look at the copies that it names where that is wanted."""
        from harvester.cli.fetch import progress
        from harvester.cli.indexing import ask_index

        with progress() as tell:
            session.tell = tell
            asked, self._copies = ask_index(session, wanted, self._now, self._propose)
        return asked

    def _propose(self, leads: Sequence[Any], where: str, source: str) -> None:
        wanted = [one for one in leads if self._is_wanted(one)]
        self._proposed.append(self._desk.propose(wanted, where=where, source=source, now=self._now))

    def _is_wanted(self, lead: Any) -> bool:
        fits = self._whose.fits
        return not self._accounts or any(
            fits(name, lead.url, lead.account, lead.account_id) for name in self._accounts
        )

    def tell(self, *, as_json: bool, looked: int | None = None, asked: Sequence[Asked] = ()) -> int:
        """Print what was found and what waits, and return the exit code."""
        from harvester.exits import Exit, combined

        new = [one for part in self._proposed for one in part.new]
        waiting = [one for one in self._desk.waiting() if self._is_wanted(one)]
        code = int(combined(Exit(one.code) for one in asked)) if asked else 0
        if as_json:
            self._tell_json(waiting, new, asked, looked, code)
        else:
            self._tell_person(waiting, new, asked, looked)
        return code

    def _tell_json(
        self,
        waiting: Sequence[Candidate],
        new: Sequence[Candidate],
        asked: Sequence[Asked],
        looked: int | None,
        code: int,
    ) -> None:
        import msgspec

        from harvester.cli.candidates import value_of
        from harvester.cli.output import print_json

        urls = {one.url for one in new}
        print_json(
            {
                "archive": str(self._directory),
                "articles_looked_at": looked,
                "sources": [
                    {
                        "source": one.source,
                        "kind": one.kind,
                        "leads": len(one.leads),
                        "message": one.message,
                        "skipped": list(one.skipped),
                        "exit_code": one.code,
                    }
                    for one in asked
                ],
                "copies": [msgspec.to_builtins(one) | {"offered": one.offered} for one in self._copies],
                "new": len(new),
                "known": sum(part.known for part in self._proposed),
                "refused": [msgspec.to_builtins(one) for part in self._proposed for one in part.refused],
                "candidates": [value_of(one, self._whose, new=one.url in urls) for one in waiting],
                "exit_code": code,
            }
        )

    def _tell_person(
        self,
        waiting: Sequence[Candidate],
        new: Sequence[Candidate],
        asked: Sequence[Asked],
        looked: int | None,
    ) -> None:
        from harvester.cli.candidates import print_candidates
        from harvester.cli.output import say

        for one in asked:
            _say_asked(one)
        told_of = {one.source for one in asked if one.kind is None}
        refusals = (one for part in self._proposed for one in part.refused if one.text not in told_of)
        refused = list({one.text: one for one in refusals}.values())
        for refusal in refused[:_MAX_SHOWN_REFUSALS]:
            say(f"not proposed: {refusal.text}: {refusal.why}", style="yellow")
        if len(refused) > _MAX_SHOWN_REFUSALS:
            say(f"… and {len(refused) - _MAX_SHOWN_REFUSALS} more (--json lists all)", style="yellow")
        print_candidates(waiting, self._whose, self._library, new={one.url for one in new})
        known = sum(part.known for part in self._proposed)
        words = [f"{len(new)} new, {known} known already, {len(waiting)} waiting"]
        if looked is not None:
            words.append(f"looked at {counted(looked, 'article')} for the first time")
        say("; ".join(words))
        if waiting:
            say("`harvester approve ID…` (or --account, --route, --all) queues them, --reject drops them")


def _say_asked(asked: Asked) -> None:
    from harvester.cli.output import say

    if asked.kind is None:
        words = asked.message or "nothing was found"
        say(words if asked.source in words else f"{asked.source}: {words}", style="yellow")
        return
    say(f"{asked.source}: {asked.kind}, {counted(len(asked.leads), 'link')}", style="green")
    if asked.message:
        say(f"{'':4}{asked.message}", style="yellow")
    for line in asked.skipped[:_MAX_SHOWN_REFUSALS]:
        say(f"{'':4}{line}", style="yellow")
    if len(asked.skipped) > _MAX_SHOWN_REFUSALS:
        say(f"{'':4}… and {len(asked.skipped) - _MAX_SHOWN_REFUSALS} more (--json lists all)", style="yellow")


def _wishes(
    loaded: Loaded, watch: str | None, pages: int | None, links: str | None
) -> tuple[AskingWishes, tuple[str, ...]]:
    """Return how sources are read, and the accounts that are wanted (none: all)."""
    from harvester.discover.asking import Wishes

    if watch is None:
        return Wishes(max_pages=pages or 1, selector=links), ()
    from harvester.watch.wanted import named_watches

    watches = named_watches(loaded)
    if watch not in watches:
        raise UsageError(f"no watch {watch!r}; there are {', '.join(map(repr, watches))}")
    chosen = watches[watch]
    wishes = Wishes(
        max_pages=pages or chosen.max_pages,
        selector=links or chosen.links,
        include=chosen.include,
        exclude=chosen.exclude,
    )
    return wishes, chosen.accounts
