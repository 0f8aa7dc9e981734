"""`harvester handoff`, and what `fetch` and `run` do beside fetching: hand over, and look into the inbox."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from archive.words import counted
from harvester.cli.common import ArchiveOption, JsonOption, archive_directory, configuration
from harvester.errors import LockedError, UsageError

if TYPE_CHECKING:
    from harvester.cli.session import Session
    from harvester.config import Loaded
    from harvester.fetching import Outcome
    from harvester.handoff.desk import Desk, Wanted
    from harvester.handoff.lines import Standing
    from harvester.inbox.inbox import Inbox
    from harvester.watch.runner import Runner

_EVERY_S: Final = 10.0
"""Between two looks of a run that stays."""
_OTHERS_EVERY_S: Final = 3600.0
"""Between two looks of it at what other commands captured, and nobody verified."""


def handoff(
    drop: Annotated[
        list[str] | None,
        typer.Option("--drop", metavar="URL", help="Nobody wants this one any more; repeatable."),
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> int:
    """List the pages that wait for a person, and write handoff.html in the archive anew.

    A page is handed over when its host demands verification. Open it in your own browser, save it into the
    inbox, run `harvester inbox`: it closes by the page's own identity. See docs/inbox.md.

    Exit 1: --drop names a page that is not waiting.
    """
    from harvester.cli.library import opened
    from harvester.cli.output import print_json, say
    from harvester.clock import SystemClock
    from harvester.exits import Exit
    from harvester.handoff import lines
    from harvester.handoff.desk import Desk
    from harvester.inbox.opening import inbox_folder
    from harvester.intake import prepare

    loaded = configuration()
    directory = archive_directory(archive, loaded)
    now = SystemClock().now()
    with opened(directory) as (held, library):
        desk = Desk(held, library, inbox_folder(loaded))
        waiting = lines.read(directory).open
        wanted = [prepare(text).url for text in drop or ()]
        absent = [url for url in wanted if url not in waiting]
        standing = desk.drop([url for url in wanted if url in waiting], now) if wanted else desk.refresh(now)
    for url in absent:
        say(f"not waiting: {url}", style="yellow")
    if as_json:
        print_json(value_of(standing, desk))
    else:
        _print(standing, desk)
    return Exit.NEGATIVE if absent else Exit.DONE


def value_of(standing: Standing, desk: Desk) -> dict[str, Any]:
    """Return where the hand-off stands, for programs."""
    import msgspec

    return {
        "page": str(desk.page) if desk.page.exists() else None,
        "open": [msgspec.to_builtins(line) for line in standing.open.values()],
        "closed": [msgspec.to_builtins(line) for line in standing.closed],
    }


def _print(standing: Standing, desk: Desk) -> None:
    from harvester.cli.output import answer, say
    from harvester.times import for_people

    if not standing.open:
        say("nothing waits for a person")
        return
    for line in standing.open.values():
        answer(line.url)
        said = " · ".join(filter(None, (line.title, line.account, f"since {for_people(line.at)}")))
        answer(f"    {' '.join(said.split())}", style="dim")
    _tell(len(standing.open), desk)


def _tell(count: int, desk: Desk) -> None:
    from harvester.cli.output import say

    pages = counted(count, "page waits", "pages wait")
    say(f"{pages} for a person: open {desk.page} in your browser", style="yellow")


def handing(session: Session, loaded: Loaded, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Yield the outcomes of a fetch; at the end, what a host kept behind a verification goes to a person."""
    from harvester.exits import Exit
    from harvester.handoff.desk import Wanted

    blocked: list[Wanted] = []
    for outcome in outcomes:
        if outcome.code == Exit.BLOCKED:
            blocked.append(Wanted(url=outcome.url, via="fetch"))
        yield outcome
    desk = _desk(session, loaded)
    standing = desk.hand_over(blocked, session.breakers() if blocked else {}, session.now())
    if blocked and standing.open:
        _tell(len(standing.open), desk)


def _desk(session: Session, loaded: Loaded) -> Desk:
    from harvester.handoff.desk import Desk
    from harvester.inbox.opening import inbox_folder

    return Desk(session.archive, session.library, inbox_folder(loaded))


class Beside:
    """What a run does beside its queue, in an open session: the inbox, and the hand-off."""

    def __init__(self, session: Session, loaded: Loaded, runner: Runner) -> None:
        self._session = session
        self._runner = runner
        self._desk = _desk(session, loaded)
        self._loaded = loaded
        self._inbox: Inbox | None = None
        self._complaint: str | None = None
        self._next_s = 0.0
        self._others_s = session.clock.monotonic_s() + _OTHERS_EVERY_S  # a run begins with that
        self._others_version: int | None = None
        self._told = 0

    def look(self) -> None:
        """Take in what was dropped. Raises `StorageError`."""
        from harvester.cli.inboxing import print_result
        from harvester.cli.output import say
        from harvester.inbox.opening import inbox_folder, open_inbox

        root = inbox_folder(self._loaded)
        if root is None:
            return
        try:
            session = self._session
            self._inbox = self._inbox or open_inbox(
                session.archive, session.library, self._loaded, root, session.clock
            )
            brought = False
            for result in self._inbox.take(again=False):
                print_result(result)
                brought = brought or bool(result.brought.pages)
                tell = session.log.tell if result.state in {"taken", "known"} else session.log.caution
                tell("inbox", file=result.file, state=result.state, code=result.code, message=result.message)
            self._complaint = None
            if brought:
                self._runner.verify_missed()
        except LockedError:
            return  # somebody takes it in by hand
        except UsageError as error:  # a folder that is not there now may be there again later
            if str(error) != self._complaint:
                say(f"the inbox is not looked into: {error}", style="yellow")
                self._session.log.caution("fault", kind="inbox", message=str(error))
            self._complaint = str(error)

    def hand_over(self) -> None:
        """Hand over what is due at hosts that demand verification, and close what is answered."""
        from harvester.handoff.desk import demanding

        breakers = self._session.breakers()
        hosts = sorted(demanding(breakers))
        wanted = self._held_back(hosts) if hosts else []
        standing = self._desk.hand_over(wanted, breakers, self._session.now())
        if len(standing.open) > self._told:
            _tell(len(standing.open), self._desk)
            self._session.log.caution("handoff", count=len(standing.open), page=str(self._desk.page))
        self._told = len(standing.open)

    def _held_back(self, hosts: Iterable[str]) -> list[Wanted]:
        """Return the pages that these hosts hold back, but for those that were handed over already."""
        from harvester.handoff import lines
        from harvester.handoff.desk import Wanted
        from harvester.handoff.page import MAX_ROWS

        standing = lines.read(self._session.directory)
        known = standing.open.keys() | standing.dropped
        room = max(0, MAX_ROWS - len(standing.open))  # more than a page shows, nobody opens
        items = [item for host in hosts for item in self._runner.held_back(host, known, room)][:room]
        return [Wanted(url=item.url, via=item.via) for item in items]

    def _verify_others(self) -> None:
        """Verify what others captured, if anybody wrote since a look that found nothing more to do."""
        version = self._session.library.others_version()
        if version != self._others_version:
            self._others_version = None if self._runner.verify_missed() else version

    def turn(self) -> None:
        """Do both, if it is time again."""
        now_s = self._session.clock.monotonic_s()
        if now_s >= self._next_s:
            self._next_s = now_s + _EVERY_S
            self.look()
            self.hand_over()
        if now_s >= self._others_s:
            self._others_s = now_s + _OTHERS_EVERY_S
            self._verify_others()
