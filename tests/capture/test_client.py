"""From a URL to a visit: guard, redirects, challenges, retries, secrets. A scripted wire, a fake clock."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from archive.http1 import parse_response
from archive.record import Block
from harvester.capture import CaptureOptions, Client, ConnectTo, Exchange, FailedAttempt
from harvester.errors import BlockedError, FetchError, RefusedError, UsageError

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SECRETS = frozenset({"key", "pass_ticket", "poc_token"})


def answer(status: int, *fields: str) -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status} X", *fields, "Content-Length: 0", "", "")).encode("latin-1")


class ScriptedWire:
    """Answers in the order given; keeps what it was asked."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.script: list[bytes | FailedAttempt | tuple[bytes, str]] = []
        self.asked: list[tuple[str, str | None]] = []
        self.conditions: list[tuple[tuple[str, str], ...]] = []
        self.closed = False

    def exchange(
        self,
        url: str,
        *,
        referer: str | None = None,
        redirected_from: tuple[str, ...] = (),
        conditions: tuple[tuple[str, str], ...] = (),
    ) -> Exchange | FailedAttempt:
        self.asked.append((url, referer))
        self.conditions.append(conditions)
        now = self.clock.now()
        self.clock.advance(0.25)
        step = self.script.pop(0)
        if isinstance(step, FailedAttempt):
            return step
        data, end = step if isinstance(step, tuple) else (step, "complete")
        try:
            message = parse_response(data)
            head, problems = message.head, message.problems
        except Exception:  # noqa: BLE001 -- a head that cannot be read, on purpose
            head, problems = None, ("bad-head",)
        return Exchange(
            url=url, method="GET", request=b"GET", response=Block.of(data), head=head, framing="length",
            end=end, problems=problems, surplus_bytes=0, peer_ip="8.8.8.8", peer_port=443, tls=None,
            started=now, ended=self.clock.now(), redirected_from=redirected_from,
        )  # type: ignore[arg-type]  # fmt: skip

    def close(self) -> None:
        self.closed = True


def failed(clock: Any, reason: str, *, retryable: bool) -> FailedAttempt:
    return FailedAttempt(
        url="https://a.example/", request=None, reason=reason, message=f"it was {reason}",
        started=clock.now(), ended=clock.now(), peer_ip=None, retryable=retryable,
    )  # fmt: skip


@pytest.fixture
def wire(clock: Any) -> ScriptedWire:
    return ScriptedWire(clock)


def challenge(url: str) -> str | None:
    return "https://a.example/wanted" if "/verify" in url else None


@pytest.fixture
def make(tmp_path: Path, clock: Any, wire: ScriptedWire) -> Any:
    made: list[Client] = []

    def build(**changes: Any) -> Client:
        client = Client(
            CaptureOptions(**changes),
            allowed_hosts=["a.example", "b.example"],
            secret_params=SECRETS,
            is_challenge=challenge,
            state_dir=tmp_path,
            clock=clock,
            wire=wire,
            jitter=lambda: 0.0,
        )
        made.append(client)
        return client

    yield build
    for client in made:
        client.close()


@pytest.fixture
def client(make: Callable[..., Client]) -> Client:
    return make()


def test_a_page(client: Client, wire: ScriptedWire, clock: Any) -> None:
    wire.script = [PAGE]
    visit = client.get("https://www.a.example/x#frag")
    assert visit.final
    assert visit.final.status == 200
    assert (visit.error, visit.blocked, visit.failures, visit.warnings) == (None, None, (), ())
    assert wire.asked == [("https://www.a.example/x", None)]
    assert clock.slept == []


def test_pages_of_a_host_are_paced(client: Client, wire: ScriptedWire, clock: Any) -> None:
    wire.script = [PAGE, PAGE, PAGE]
    for name in ("https://a.example/1", "https://a.example/2", "https://b.example/"):
        client.get(name)
    assert clock.slept == [5.0]


