"""From a URL to a visit: guard, breaker, pace, redirects, retries around single exchanges.

Knows no publisher: what is secret, which hosts are allowed and what a challenge looks like are
arguments. Nothing the network or a server does raises; it is all in the `Visit`.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final, Protocol

import tenacity

from harvester.capture.exchange import Exchange, FailedAttempt, Visit
from harvester.capture.guard import Guard
from harvester.capture.names import Names
from harvester.capture.options import CaptureOptions
from harvester.capture.pace import DAILY_CAP, OpenBreaker, Pace, Role, Standing, blocked_error
from harvester.capture.retry import retry_after_s, worth_retrying
from harvester.capture.wire import Wire
from harvester.clock import Clock, SystemClock
from harvester.errors import BlockedError, FetchError, HarvesterError, RefusedError, StorageError, UsageError
from harvester.urls import for_request, host_and_port, redirect_target, shown, strip_secrets

Headers = tuple[tuple[str, str], ...]

_log = logging.getLogger(__name__)
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_TOO_MANY_REQUESTS: Final = 429
_REASONS: Final = {
    "complete": "protocol",
    "protocol": "protocol",
    "length": "protocol",
    "time": "timeout",
    "disconnect": "disconnect",
}
VERIFICATION: Final = "verification"
RATE_LIMITED: Final = "rate_limited"


class Exchanger(Protocol):
    """The network as the client sees it: `harvester.capture.wire.Wire`, or a fake in tests."""

    def exchange(
        self,
        url: str,
        *,
        referer: str | None = None,
        redirected_from: tuple[str, ...] = (),
        conditions: Headers = (),
    ) -> Exchange | FailedAttempt:
        """Send one GET, with these conditional headers, and return what came of it."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


