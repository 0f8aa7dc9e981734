"""`harvester run`: do what is due, once or for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from harvester.cli.common import (
    ArchiveOption,
    ConfigArgument,
    JsonOption,
    PayloadDigestOption,
    archive_directory,
)
from harvester.cli.fetch import CaFileOption, ConnectToOption, carry_out
from harvester.cli.mirroring import Mirror, MirrorOption
from harvester.cli.staying import stay
from harvester.errors import HarvesterError, StorageError, UsageError

if TYPE_CHECKING:
    from harvester.cli.session import Session
    from harvester.cli.telling import Telling
    from harvester.config import Loaded
    from harvester.fetching import Outcome
    from harvester.logs import RunLog
    from harvester.shards import Shard
    from harvester.watch.heartbeat import Heart
    from harvester.watch.runner import Runner
    from harvester.watch.stopping import Wishes

_LONGEST_WAIT_S: Final = 2.0
"""Between looks at the clock and at the wishes: it may jump, the machine may sleep, a SIGHUP may come."""
PLACEHOLDER: Final = "archive@example.org"
"""The contact that `harvester init` writes as an example: nobody's."""
_INSTANT_S: Final = 0.3
_PATIENT_S: Final = 20.0
"""How long the end of a single run may wait for receivers of notifications."""
_IMPATIENT_S: Final = 2.0
"""The same between two days, where captures wait."""


