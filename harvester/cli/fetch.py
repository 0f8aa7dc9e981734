"""`harvester fetch`: capture URLs now."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.words import in_short
from harvester.cli.common import (
    ArchiveOption,
    JsonOption,
    PayloadDigestOption,
    archive_directory,
    configuration,
)
from harvester.cli.mirroring import Mirror, MirrorOption
from harvester.errors import HarvesterError, UsageError
from harvester.exits import Exit

if TYPE_CHECKING:
    from harvester.assets import Kept
    from harvester.cli.session import Session
    from harvester.fetching import Outcome
    from harvester.revisits import Unchanged

_MAX_LIST_BYTES = 16 << 20
_MAX_NOTICE = 120
_SPINNER_CELLS = 2
_LEFT_OUT = {"cap": "too many", "blocked": "the host is left alone", "refused": "the host refuses"}
AllowHostOption = Annotated[
    list[str] | None,
    typer.Option("--allow-host", metavar="HOST", help="Allow one more host (and its subdomains). Recorded."),
]
ConnectToOption = Annotated[
    list[str] | None,
    typer.Option(
        "--connect-to",
        metavar="HOST:PORT:ADDR:PORT",
        help="Connect to ADDR:PORT for HOST:PORT, as curl does. Recorded: such a capture is a rehearsal.",
    ),
]
CaFileOption = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        metavar="FILE",
        readable=False,
        help="Trust these certificate authorities (PEM) instead. Recorded.",
    ),
]


def fetch(
    urls: Annotated[list[str] | None, typer.Argument(metavar="URL...", help="Pages to capture.")] = None,
    archive: ArchiveOption = None,
    from_file: Annotated[
        str | None,
        typer.Option("--from", metavar="FILE", help="Read URLs from a file, one a line; - for stdin."),
    ] = None,
    no_images: Annotated[bool, typer.Option("--no-images", help="Leave the pages' images out.")] = False,
    no_requisites: Annotated[
        bool,
        typer.Option("--no-requisites", help="Leave out the styles, scripts and fonts that show the page."),
    ] = False,
    allow_host: AllowHostOption = None,
    connect_to: ConnectToOption = None,
    ca_file: CaFileOption = None,
    payload_digest: PayloadDigestOption = None,
    mirror: MirrorOption = None,
    as_json: JsonOption = False,
) -> int:
    """Capture pages: the exchange byte for byte into WARC, the article as JSON and Markdown.

    Exit 0: every URL is captured as an article. 1: some is not. 3: the publisher demanded verification
    or throttled. 4: a page of unknown kind. 5: storage, or the mirror's.
    """
    from harvester.cli.handing import handing
    from harvester.cli.session import Session

    wanted = list(_lines(urls or (), from_file))
    if not wanted:
        raise UsageError("no URL given: name some, or --from FILE")
    loaded = configuration()
    directory = archive_directory(archive, loaded, mirrors=True)
    beside = Mirror.of(mirror, loaded, directory)
    session = Session(
        directory,
        loaded,
        allow_hosts=allow_host or (),
        connect_to=connect_to or (),
        ca_file=ca_file,
        wants=loaded.config.fetch.wants(images=not no_images, requisites=not no_requisites),
        payload_digest=payload_digest,
    )
    work = lambda: handing(session, loaded, session.fetch_all(wanted))  # noqa: E731
    return carry_out(session, work, as_json=as_json, mirror=beside)


def carry_out(
    session: Session,
    outcomes: Callable[[], Iterable[Outcome]],
    *,
    as_json: bool,
    mirror: Mirror,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Run a session, print each outcome when it is durable, and return the run's exit code.

    An error that ends the run does not hide what was done before it. When all is closed the mirror is
    brought up to date, unless the run was `stopped` or broke off.
    """
    done: list[Outcome] = []
    fault: HarvesterError | KeyboardInterrupt | None = None
    try:
        with progress() as tell, session:
            session.tell = tell
            for notice in session.notices:
                say_damage(notice)
            for outcome in outcomes():
                print_outcome(outcome)
                done.append(outcome)
    except (HarvesterError, KeyboardInterrupt) as error:
        if not (as_json and done):
            raise
        fault = error
    codes, facts = ((), {}) if fault or stopped() else mirror.update()
    if codes:
        session.log.fault("mirror", url=str(mirror.target), message="not mirrored")
    return finish(done, session.directory, fault, as_json=as_json, mirrored=(codes, facts))


def say_damage(notice: str) -> None:
    """Print that a record of the archive is damaged."""
    from harvester.cli.output import say

    say(f"damaged: {notice}; `harvester reindex` lists all damage", style="red")


