"""`harvester schedule`: print what to install so that `harvester run` is called again and again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harvester.cli.common import ArchiveOption, ConfigArgument, JsonOption, archive_directory
from harvester.errors import UsageError

if TYPE_CHECKING:
    from harvester.config import Loaded


def schedule(
    config: ConfigArgument = None,
    systemd: Annotated[bool, typer.Option("--systemd", help="A service and a timer.")] = False,
    cron: Annotated[bool, typer.Option("--cron", help="A line for `crontab -e`.")] = False,
    launchd: Annotated[bool, typer.Option("--launchd", help="A property list for macOS.")] = False,
    windows: Annotated[bool, typer.Option("--windows", help="A task that calls it within WSL.")] = False,
    shard: Annotated[
        str | None, typer.Option("--shard", metavar="I/N", help="As for `harvester run`.")
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> int:
    """Print what to install so that the watch runs by itself. Nothing is installed.

    `harvester run` is called every ten minutes and does what is due; the schedules are in the configuration.
    """
    from harvester.cli.output import print_json, write_bytes
    from harvester.cli.running import configured
    from harvester.inbox.opening import inbox_places
    from harvester.shards import Shard
    from harvester.state import state_directory
    from harvester.watch import units

    if [systemd, cron, launchd, windows].count(True) != 1:
        raise UsageError("say for what: one of --systemd, --cron, --launchd, --windows")
    loaded = configured(config)
    what = units.Installed(
        program=_program(),
        config=loaded.path or Path(),
        archive=archive_directory(archive, loaded).resolve(),
        state=state_directory().resolve(),
        shard=Shard.parse(shard) if shard else None,
        writes=_further_places(loaded),
        inbox=inbox_places(loaded),
        variables=tuple(
            sorted(
                {name for one in loaded.config.notify for name in (one.webhook_env, one.secret_env) if name}
            )
        ),
    )
    if systemd:
        files = units.systemd(what)
    elif cron:
        files = {"crontab": units.cron(what)}
    elif launchd:
        files = {"org.harvester.run.plist": units.launchd(what)}
    else:
        files = {"schtasks": units.windows(what)}
    if as_json:
        print_json(files)
        return 0
    parts = [f"# {name}\n{text}" if systemd else text for name, text in files.items()]
    write_bytes("\n".join(parts).encode())
    return 0


def _further_places(loaded: Loaded) -> tuple[Path, ...]:
    """Return the folders of feeds and of the log."""
    from harvester.logs import chosen
    from harvester.watch.notify.receivers import receivers_of

    files = [one.path for one in receivers_of(loaded, {}) if one.is_feed]
    log = chosen(loaded.config.log, loaded.path, None, None)[1]
    return tuple(sorted({path.parent.resolve() for path in (*files, *([log] if log else ()))}))


def _program() -> Path:
    """Return where this program lies: the command beside its Python, else as it was called."""
    beside = Path(sys.executable).with_name("harvester")
    return beside if beside.exists() else Path(sys.argv[0]).absolute()