def test_the_floor_lifts_only_for_hosts_mapped_to_loopback(
    make: Callable[..., Client], wire: ScriptedWire, clock: Any
) -> None:
    maps = ("a.example::127.0.0.1:8443", "b.example::203.0.113.5:8443")
    client = make(connect_to=tuple(ConnectTo.parse(text) for text in maps))
    wire.script = [PAGE] * 4
    client.get("https://a.example/1")
    client.get("https://a.example/2")
    assert clock.slept == []
    client.get("https://b.example/1")
    client.get("https://b.example/2")
    assert clock.slept == [5.0]


class TestGuard:
    @pytest.mark.parametrize(
        ("url", "reason"),
        [
            ("https://c.example/", "host"),
            ("https://127.0.0.1/", "host"),
            ("http://[::1]/", "host"),
            ("https://a.example.evil.example/", "host"),
            ("ftp://a.example/", "scheme"),
            ("file:///etc/passwd", "scheme"),
            ("https://a.example/verify?poc_token=x", "challenge"),
        ],
    )
    def test_refused_before_anything_is_sent(
        self, url: str, reason: str, client: Client, wire: ScriptedWire
    ) -> None:
        visit = client.get(url)
        assert isinstance(visit.error, RefusedError)
        assert visit.error.reason == reason
        assert wire.asked == []

    @pytest.mark.parametrize("url", ["https://u:p@a.example/", "https://", "http://a b/", ""])
    def test_what_is_no_url(self, url: str, client: Client, wire: ScriptedWire) -> None:
        visit = client.get(url)
        assert isinstance(visit.error, UsageError | RefusedError)
        assert wire.asked == []

    def test_allow_host_adds(self, make: Callable[..., Client], wire: ScriptedWire) -> None:
        wire.script = [PAGE]
        assert make(allow_hosts=("c.example",)).get("https://c.example/").error is None

    def test_a_private_peer_is_a_refusal_with_its_attempt(
        self, client: Client, wire: ScriptedWire, clock: Any
    ) -> None:
        wire.script = [failed(clock, "peer", retryable=False)]
        visit = client.get("https://a.example/")
        assert isinstance(visit.error, RefusedError)
        assert visit.error.reason == "peer"
        assert len(visit.failures) == 1


class TestRedirects:
    def test_each_hop_is_an_exchange(self, client: Client, wire: ScriptedWire) -> None:
        wire.script = [answer(301, "Location: /2?x"), answer(302, "Location: //b.example/3"), PAGE]
        visit = client.get("https://a.example/1")
        assert [one.url for one in visit.exchanges] == [
            "https://a.example/1",
            "https://a.example/2?x",
            "https://b.example/3",
        ]
        assert visit.exchanges[2].redirected_from == ("https://a.example/1", "https://a.example/2?x")
        assert visit.error is None

    @pytest.mark.parametrize(
        ("location", "reason"),
        [
            ("https://c.example/", "host"),
            ("http://127.0.0.1/", "host"),
            ("http://169.254.169.254/latest", "host"),
            ("file:///etc/passwd", "scheme"),
            ("javascript:alert(1)", "scheme"),
            ("https://u:p@a.example/", "redirects"),
            ("https://[::1", "redirects"),
            ("https://a.example:0/", "redirects"),
        ],
    )
    def test_a_bad_target_is_recorded_and_not_followed(
        self, location: str, reason: str, client: Client, wire: ScriptedWire
    ) -> None:
        wire.script = [answer(302, f"Location: {location}")]
        visit = client.get("https://a.example/1")
        assert [one.status for one in visit.exchanges] == [302]
        assert isinstance(visit.error, RefusedError)
        assert visit.error.reason == reason

    def test_the_limit(self, client: Client, wire: ScriptedWire) -> None:
        wire.script = [answer(302, f"Location: /{index}") for index in range(20)]
        visit = client.get("https://a.example/start")
        assert len(visit.exchanges) == 11
        assert isinstance(visit.error, RefusedError)
        assert visit.error.reason == "redirects"

    @pytest.mark.parametrize("status", [300, 304, 305, 306])
    def test_other_3xx_are_answers(self, status: int, client: Client, wire: ScriptedWire) -> None:
        wire.script = [answer(status, "Location: /2")]
        assert len(client.get("https://a.example/1").exchanges) == 1

    def test_a_redirect_without_location_is_an_answer(self, client: Client, wire: ScriptedWire) -> None:
        wire.script = [answer(302)]
        visit = client.get("https://a.example/1")
        assert (len(visit.exchanges), visit.error) == (1, None)

    def test_secrets_are_taken_out_of_the_target(self, client: Client, wire: ScriptedWire) -> None:
        """The response keeps them (it is evidence); the request that follows does not."""
        wire.script = [answer(302, "Location: /2?a=1&pass_ticket=hush"), PAGE]
        visit = client.get("https://a.example/1")
        assert wire.asked[1][0] == "https://a.example/2?a=1"
        assert b"hush" in visit.exchanges[0].response.read()
        assert any("pass_ticket" in warning for warning in visit.warnings)
        assert not any("hush" in warning for warning in visit.warnings)


