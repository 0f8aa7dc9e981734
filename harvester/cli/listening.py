"""`harvester listen`: an add-only door on this machine, for a browser's bookmarklet and a phone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harvester.cli.adding import TagOption, WatchOption
from harvester.cli.common import ArchiveOption, archive_directory, configuration
from harvester.errors import UsageError

if TYPE_CHECKING:
    from harvester.config import Loaded
    from harvester.listening.server import Add

_DEFAULT_PORT = 8377


def listen(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port on 127.0.0.1; 0 for any that is free.")
    ] = _DEFAULT_PORT,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="HOST", help="A further name of this place: of a tunnel; repeatable."),
    ] = None,
    watch: WatchOption = None,
    tag: TagOption = None,
    archive: ArchiveOption = None,
) -> int:
    """Take URLs from a browser's bookmarklet or a phone, until Ctrl-C or SIGTERM. They are queued, no more.

    It listens on this machine alone, takes what comes with the token (kept in the state directory, readable
    to you alone), and prints an address that sets a browser up. See docs/inbox.md.
    """
    from harvester.cli.adding import chosen_watch, given_tags, make_archive
    from harvester.cli.output import say
    from harvester.listening.server import ADDRESS, Door, serve
    from harvester.listening.token import token_of
    from harvester.state import state_directory
    from harvester.watch.stopping import stopped_by_signals

    loaded = configuration()
    directory = archive_directory(archive, loaded)
    add = _adder(directory, loaded, chosen_watch(watch, loaded), given_tags(tag))
    make_archive(directory, loaded)
    token = token_of(state_directory())
    try:
        door = Door(port, token, add, name or ())
    except OSError as error:
        raise UsageError(
            f"cannot listen on {ADDRESS}:{port}: {error.strerror}; give another --port"
        ) from error
    where = f"http://{ADDRESS}:{door.port}/"
    say(f"listening on {where} for {directory}; Ctrl-C ends it")
    _tell_secret(f"{where}#token={token}")
    with stopped_by_signals() as stop:
        serve(door, stop)
    say("stopped; what was acknowledged is safe")
    return 0


def _tell_secret(address: str) -> None:
    """Print the address with the token at a terminal only: elsewhere what is printed is kept as a log."""
    import sys

    from harvester.cli.output import say
    from harvester.listening.token import NAME

    if sys.stderr is not None and sys.stderr.isatty():
        say(f"set a browser up, once, by opening {address}")
    else:
        say(f"set a browser up by opening it with #token= and what the state directory's {NAME} holds")


def _adder(directory: Path, loaded: Loaded, watch: str, tags: Sequence[str]) -> Add:
    from harvester.cli.adding import queue
    from harvester.cli.output import say
    from harvester.watch.adding import Added
    from harvester.watch.sources import Link

    def add(links: Sequence[Link]) -> Added:
        added = queue(directory, loaded, links, watch=watch, via="sent to harvester listen", tags=tags)
        for find in added.new:
            say(f"queued {find.url}")
        return added

    return add