def run(
    config: ConfigArgument = None,
    archive: ArchiveOption = None,
    forever: Annotated[
        bool,
        typer.Option(
            "--forever",
            help="Go on until SIGTERM or Ctrl-C, which end it after the current request; SIGHUP reads the "
            "configuration again.",
        ),
    ] = False,
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard",
            metavar="I/N",
            help="Look only at what is this machine's share, the I-th of N: split by account "
            "(docs/watch.md). Each machine has its own archive; `harvester merge` joins them.",
        ),
    ] = None,
    connect_to: ConnectToOption = None,
    ca_file: CaFileOption = None,
    payload_digest: PayloadDigestOption = None,
    mirror: MirrorOption = None,
    log_format: Annotated[
        str | None,
        typer.Option(
            "--log-format",
            metavar="FORM",
            help="Lines for programs: json (on stderr, in place of words, where no file is named) or text.",
        ),
    ] = None,
    log_file: Annotated[
        Path | None,
        typer.Option("--log-file", metavar="FILE", readable=False, help="Where those lines go."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Look at all that is due: pages, listings, feeds, sitemaps, and what these name.

    What is due says the configuration (docs/watch.md). A run that was missed is made up for by the next; a
    second runner over the same archive is refused (exit 5). Unattended, it needs a contact under `operator`.
    Exit codes as for `fetch`.
    """
    from harvester.cli.session import Session
    from harvester.clock import SystemClock
    from harvester.shards import Shard
    from harvester.state import state_directory
    from harvester.watch.heartbeat import Heart, beat_path
    from harvester.watch.stopping import StoppableClock, Wishes

    wishes = Wishes()
    loaded = configured(config)
    directory = archive_directory(archive, loaded, mirrors=True)
    share = Shard.parse(shard) if shard else None
    heart = Heart(beat_path(state_directory(), directory), SystemClock(), forever=forever, shard=share)

    class Watching:
        """A `Day` (harvester.cli.staying) of this command line."""

        def session(self, current: Loaded) -> Session:
            made = Session(
                directory,
                current,
                connect_to=connect_to or (),
                ca_file=ca_file,
                payload_digest=payload_digest,
                clock=StoppableClock(SystemClock(), wishes, on_wait=heart.beat),
                robots="classic",
            )
            made.log = log
            return made

        def mirror(self, current: Loaded) -> Mirror:
            return Mirror.of(mirror, current, directory, at_times=lambda: lively(wishes, heart))

        def work(self, session: Session, current: Loaded) -> Iterator[Outcome]:
            return until_tomorrow(session, current, wishes, shard=share, heart=heart)

        def again(self, current: Loaded) -> Loaded:
            return _reloaded(config, current, directory, self._take, log)

        def _take(self, new: Loaded) -> None:
            self.mirror(new)
            _lead(log, new, log_format, log_file)

    day = Watching()
    beside = day.mirror(loaded)
    _refuse_idle(loaded, directory)
    with ExitStack() as held:
        log = held.enter_context(_log(loaded, log_format, log_file))
        first = day.session(loaded)
        _refuse_nameless(first, loaded, forever=forever)
        held.enter_context(wishes.by_signals())
        _take_turn(directory, held)
        heart.say()
        if forever:
            return stay(day, loaded, wishes, heart, SystemClock())
        work = lambda: _once(first, loaded, wishes, share, heart)  # noqa: E731
        return carry_out(first, work, as_json=as_json, mirror=beside, stopped=lambda: wishes.stop)


def lively(wishes: Wishes, heart: Heart) -> None:
    """Give a sign of life; end what is under way if somebody asked to stop."""
    from harvester.watch.stopping import StopRequestedError

    if wishes.stop:
        raise StopRequestedError
    heart.beat()


def configured(config: Path | None) -> Loaded:
    from harvester.cli.common import configuration

    loaded = configuration(config)
    if loaded.path is None:
        raise UsageError("no harvester.toml here or above: write one (`harvester init`), or name it")
    return loaded


@contextmanager
def _log(loaded: Loaded, form: str | None, file: Path | None) -> Iterator[RunLog]:
    """Open what the command line, else the configuration, says of lines for programs; begin and end them."""
    from harvester._version import __version__
    from harvester.cli.output import messages
    from harvester.logs import opened

    with opened(None, None) as log:
        _lead(log, loaded, form, file)
        log.tell("start", message=f"harvester {__version__}, {loaded.path}")
        try:
            yield log
        except HarvesterError as error:
            log.fault("fault", kind=type(error).__name__, code=error.exit_code, message=str(error))
            raise
        finally:
            log.tell("stop")
            messages().quiet = messages().quiet and not log.on_stderr


def _lead(log: RunLog, loaded: Loaded, form: str | None, file: Path | None) -> None:
    """Lead lines to where command line or configuration say; words for people make room on stderr."""
    from harvester.cli.output import messages
    from harvester.logs import chosen

    others = messages().quiet and not log.on_stderr
    log.lead(*chosen(loaded.config.log, loaded.path, form, file))
    messages().quiet = others or log.on_stderr


def _refuse_idle(loaded: Loaded, directory: Path) -> None:
    """Refuse to run where nothing is watched, there is no inbox, and nothing was added by hand."""
    from harvester.watch import journal

    watches = loaded.config.watch or loaded.config.inbox.dir
    if watches or any(journal.read(directory, journal.FOUND, journal.Find)):
        return
    raise UsageError(
        f"{loaded.path} watches nothing: add a [[watch]] with urls, listings or feeds, or single pages with "
        "`harvester add URL`"
    )


def _reloaded(
    config: Path | None, loaded: Loaded, directory: Path, take: Callable[[Loaded], None], log: RunLog
) -> Loaded:
    """Return the configuration as it is now; as it was, with the fault told, where it is wrong."""
    from harvester.cli.output import say

    try:
        new = configured(config)
        _refuse_idle(new, directory)
        take(new)
    except HarvesterError as error:
        say(f"the configuration stays as it was: {error}", style="red")
        log.fault("reload", state="refused", message=str(error))
        return loaded
    log.tell("reload", state="ok")
    return new


def _refuse_nameless(session: Session, loaded: Loaded, *, forever: bool) -> None:
    """Refuse to run unattended without a contact, unless nothing leaves this machine."""
    import sys

    if session.contact == PLACEHOLDER and not session.is_rehearsal:
        raise UsageError(
            f"{loaded.path}: contact under [operator] is still the example that `harvester init` wrote: give "
            "your own, so that a publisher can ask you to stop"
        )
    unattended = forever or not (sys.stderr is not None and sys.stderr.isatty())
    if unattended and not session.contact and not session.is_rehearsal:
        raise UsageError(
            f"{loaded.path}: give a contact under [operator], such as an address or a web page: who is asked "
            "for pages by a program that runs unattended must be able to ask it to stop"
        )


def _take_turn(directory: Path, held: ExitStack) -> None:
    """Be the only runner over an archive. Raises `LockedError`."""
    from archive.disk import SYSTEM_DISK
    from archive.locks import FileLock, Waiting
    from harvester.errors import LockedError
    from harvester.state import state_directory
    from harvester.watch.heartbeat import turn_path

    path = turn_path(state_directory(), directory)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot make {path.parent}: {error.strerror}") from error
    # Who asks after its health holds it for an instant.
    lock = FileLock(path, SYSTEM_DISK, Waiting(notice_after_s=60, give_up_after_s=_INSTANT_S))
    try:
        lock.take(shared=False, wait=True)
    except LockedError:
        lock.release()
        raise LockedError(
            f"another `harvester run` is at work in {directory}; let it end, or stop it"
        ) from None
    held.callback(lock.release)


def _once(
    session: Session, loaded: Loaded, wishes: Wishes, shard: Shard | None, heart: Heart
) -> Iterator[Outcome]:
    from harvester.cli.handing import Beside
    from harvester.cli.output import say
    from harvester.watch.stopping import StopRequestedError

    with _runner(session, loaded, shard, wishes, patient_s=_PATIENT_S) as (runner, telling):
        nothing = True
        for outcome in telling.visited(runner.sync()):
            nothing = False
            yield outcome
        _tell_shares(runner, shard, heart)
        beside = Beside(session, loaded, runner)
        try:
            beside.look()
            while not wishes.stop and (item := runner.take()):
                nothing = False
                yield from telling.visited(runner.visit(item))
            beside.hand_over()
        except StopRequestedError:
            say("stopped, as asked; what was acknowledged is safe")
        if nothing:
            say("nothing is due")


def _tell_shares(runner: Runner, shard: Shard | None, heart: Heart) -> None:
    """Say what is left to other shards; what was added here by hand, URL by URL: nobody else knows of it."""
    from harvester.cli.output import say

    heart.elsewhere = len(runner.elsewhere)
    heart.say()
    if shard is None:
        return
    say(f"shard {shard}: {len(runner.elsewhere)} URLs of the watch list are other shards'")
    for url, owner in runner.strays:
        say(f"added here, but of shard {owner}: add it on that machine too: {url}", style="yellow")


def until_tomorrow(
    session: Session,
    loaded: Loaded,
    wishes: Wishes,
    *,
    longest_wait_s: float = _LONGEST_WAIT_S,
    shard: Shard | None = None,
    heart: Heart | None = None,
) -> Iterator[Outcome]:
    """Do what is due as it comes; a day's WARC file is closed with the day."""
    from harvester.cli.handing import Beside
    from harvester.watch.stopping import StopRequestedError

    with _runner(session, loaded, shard, wishes) as (runner, telling):
        yield from telling.visited(runner.sync())
        if heart is not None:
            _tell_shares(runner, shard, heart)
        day = session.now().date()
        beside = Beside(session, loaded, runner)
        try:
            while session.now().date() == day and not (wishes.stop or wishes.reload):
                telling.look()
                beside.turn()
                item = runner.take()
                if item is not None:
                    yield from telling.visited(runner.visit(item))
                    continue
                wait_s = runner.wait_s()
                session.clock.sleep(longest_wait_s if wait_s is None else min(wait_s, longest_wait_s))
        except StopRequestedError:
            return


class _runner:  # noqa: N801 - used as a function
    """The runner of a session, and what it tells; queue and outbox are opened with it and closed after it."""

    def __init__(
        self,
        session: Session,
        loaded: Loaded,
        shard: Shard | None,
        wishes: Wishes,
        *,
        patient_s: float = _IMPATIENT_S,
    ) -> None:
        from harvester.cli.telling import Telling
        from harvester.state import state_directory
        from harvester.watch.queue import Queue, queue_path
        from harvester.watch.runner import Runner

        self._queue = Queue(queue_path(state_directory(), session.directory, shard))
        self._telling = Telling(session, loaded, patient_s=patient_s, hurried=lambda: wishes.stop)
        self._runner = Runner(
            session,
            loaded,
            self._queue,
            session.clock,
            shard=shard,
            on_events=self._telling.told,
            on_fault=self._telling.fault,
        )

    def __enter__(self) -> tuple[Runner, Telling]:
        return self._runner, self._telling

    def __exit__(self, kind: object, *_: object) -> None:
        self._telling.close(at_once=kind is not None)
        self._runner.close()
        self._queue.close()