class TestChallenge:
    def test_is_recorded_not_followed_and_opens_the_breaker(self, client: Client, wire: ScriptedWire) -> None:
        wire.script = [answer(302, "Location: /verify?poc_token=hush&target_url=x")]
        visit = client.get("https://a.example/1")
        assert visit.blocked == "verification"
        assert isinstance(visit.error, BlockedError)
        assert len(visit.exchanges) == len(wire.asked) == 1
        assert "hush" not in str(visit.error)

        again = client.get("https://a.example/2")
        assert (again.blocked, again.exchanges, len(wire.asked)) == ("verification", (), 1)
        assert isinstance(again.error, BlockedError)

    def test_other_hosts_go_on(self, client: Client, wire: ScriptedWire) -> None:
        wire.script = [answer(302, "Location: /verify"), PAGE]
        client.get("https://a.example/1")
        assert client.get("https://b.example/").error is None

    def test_another_client_is_stopped_too(
        self, client: Client, make: Callable[..., Client], wire: ScriptedWire
    ) -> None:
        wire.script = [answer(302, "Location: /verify")]
        client.get("https://a.example/1")
        assert make().get("https://a.example/2").blocked == "verification"

    def test_a_rehearsal_does_not_stop_the_real_host(
        self, client: Client, make: Callable[..., Client], wire: ScriptedWire
    ) -> None:
        wire.script = [answer(302, "Location: /verify"), PAGE]
        rehearsal = make(connect_to=(ConnectTo.parse("::127.0.0.1:8443"),))
        assert rehearsal.get("https://a.example/1").blocked == "verification"
        assert client.get("https://a.example/1").error is None

    @pytest.mark.parametrize("host", ["a.example", "A.example", "https://a.example/x?y"])
    def test_the_pipeline_may_trip(self, host: str, client: Client, wire: ScriptedWire) -> None:
        client.trip(host, "verification")
        visit = client.get("https://a.example/1")
        assert (visit.blocked, wire.asked) == ("verification", [])

    def test_it_closes_by_time(self, client: Client, wire: ScriptedWire, clock: Any) -> None:
        client.trip("a.example", "verification")
        clock.advance(2 * 3600 + 1)
        wire.script = [PAGE]
        assert client.get("https://a.example/1").error is None


