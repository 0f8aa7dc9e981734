"""`harvester run`: one pass over the URLs of a configuration that are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harvester.cli.common import ArchiveOption, JsonOption, PayloadDigestOption, archive_directory
from harvester.cli.fetch import CaFileOption, ConnectToOption, carry_out
from harvester.errors import UsageError

if TYPE_CHECKING:
    from harvester.cli.session import Session
    from harvester.config import Config, Watch
    from harvester.fetching import Outcome
    from harvester.library import Library


def run_list(
    config: Annotated[
        Path | None, typer.Argument(metavar="CONFIG", readable=False, help="Else the nearest harvester.toml.")
    ] = None,
    archive: ArchiveOption = None,
    connect_to: ConnectToOption = None,
    ca_file: CaFileOption = None,
    payload_digest: PayloadDigestOption = None,
    as_json: JsonOption = False,
) -> int:
    """Capture every URL of the watch list that is due, once.

    A URL is due when its last visit is longer ago than its `every`, or when it has none.
    Exit codes as for `fetch`.
    """
    from harvester.cli.common import configuration
    from harvester.cli.session import Session

    loaded = configuration(config)
    if loaded.path is None:
        raise UsageError("no harvester.toml here or above: write one, or name it")
    if not loaded.config.watch:
        raise UsageError(f"{loaded.path} watches nothing: add a [[watch]] with urls")
    directory = archive_directory(archive, loaded)
    via = f"watch list {loaded.path.name}"
    session = Session(
        directory,
        loaded,
        connect_to=connect_to or (),
        ca_file=ca_file,
        discovered_via=via,
        payload_digest=payload_digest,
    )
    return carry_out(session, lambda: _pass(session, loaded.config), as_json=as_json)


def _pass(session: Session, config: Config) -> Iterator[Outcome]:
    """Fetch what is due, each URL once, whichever watches name it."""
    from harvester.cli.output import say

    seen: set[str] = set()
    for watch in config.watch:
        session.want(config.fetch.wants(images=watch.images))
        urls = [url for url in due(watch, session.library, session.now()) if url not in seen]
        seen.update(urls)
        yield from session.fetch_all(urls)
    if not seen:
        say("nothing is due")


def due(watch: Watch, library: Library, now: datetime) -> list[str]:
    """Return the URLs of a watch whose last visit is at least its interval ago."""
    from harvester.intake import prepare
    from harvester.watch.schedule import interval

    wanted: dict[str, None] = {}
    for text in watch.urls:
        try:
            url = prepare(text).url
        except UsageError:
            wanted[text] = None  # reported as refused when its turn comes
            continue
        visits = [row for row in library.visits(url) if row.method == "live"]
        if not visits or now - datetime.fromisoformat(visits[-1].fetch_date) >= interval(watch.every):
            wanted[url] = None
    return list(wanted)