class Client:
    """Fetches URLs politely. One per process is enough; `get` calls take turns on the wire.

    `allowed_hosts` are the publishers' hosts (`options.allow_hosts` adds to them); `secret_params` the
    query parameters never sent; `is_challenge` returns None unless a URL is a verification page.
    `state_dir` holds pace and breaker (None: in memory). Raises `UsageError` for a CA file or host name
    that cannot be used.
    """

    def __init__(  # noqa: PLR0913 -- options, three facts of the publishers, four seams; all by name
        self,
        options: CaptureOptions,
        *,
        allowed_hosts: Iterable[str],
        secret_params: AbstractSet[str],
        is_challenge: Callable[[str], str | None],
        state_dir: Path | None,
        clock: Clock | None = None,
        wire: Exchanger | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        clock = clock or SystemClock()
        self._options = options
        self._guard = Guard.of((*allowed_hosts, *options.allow_hosts))
        self._secrets = secret_params
        self._is_challenge = is_challenge
        self._clock = clock
        self._jitter = jitter
        self._pace = Pace(state_dir, clock, options, jitter=jitter)
        self._wire = wire or Wire(options, clock)
        self._names = Names(options)

    def get(
        self,
        url: str,
        *,
        referer: str | None = None,
        role: Role = "page",
        conditions: Callable[[str], Headers] = lambda _: (),
    ) -> Visit:
        """Fetch one URL, following redirects, and return all that happened.

        `conditions` gives the conditional headers for each URL that is asked for (RFC 9110 §13.1); it is not
        asked where the options turn them off.

        What a URL, a server or the network causes is in `Visit.error`. Raises only `StorageError`: no
        room for a response in the temporary directory, or `LockedError` for the shared state.
        """
        asked = conditions if self._options.conditional else lambda _: ()
        visit = _Visiting(strip_secrets(url, self._secrets)[0], asked)
        try:
            self._follow(visit, url, self._clean_referer(visit, referer), role)
        except StorageError:
            raise
        except HarvesterError as error:
            visit.error = error
        return visit.result(self._pace.warnings)

    def due_in_s(self, url: str, role: Role) -> float:
        """Return the seconds until a URL's host may be asked; 0 for a URL that cannot be sent.

        Raises `LockedError` if another process holds the state too long.
        """
        try:
            name = self._names.of(url)
        except UsageError:
            return 0.0
        return 0.0 if name.exempt else self._pace.due_in_s(name.key, role)

    def allows(self, url: str) -> bool:
        """Tell whether a URL is of a host that may be asked at all."""
        try:
            self._guard.check(for_request(url))
        except (RefusedError, UsageError):
            return False
        return True

    def left_alone(self, url: str) -> OpenBreaker | None:
        """Return why, and until when, a URL's host is not to be asked for pages; None if it may be.

        Its breaker is open, or it had its pages of the day. Raises `LockedError` as `due_in_s`.
        """
        try:
            return self._pace.left_alone(self._names.of(url).key)
        except UsageError:
            return None

    def breakers(self) -> dict[str, OpenBreaker]:
        """Return the open breakers of this user and machine, by host. Raises `LockedError` as `due_in_s`."""
        return self._pace.breakers()

    def standings(self, hosts: Sequence[str]) -> list[Standing]:
        """Return how these hosts (each taken as https) stand for a page; one that cannot be asked is free.

        Raises `LockedError` as `due_in_s`.
        """
        names = [self._names.of_host(host) for host in hosts]
        found = self._pace.standings([name.key for name in names])
        return [
            one._replace(due_in_s=0.0) if name.exempt else one for name, one in zip(names, found, strict=True)
        ]

    def trip(self, host: str, reason: str) -> None:
        """Open the breaker of a URL's host (or of a host, taken as https): its page was a block.

        `reason` is a page state, `verification` or `rate_limited`. Raises `LockedError` if another
        process holds the state too long.
        """
        self._pace.trip(self._names.of(host if "://" in host else f"https://{host}").key, reason)

    def close(self) -> None:
        """Close connections and state."""
        self._wire.close()
        self._pace.close()

    def _follow(self, visit: _Visiting, url: str, referer: str | None, role: Role) -> None:
        if self._is_challenge(url) is not None:
            raise RefusedError(
                "this is the publisher's verification page, not an article; fetch the article's own URL",
                url=visit.url,
                reason="challenge",
            )
        chain: tuple[str, ...] = ()
        while True:
            target = self._clean_hop(visit, url) if chain else self._clean(visit, url)
            answer = self._ask(visit, target, referer, role, chain)
            location = _location(answer)
            if location is None:
                return
            url = self._redirect_target(target, location)
            if self._is_challenge(url) is not None:
                self._block(visit, target, VERIFICATION)
                return
            chain = (*chain, target)
            if len(chain) > self._options.max_redirects:
                raise RefusedError(
                    f"more than {self._options.max_redirects} redirects, the last from {shown(target)}",
                    url=target,
                    reason="redirects",
                )

    def _clean_hop(self, visit: _Visiting, url: str) -> str:
        """Do `_clean` for a redirect's target, whose form is the server's fault and not the user's."""
        try:
            return self._clean(visit, url)
        except UsageError as error:
            raise RefusedError(
                f"the redirect cannot be followed: {error}", url=url, reason="redirects"
            ) from error

    def _redirect_target(self, base: str, location: str) -> str:
        try:
            return redirect_target(base, location)
        except UsageError as error:
            raise RefusedError(
                f"the redirect cannot be followed: {error}", url=base, reason="redirects"
            ) from error

    def _clean(self, visit: _Visiting, url: str) -> str:
        """Return the URL as it may be sent, secrets removed, after the guard has allowed it."""
        url, stripped = strip_secrets(url, self._secrets)
        if stripped:
            visit.warn(
                f"secrets of a session were removed from the URL before sending: {', '.join(stripped)}"
            )
        if not url.lower().startswith(("http://", "https://")):
            raise RefusedError(
                f"only http and https are fetched, not {shown(url)}", url=shown(url), reason="scheme"
            )
        target = for_request(url)
        self._guard.check(target)
        return target

    def _clean_referer(self, visit: _Visiting, referer: str | None) -> str | None:
        if referer is None:
            return None
        clean, stripped = strip_secrets(referer, self._secrets)
        if stripped:
            visit.warn(f"secrets of a session were removed from the Referer: {', '.join(stripped)}")
        return for_request(clean)

    def _ask(
        self, visit: _Visiting, url: str, referer: str | None, role: Role, chain: tuple[str, ...]
    ) -> Exchange:
        """Get one URL's answer, trying again what is worth it. Raises why there is none to go on with."""
        conditions = visit.conditions(url)

        def attempt() -> Exchange | FailedAttempt:
            self._check_left_alone(visit, url, role)
            return visit.add(self._attempt(url, referer, role, chain, conditions))

        outcome = tenacity.Retrying(
            sleep=self._clock.sleep,
            stop=tenacity.stop_after_attempt(self._options.attempts),
            retry=tenacity.retry_if_result(
                lambda result: worth_retrying(result, self._options, self._clock.now())
            ),
            wait=self._wait_before_retry,
            retry_error_callback=_last_result,
        )(attempt)
        if isinstance(outcome, FailedAttempt):
            raise _error_of(outcome)
        if outcome.status == _TOO_MANY_REQUESTS:
            wanted_s = retry_after_s(outcome, self._clock.now()) or 0.0
            self._block(visit, url, RATE_LIMITED, at_least_s=wanted_s)
        if outcome.head is None:
            raise FetchError(
                f"{shown(url)}: {_no_head_words(outcome)}",
                url=url,
                reason=_REASONS[outcome.end],
            )
        return outcome

    def _check_left_alone(self, visit: _Visiting, url: str, role: Role) -> None:
        """Raise for an open breaker; for a page, also where its host had its pages of the day."""
        found = self._pace.left_alone(self._names.of(url).key)
        host = host_and_port(url)[0]
        if found and found.reason != DAILY_CAP:
            visit.blocked = found.reason
            raise blocked_error(host, found)
        if found and role == "page":
            raise BlockedError(
                f"{host} was asked for {self._options.daily_pages} pages today, which is the cap; it goes on "
                "tomorrow (UTC), or raise daily_pages under [fetch]",
                host=host,
                until=found.until_s,
            )

    def _attempt(
        self, url: str, referer: str | None, role: Role, chain: tuple[str, ...], conditions: Headers
    ) -> Exchange | FailedAttempt:
        key, no_floor = self._names.of(url)
        self._pace.wait(key, role, no_floor=no_floor)
        try:
            outcome = self._wire.exchange(url, referer=referer, redirected_from=chain, conditions=conditions)
        finally:
            self._pace.done(key, role, no_floor=no_floor)
        _log_outcome(outcome)
        return outcome

    def _wait_before_retry(self, state: tenacity.RetryCallState) -> float:
        """Return seconds: what the server asked for, else doubling from the first wait, with jitter."""
        result = _last_result(state)
        if isinstance(result, Exchange):
            asked = retry_after_s(result, self._clock.now())
            if asked is not None:
                return asked
        doubled: float = self._options.retry_first_wait_s * 2 ** min(state.attempt_number - 1, 16)
        return min(
            doubled * (1 + self._options.jitter_fraction * self._jitter()), self._options.retry_wait_cap_s
        )

    def _block(self, visit: _Visiting, url: str, reason: str, *, at_least_s: float = 0.0) -> None:
        host, _ = host_and_port(url)
        visit.blocked = reason
        raise blocked_error(host, self._pace.trip(self._names.of(url).key, reason, at_least_s=at_least_s))


def _no_head_words(outcome: Exchange) -> str:
    if outcome.end == "time":
        return "no whole response head came in time"
    if outcome.end == "disconnect":
        return "the connection broke in the middle of the response head"
    problems = ", ".join(outcome.problems) or outcome.end
    return f"what the server sent is not an HTTP response ({problems})"


class _Visiting:
    """A visit while it happens."""

    def __init__(self, url: str, conditions: Callable[[str], Headers]) -> None:
        self.url = url
        self.conditions = conditions
        self.error: HarvesterError | None = None
        self.blocked: str | None = None
        self._exchanges: list[Exchange] = []
        self._failures: list[FailedAttempt] = []
        self._warnings: list[str] = []

    def add(self, outcome: Exchange | FailedAttempt) -> Exchange | FailedAttempt:
        if isinstance(outcome, Exchange):
            self._exchanges.append(outcome)
        else:
            self._failures.append(outcome)
        return outcome

    def warn(self, message: str) -> None:
        if message not in self._warnings:
            self._warnings.append(message)

    def result(self, more_warnings: tuple[str, ...]) -> Visit:
        return Visit(
            url=self.url,
            exchanges=tuple(self._exchanges),
            failures=tuple(self._failures),
            error=self.error,
            blocked=self.blocked,
            warnings=(*self._warnings, *more_warnings),
        )


def _location(answer: Exchange) -> str | None:
    if answer.head is None or answer.status not in _REDIRECTS:
        return None
    return answer.head.get("Location") or None


def _last_result(state: tenacity.RetryCallState) -> Exchange | FailedAttempt:
    if state.outcome is None:
        raise RuntimeError("tenacity asked about an attempt that was not made")
    result: Exchange | FailedAttempt = state.outcome.result()
    return result


def _error_of(failure: FailedAttempt) -> HarvesterError:
    if failure.reason == "peer":
        return RefusedError(failure.message, url=failure.url, reason="peer")
    return FetchError(failure.message, url=failure.url, reason=failure.reason)


def _log_outcome(outcome: Exchange | FailedAttempt) -> None:
    # `shown` leaves the query out: whatever is in it never reaches a log.
    if isinstance(outcome, Exchange):
        size, end = outcome.response.size, outcome.end
        _log.info("%s: status %s, %d bytes, %s", shown(outcome.url), outcome.status, size, end)
    else:
        _log.info("%s: %s", shown(outcome.url), outcome.reason)