class TestRetries:
    def test_passing_faults_are_tried_again_with_growing_waits(
        self, client: Client, wire: ScriptedWire, clock: Any
    ) -> None:
        wire.script = [failed(clock, "timeout", retryable=True), answer(503), PAGE]
        visit = client.get("https://b.example/")
        assert (len(visit.failures), [one.status for one in visit.exchanges]) == (1, [503, 200])
        assert visit.error is None
        # Back-off of 2 s and 4 s, each filled up to the five seconds between pages.
        assert clock.slept == pytest.approx([2.0, 3.0, 4.0, 1.0])

    def test_attempts_are_limited(self, client: Client, wire: ScriptedWire, clock: Any) -> None:
        wire.script = [failed(clock, "refused", retryable=True)] * 9
        visit = client.get("https://a.example/")
        assert len(visit.failures) == 3
        assert isinstance(visit.error, FetchError)
        assert visit.error.reason == "refused"

    def test_a_server_fault_that_stays_is_the_answer(self, client: Client, wire: ScriptedWire) -> None:
        wire.script = [answer(500)] * 3
        visit = client.get("https://a.example/")
        assert ([one.status for one in visit.exchanges], visit.error) == ([500, 500, 500], None)

    @pytest.mark.parametrize("status", [400, 403, 404, 410, 501])
    def test_lasting_answers_are_not(self, status: int, client: Client, wire: ScriptedWire) -> None:
        wire.script = [answer(status)]
        assert len(client.get("https://a.example/").exchanges) == 1

    @pytest.mark.parametrize("reason", ["tls", "dns", "protocol"])
    def test_lasting_failures_are_not(
        self, reason: str, client: Client, wire: ScriptedWire, clock: Any
    ) -> None:
        wire.script = [failed(clock, reason, retryable=False)]
        visit = client.get("https://a.example/")
        assert isinstance(visit.error, FetchError)
        assert (visit.error.reason, len(visit.failures)) == (reason, 1)

    def test_a_broken_answer_is_tried_again_and_kept(self, client: Client, wire: ScriptedWire) -> None:
        wire.script = [(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", "disconnect"), PAGE]
        visit = client.get("https://a.example/")
        assert [one.end for one in visit.exchanges] == ["disconnect", "complete"]

    @pytest.mark.parametrize("end", ["length", "time", "protocol"])
    def test_a_cut_answer_is_not(self, end: str, client: Client, wire: ScriptedWire) -> None:
        wire.script = [(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", end)]
        assert len(client.get("https://a.example/").exchanges) == 1

    @pytest.mark.parametrize(("end", "reason"), [("protocol", "protocol"), ("time", "timeout")])
    def test_no_head_is_an_error_with_its_exchange(
        self, end: str, reason: str, client: Client, wire: ScriptedWire
    ) -> None:
        wire.script = [(b"SMTP ready\r\n", end)]
        visit = client.get("https://a.example/")
        assert len(visit.exchanges) == 1
        assert isinstance(visit.error, FetchError)
        assert visit.error.reason == reason

    @pytest.mark.parametrize("form", ["seconds", "date"])
    def test_retry_after_is_honoured(self, form: str, client: Client, wire: ScriptedWire, clock: Any) -> None:
        # The answer is read 0.25 s after it was asked for.
        until = format_datetime(clock.now() + timedelta(seconds=90), usegmt=True)
        wire.script = [answer(503, f"Retry-After: {'90' if form == 'seconds' else until}"), PAGE]
        client.get("https://a.example/")
        assert clock.slept[0] == pytest.approx(90, abs=0.3)

    @pytest.mark.parametrize("value", ["121", "99999999", "Wed, 21 Oct 2099 07:28:00 GMT"])
    def test_a_longer_retry_after_ends_the_attempts(
        self, value: str, client: Client, wire: ScriptedWire, clock: Any
    ) -> None:
        wire.script = [answer(503, f"Retry-After: {value}")]
        assert len(client.get("https://a.example/").exchanges) == 1
        assert clock.slept == []

    @pytest.mark.parametrize("value", ["soon", "-5", "", "1e3", "Wed, 99 Oct 2099", "9" * 40])
    def test_a_strange_retry_after_is_as_none(
        self, value: str, client: Client, wire: ScriptedWire, clock: Any
    ) -> None:
        wire.script = [answer(503, f"Retry-After: {value}"), PAGE]
        client.get("https://a.example/")
        assert clock.slept[0] == pytest.approx(2.0)


class TestRateLimit:
    def test_without_retry_after_it_stops_the_host_at_once(self, client: Client, wire: ScriptedWire) -> None:
        wire.script = [answer(429)]
        visit = client.get("https://a.example/")
        assert (visit.blocked, len(visit.exchanges)) == ("rate_limited", 1)
        assert isinstance(visit.error, BlockedError)
        assert client.get("https://a.example/").blocked == "rate_limited"

    def test_not_even_a_short_wait_is_waited(self, client: Client, wire: ScriptedWire, clock: Any) -> None:
        """The breaker opens on the first such answer, whatever wait it names."""
        wire.script = [answer(429, "Retry-After: 0"), PAGE]
        visit = client.get("https://a.example/")
        assert (visit.blocked, len(visit.exchanges)) == ("rate_limited", 1)
        assert clock.slept == []

    def test_a_long_wait_is_the_cool_down(self, client: Client, wire: ScriptedWire, clock: Any) -> None:
        wire.script = [answer(429, "Retry-After: 36000")]
        visit = client.get("https://a.example/")
        assert isinstance(visit.error, BlockedError)
        assert visit.error.until == pytest.approx(clock.now().timestamp() + 36_000, abs=1)


class TestSecrets:
    def test_are_stripped_from_url_and_referer_with_a_warning(
        self, client: Client, wire: ScriptedWire
    ) -> None:
        wire.script = [PAGE]
        visit = client.get(
            "https://a.example/s?a=1&KEY=hush1&b=2", referer="https://a.example/r?pass_ticket=hush2&c=3#x"
        )
        assert wire.asked == [("https://a.example/s?a=1&b=2", "https://a.example/r?c=3")]
        assert len(visit.warnings) == 2
        assert "hush" not in repr((visit.url, visit.warnings))

    def test_are_not_logged(
        self, client: Client, wire: ScriptedWire, clock: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        wire.script = [
            answer(302, "Location: /2?poc_token=hush&x=hush"),
            failed(clock, "timeout", retryable=False),
        ]
        client.get("https://a.example/s?key=hush&other=hush")
        client.get("https://u:hush@a.example/")
        client.get("https://c.example/?key=hush")
        assert "a.example/s" in caplog.text
        assert "hush" not in caplog.text

    def test_refusals_do_not_show_them(self, client: Client, wire: ScriptedWire) -> None:
        wire.script = [answer(302, "Location: https://c.example/?key=hush")]
        visit = client.get("https://a.example/")
        assert "hush" not in str(visit.error)
        assert isinstance(visit.error, RefusedError)
        assert "hush" not in visit.error.url


def test_a_damaged_state_is_a_warning(
    tmp_path: Path, make: Callable[..., Client], wire: ScriptedWire
) -> None:
    (tmp_path / "pace.sqlite3").write_bytes(b"nonsense" * 1000)
    wire.script = [PAGE]
    visit = make().get("https://a.example/")
    assert visit.error is None
    assert "set aside" in visit.warnings[0]


def test_close_closes_the_wire(make: Callable[..., Client], wire: ScriptedWire) -> None:
    make().close()
    assert wire.closed


def test_end_to_end_over_tls(
    origin: Any,
    mapped: Callable[..., CaptureOptions],
    clock: Any,
    tmp_path: Path,
    host: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The whole client over real sockets: two hosts, cookies set and not returned, nothing secret logged."""
    caplog.set_level(logging.DEBUG)
    origin.say(
        answer(302, "Location: https://other.example.com/b", "Set-Cookie: s=1"),
        answer(307, f"Location: https://{host}/c?poc_token=hush", "Set-Cookie: s=2; Domain=example.com"),
        PAGE,
    )
    client = Client(
        mapped(origin),
        allowed_hosts=["example.com"],
        secret_params=SECRETS,
        is_challenge=challenge,
        state_dir=tmp_path,
        clock=clock,
    )
    visit = client.get(f"https://{host}/a?key=hush")
    client.close()
    assert [one.status for one in visit.exchanges] == [302, 307, 200]
    assert [one.request for one in visit.exchanges] == origin.requests
    assert b"ookie" not in b"".join(origin.requests)
    assert b"hush" not in b"".join(origin.requests)
    assert clock.slept == []
    assert "other.example.com/b" in caplog.text
    assert "hush" not in caplog.text
