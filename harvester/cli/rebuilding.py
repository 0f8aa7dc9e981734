"""What `harvester rebuild` shows and understands: its bar, its dates, its sites."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self

from harvester.errors import UsageError
from harvester.rebuild.unit import Done, Unit
from harvester.sites import all_sites
from harvester.times import utc_text

_NAMED: Final = 3


def moment(text: str | None) -> str | None:
    """Return a day or a moment as RFC 3339 in UTC. Raises `UsageError`."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date: say 2025-01-31, or 2025-01-31T08:00:00+08:00") from error
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return utc_text(found)


def named(inputs: Sequence[str] | None, lists: Sequence[str] | None) -> list[str]:
    """Return the inputs of the command line and of lists. Raises `UsageError` for none, `StorageError`."""
    from harvester.rebuild.brought import listed

    found = [*(inputs or ()), *(path for name in lists or () for path in listed(name))]
    if not found:
        raise UsageError("no input: name archives or files, or a list of them with --files-from")
    return found


def site_name(text: str | None) -> str | None:
    """Return the name of a publisher's rules. Raises `UsageError`."""
    names = [site.name for site in all_sites()]
    if text is not None and text not in names:
        raise UsageError(f"no rules for a site {text!r}: there are {', '.join(names)}")
    return text


def tell_beside(output: str) -> None:
    """Say where results would stand beside other things: a bucket's root, a folder that is in use."""
    from harvester.cli.output import say
    from harvester.rebuild.outputs import others_in

    others = others_in(output)
    if others:
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        say(
            f"{output} holds other things ({', '.join(others[:_NAMED])}{more}), which stay: the results come "
            "beside them; a folder of their own is easier to keep",
            style="yellow",
        )


def stopped(bar: Bar, output: str, *, as_json: bool) -> int:
    """Say what a run that was stopped leaves, and how to go on; return its exit code."""
    from harvester.cli.output import complain
    from harvester.exits import Exit

    complain(
        f"stopped; what was finished stays in {output} ({bar.finished} files by this run): "
        "the same command goes on",
        kind="Interrupted",
        as_json=as_json,
    )
    return Exit.STOPPED


class Bar:
    """A progress bar on stderr: what is being done, how far, how fast, how long it takes still."""

    def __init__(self) -> None:
        from rich.progress import (
            BarColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        from harvester.cli.output import messages

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[units]} files · {task.fields[records]} records · {task.fields[rate]}/s"),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=messages(),
            transient=True,
            disable=not messages().is_terminal,
        )
        self._task: Any = None
        self._at: dict[str, int] = {}
        self.finished = 0
        self._units = self._all = self._records = 0

    def begin(self, what: str, units: int, total_bytes: int) -> None:
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._at, self._units, self._all, self._records = {}, 0, units, 0
        self._task = self._bar.add_task(what, total=total_bytes, units="0", records="0", rate="–")

    def at(self, unit: Unit, position: int) -> None:
        self._at[unit.key] = min(position, unit.size)
        self._show()

    def behind(self, done: Done) -> None:
        self._units += 1
        self.finished += not done.part
        self._records += done.looked_at
        self._show()

    def _show(self) -> None:
        task = next(task for task in self._bar.tasks if task.id == self._task)
        elapsed = task.elapsed or 0.0
        rate = f"{self._records / elapsed:,.0f}" if self._records and elapsed else "–"
        self._bar.update(
            self._task,
            completed=sum(self._at.values()),
            units=f"{self._units}/{self._all}",
            records=f"{self._records:,}",
            rate=rate,
        )

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