def _lines(urls: Sequence[str], from_file: str | None) -> Iterator[str]:
    from harvester.inputs import read_file, read_stdin

    yield from urls
    if from_file is None:
        return
    what = "a list of URLs"
    data = (
        read_stdin(_MAX_LIST_BYTES, what)
        if from_file == "-"
        else read_file(Path(from_file), _MAX_LIST_BYTES, what)
    )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read URLs from {from_file}: {error}") from error
    yield from (
        line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    )


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show what is being fetched, at a terminal: politeness takes its time."""
    from rich.text import Text

    from harvester.cli.output import messages, visible

    def line(what: str) -> Text:
        # One line, cut: what a spinner has wrapped stays on the screen.
        cut = Text(visible(what), no_wrap=True)
        cut.truncate(messages().width - _SPINNER_CELLS, overflow="ellipsis")
        return cut

    with messages().status(line("opening the archive")) as status:
        yield lambda what: status.update(line(what))


def print_outcome(outcome: Outcome) -> None:
    """Print what became of one URL, for a person."""
    from harvester.cli.output import say

    good = outcome.state == "ok"
    notice = in_short(outcome.notice, _MAX_NOTICE) if outcome.notice else None
    said = [what for what in (outcome.title, notice, outcome.message) if what]
    word = "captured" if good else outcome.state
    say(f"{word:<12} {outcome.url}", style="green" if good else "yellow")
    for what in said:
        say(f"{'':<12} {' '.join(what.split())}")
    if outcome.id:
        say(f"{'':<12} {outcome.id}", style="dim")
    for name, kept in _belongings(outcome):
        say(f"{'':<12} {name}s: {_words(kept)}", style="dim")
        for reason, urls in _by_reason(kept.failed).items():
            more = f" and {len(urls) - 1} more" if len(urls) > 1 else ""
            say(f"{'':<12} {name} failed ({reason}): {urls[0]}{more}", style="yellow")
    if outcome.unchanged:
        say(f"{'':<12} {_unchanged_words(outcome.unchanged, outcome.url)}", style="dim")
    for warning in outcome.warnings:
        say(f"{'':<12} note: {warning}", style="yellow")


def _belongings(outcome: Outcome) -> Iterator[tuple[str, Kept]]:
    """Yield what was gathered in each role, where there was anything of it."""
    roles = (
        ("image", outcome.images),
        ("attachment", outcome.attachments),
        ("requisite", outcome.requisites),
    )
    yield from ((name, kept) for name, kept in roles if kept is not None and _words(kept))


def _words(kept: Kept) -> str:
    counts = [(kept.fetched, "fetched"), (kept.held, "held already"), (len(kept.failed), "failed")]
    left_out = [(count, f"not asked for ({_LEFT_OUT[reason]})") for reason, count in kept.left_out.items()]
    return ", ".join(f"{count} {word}" for count, word in (*counts, *left_out) if count)


def _by_reason(failed: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for url, why in failed:
        reasons.setdefault(why, []).append(url)
    return reasons


def _unchanged_words(unchanged: Unchanged, url: str) -> str:
    from harvester.times import for_people

    by_server = unchanged.profile == "server-not-modified"
    since = for_people(unchanged.since, seconds=True)
    if unchanged.url != url and not by_server:
        return f"the same bytes as {unchanged.url}, captured {since}; stored as a revisit of that"
    said = "the server says so" if by_server else "the same bytes came again"
    return f"unchanged from the capture of {since} ({said}); stored as a revisit of it"


def finish(
    outcomes: Sequence[Outcome],
    directory: Path,
    fault: HarvesterError | KeyboardInterrupt | None = None,
    *,
    as_json: bool,
    mirrored: tuple[Sequence[Exit], dict[str, object]] = ((), {}),
) -> int:
    """Print the JSON form where asked for, and return the run's exit code."""
    import msgspec

    from harvester.cli.output import complain, print_json
    from harvester.exits import combined

    code = int(combined([*(Exit(outcome.code) for outcome in outcomes), *mirrored[0]]))
    value: dict[str, object] = {
        "archive": str(directory),
        "results": [msgspec.to_builtins(outcome) for outcome in outcomes],
        **mirrored[1],
    }
    if fault is not None:
        code = fault.exit_code if isinstance(fault, HarvesterError) else Exit.STOPPED
        words = str(fault) or "stopped"
        complain(words, kind=type(fault).__name__, as_json=False)
        value["error"] = {"kind": type(fault).__name__, "message": words}
    if as_json:
        print_json(value | {"exit_code": code})
    return code
