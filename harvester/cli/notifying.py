"""`harvester notify`: tell what waits, fill the feeds, try the receivers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from harvester.cli.common import ArchiveOption, ConfigArgument, JsonOption, archive_directory, configuration
from harvester.errors import UsageError

if TYPE_CHECKING:
    from harvester.config import Loaded
    from harvester.watch.notify.courier import Told
    from harvester.watch.notify.outbox import Standing
    from harvester.watch.notify.receivers import Receiver

_MOST_S: Final = 120.0


def notify(
    config: ConfigArgument = None,
    archive: ArchiveOption = None,
    test: Annotated[
        bool, typer.Option("--test", help="Only send each receiver an event that is marked as a test.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="TIME",
            help="Tell again what happened since then (7d, 12h, or a date such as 2026-05-08), told or not.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Tell the configured receivers what waits for them, at once; make the feeds anew from the archive.

    `harvester run` does it by itself (docs/notify.md). Exit 1: somebody could not be told.
    """
    from harvester.cli.output import print_json

    loaded = configuration(config)
    if not loaded.config.notify:
        where = loaded.path or "the configuration"
        raise UsageError(f"{where} names nobody to tell: add a [[notify]] with a feed, webhook or command")
    from harvester.watch.notify.receivers import receivers_of

    receivers = receivers_of(loaded, os.environ)
    value = _tested(receivers) if test else _told(loaded, receivers, archive, since)
    if as_json:
        print_json(value)
    else:
        _print(value)
    return 1 if value.get("faults") or any(one["error"] for one in value["receivers"]) else 0


def _tested(receivers: Sequence[Receiver]) -> dict[str, Any]:
    """Send each receiver a test; of a feed, see whether its folder is there."""
    from harvester.clock import SystemClock
    from harvester.watch.notify.notice import trial_notice

    now = SystemClock().now()
    notice = trial_notice(now)
    answers = [(one, one.send(notice, now)) for one in receivers if not one.is_feed]
    return {
        "receivers": [
            {"receiver": one.shown, "told": int(answer.error is None), "error": answer.error}
            for one, answer in answers
        ]
    }


def _told(
    loaded: Loaded, receivers: Sequence[Receiver], archive: Path | None, since: str | None
) -> dict[str, Any]:
    from harvester.cli.library import opened
    from harvester.cli.timeline import moment
    from harvester.clock import SystemClock
    from harvester.state import state_directory
    from harvester.watch.notify.courier import Courier
    from harvester.watch.notify.notifier import Notifier
    from harvester.watch.notify.outbox import Outbox, outbox_path

    clock = SystemClock()
    start = moment(since) if since else None
    directory = archive_directory(archive, loaded)
    done: list[Told] = []
    faults: list[str] = []
    path = outbox_path(state_directory(), directory)
    with opened(directory) as (held, library), Outbox(path) as outbox:
        notifier = Notifier(held, library, loaded, outbox, receivers, clock, faults.append)
        notifier.gather()
        notifier.refill()
        if start is not None:
            notifier.again(start)
        outbox.hurry()
        end_s = clock.monotonic_s() + _MOST_S
        Courier(outbox, receivers, clock, done.append).round(lambda: clock.monotonic_s() > end_s)
        standings = {one.key: one for one in outbox.standings()}
    return {
        "receivers": [_value(one, standings[one.key], done) for one in receivers],
        "faults": sorted(set(faults)),
    }


def _value(receiver: Receiver, standing: Standing, done: Sequence[Told]) -> dict[str, Any]:
    own = [told for told in done if told.key == receiver.key]
    return {
        **standing.told(),
        "told": sum(told.error is None and told.notice is not None for told in own),
    }


def _print(value: dict[str, Any]) -> None:
    from harvester.cli.output import cell, console, say, table

    shown = table(None, "receiver", "told", "waiting", "dropped", "error")
    for one in value["receivers"]:
        names = ("receiver", "told", "waiting", "dropped", "error")
        shown.add_row(*(cell(one.get(name)) for name in names), style="yellow" if one.get("error") else None)
    console().print(shown)
    for fault in value.get("faults", ()):
        say(f"harvester: {fault}", style="red")
