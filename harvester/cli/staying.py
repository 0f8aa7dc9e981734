"""`harvester run --forever`: day after day, past failing storage, until somebody asks to stop."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Protocol

from harvester.cli.fetch import carry_out
from harvester.errors import StorageError

if TYPE_CHECKING:
    from harvester.cli.mirroring import Mirror
    from harvester.cli.session import Session
    from harvester.clock import Clock
    from harvester.config import Loaded
    from harvester.fetching import Outcome
    from harvester.watch.heartbeat import Heart
    from harvester.watch.stopping import Wishes

_AFTER_FAULT_S: Final = 300.0


class Day(Protocol):
    """What is needed for a day's work by one configuration."""

    def session(self, loaded: Loaded) -> Session:
        """Return what captures."""
        ...

    def mirror(self, loaded: Loaded) -> Mirror:
        """Return where it is mirrored when the day is over."""
        ...

    def work(self, session: Session, loaded: Loaded) -> Iterable[Outcome]:
        """Do what is due until the day is over or something is wished."""
        ...

    def again(self, loaded: Loaded) -> Loaded:
        """Return the configuration as it is now; the one in force, with the fault told, if it is wrong."""
        ...


def stay(day: Day, loaded: Loaded, wishes: Wishes, heart: Heart, clock: Clock) -> int:
    """Work until it is asked to stop; return the last day's exit code. `clock` is for waits after faults."""
    from harvester.cli.output import say

    say(f"watching by {loaded.path}; Ctrl-C or SIGTERM ends it")
    while True:
        code = _attempt(day, loaded, wishes, heart, clock)
        if wishes.stop:
            say("stopped, as asked; what was acknowledged is safe")
            return code
        asked, wishes.reload = wishes.reload, False  # now: a wish that comes while the file is read stays
        new = day.again(loaded)
        if asked and new is not loaded:
            say(f"{new.path} was read again")
        loaded = new


def _attempt(day: Day, loaded: Loaded, wishes: Wishes, heart: Heart, clock: Clock) -> int:
    """Run until the day is over, something is wished, or the storage fails: then wait, to go on."""
    from harvester.cli.output import say
    from harvester.watch.stopping import StoppableClock, StopRequestedError

    session, mirror = day.session(loaded), day.mirror(loaded)
    try:
        work = lambda: day.work(session, loaded)  # noqa: E731
        return carry_out(session, work, as_json=False, mirror=mirror, stopped=lambda: wishes.stop)
    except StorageError as error:
        say(f"harvester: {error}; trying again in {_AFTER_FAULT_S:.0f} s", style="red")
        session.log.fault("fault", kind=type(error).__name__, message=str(error))
        heart.say(f"{error}; it tries again every {_AFTER_FAULT_S:.0f} s")
        with contextlib.suppress(StopRequestedError):
            StoppableClock(clock, wishes).sleep(_AFTER_FAULT_S)
        return error.exit_code
    except StopRequestedError:
        return 0
