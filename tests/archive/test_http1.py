"""Where a message ends: the rules of RFC 9112, whatever way the bytes are cut."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.errors import HttpMessageError
from archive.http1 import MAX_HEAD_BYTES, Framer, parse_head, parse_response

TOKENS = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-_", min_size=1, max_size=12)
VALUES = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20
)
NEUTRAL = TOKENS.filter(lambda name: name.lower() not in {"content-length", "transfer-encoding"})
FIELDS = st.lists(st.tuples(NEUTRAL, VALUES), max_size=6)


def head(status: str, fields: list[tuple[str, str]]) -> bytes:
    lines = [status, *(f"{name}: {value}" for name, value in fields), "", ""]
    return "\r\n".join(lines).encode("latin-1")


@st.composite
def messages(draw: st.DrawFn) -> tuple[bytes, bytes, str]:
    """A well-formed response, its payload and its framing."""
    fields = draw(FIELDS)
    payload = draw(st.binary(max_size=200))
    framing = draw(st.sampled_from(["length", "chunked", "close"]))
    interim = draw(
        st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early\r\nA: b\r\n\r\n"])
    )
    if framing == "length":
        return (
            interim + head("HTTP/1.1 200 OK", [*fields, ("Content-Length", str(len(payload)))]) + payload,
            payload,
            framing,
        )
    if framing == "close":
        return interim + head("HTTP/1.1 200 OK", fields) + payload, payload, framing
    cuts = sorted(draw(st.lists(st.integers(0, len(payload)), max_size=4)))
    pieces = [payload[a:b] for a, b in zip([0, *cuts], [*cuts, len(payload)], strict=True)]
    ext = draw(st.sampled_from([b"", b";a=b", b" ", b' ;q="x y"']))
    body = b"".join(b"%x%s\r\n%s\r\n" % (len(piece), ext, piece) for piece in pieces if piece)
    trailers = draw(st.sampled_from([b"", b"X-T: 1\r\n", b"A: b\r\nC: d\r\n"]))
    coding = draw(st.sampled_from(["chunked", "Chunked", "CHUNKED", "identity, chunked"]))
    block = (
        head("HTTP/1.1 200 OK", [*fields, ("Transfer-Encoding", coding)])
        + body
        + b"0\r\n"
        + trailers
        + b"\r\n"
    )
    return interim + block, payload, framing


@given(messages(), st.binary(max_size=30))
def test_payload_round_trips(message: tuple[bytes, bytes, str], surplus: bytes) -> None:
    """A well-formed message gives its payload back; what follows a delimited one is surplus."""
    block, payload, framing = message
    if framing == "close":
        surplus = b""
    read = parse_response(block + surplus)
    assert (read.payload, read.framing, read.complete, read.surplus) == (payload, framing, True, len(surplus))
    assert read.problems == ()


def facts(block: bytes, cuts: list[int], method: str) -> tuple[object, ...]:
    payload = bytearray()
    framer = Framer(method, sink=payload.extend)
    used = 0
    edges = [0, *sorted(min(cut, len(block)) for cut in cuts), len(block)]
    for start, end in pairwise(edges):
        used += framer.feed(block[start:end])
    framer.eof()
    return (
        used, framer.complete, framer.head, framer.framing, framer.problem, framer.problems,
        framer.interim, framer.trailers, framer.body_offset, bytes(payload),
    )  # fmt: skip


FRAGMENTS = st.sampled_from(
    [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 204 \r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"Content-Length: 5\r\n",
     b"Content-Length: 6, 5\r\n", b"Transfer-Encoding: chunked\r\n", b"\r\n", b"\n", b"\r", b"5\r\nhello\r\n",
     b"0\r\n\r\n", b"5;x\r\n", b" folded\r\n", b"A: b\r\n", b"a b: c\r\n", b"hello", b"\0",
     b"0\r\nT: u\r\n\r\n"]
)  # fmt: skip


@settings(max_examples=300)
@given(
    st.one_of(
        messages().map(lambda found: found[0]),
        st.lists(FRAGMENTS, max_size=12).map(b"".join),
        st.binary(max_size=60),
    ),
    st.lists(st.integers(0, 400), max_size=8),
    st.sampled_from(["GET", "HEAD"]),
)
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX", [50], "GET")
def test_any_split_gives_the_same_answer(block: bytes, cuts: list[int], method: str) -> None:
    """How the bytes arrive does not matter, for good, broken and random messages alike."""
    whole = facts(block, [], method)
    assert facts(block, cuts, method) == whole
    assert facts(block, list(range(len(block))), method) == whole


@given(st.binary(max_size=300))
def test_any_bytes_give_an_answer_or_the_one_error(block: bytes) -> None:
    for data in (block, b"HTTP/1.1 200 OK\r\n" + block):
        try:
            read = parse_response(data)
        except HttpMessageError:
            continue
        assert len(read.payload) <= len(data)


def ok(*fields: str, body: bytes = b"", status: str = "HTTP/1.1 200 OK") -> bytes:
    return "\r\n".join([status, *fields, "", ""]).encode("latin-1") + body


TE = "Transfer-Encoding: chunked"
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("block", "framing", "complete", "problems", "payload", "surplus"),
    [
        (ok(*["content-LENGTH: 1"] * 2, body=b"a"), "length", True, ("repeated-length",), b"a", 0),
        (ok("Content-Length: 3, 3", body=b"abc"), "length", True, ("repeated-length",), b"abc", 0),
        (ok("Content-Length: 3, 03", body=b"abc"), "length", True, ("repeated-length",), b"abc", 0),
        (ok("Content-Length: 3", "Content-Length: 4", body=b"a"), "close", False, ("two-lengths",), b"", 0),
        (ok("Content-Length: -1", body=b"a"), "close", False, ("bad-length",), b"", 0),
        (ok("Content-Length: 0x1", body=b"a"), "close", False, ("bad-length",), b"", 0),
        (ok("Content-Length: \xb2", body=b"a"), "close", False, ("bad-length",), b"", 0),
        (ok("Content-Length: " + "9" * 30, body=b"a"), "close", False, ("bad-length",), b"", 0),
        (ok("Content-Length:", body=b"a"), "close", False, ("bad-length",), b"", 0),
        (ok("Content-Length: 5", body=b"abc"), "length", False, ("truncated",), b"abc", 0),
        (ok("Content-Length: 2", body=b"abc"), "length", True, (), b"ab", 1),
        (
            ok("Content-Length: 9", TE, body=b"1\r\na\r\n0\r\n\r\n"),
            "chunked", True, ("length-and-chunked",), b"a", 0,
        ),
        (ok(TE + ", chunked", body=b"a"), "close", False, ("bad-transfer-encoding",), b"", 0),
        (ok(TE + ", gzip", body=b"a"), "close", False, ("bad-transfer-encoding",), b"", 0),
        (ok("Transfer-Encoding: gzip", body=b"a"), "close", True, ("transfer-coding",), b"a", 0),
        (
            ok("Transfer-Encoding: gzip", TE, body=b"1\r\na\r\n0\r\n\r\n"),
            "chunked", True, ("transfer-coding",), b"a", 0,
        ),
        (
            ok("Transfer-Encoding: identity", "Content-Length: 1", body=b"ab"),
            "close", True, ("length-and-chunked",), b"ab", 0,
        ),
        (ok(body=b"abc"), "close", True, (), b"abc", 0),
        (ok("Content-Length: 3", status="HTTP/1.1 304 Not Modified", body=b"abc"), "none", True, (), b"", 3),
        (ok(status="HTTP/1.1 204 No Content"), "none", True, (), b"", 0),
        (ok("Content-Length: 1", status="HTTP/2 200", body=b"a"), "length", True, ("http-version",), b"a", 0),
        (ok(TE, body=b"1\na\r\n0\r\n\r\n"), "chunked", False, ("bad-chunk",), b"", 0),
        (ok(TE, body=b"1\r\nab\r\n0\r\n\r\n"), "chunked", False, ("bad-chunk",), b"a", 0),
        (ok(TE, body=b"-1\r\n"), "chunked", False, ("bad-chunk",), b"", 0),
        (ok(TE, body=b"1" * 17 + b"\r\n"), "chunked", False, ("bad-chunk",), b"", 0),
        (ok(TE, body=b"1;" + b"x" * 9000 + b"\r\n"), "chunked", False, ("bad-chunk",), b"", 0),
        (ok(TE, body=b"0\r\n\r\nrest"), "chunked", True, (), b"", 4),
        (ok(TE, body=b"0\r\nno colon\r\n\r\n"), "chunked", True, ("bad-trailer",), b"", 0),
        (
            ok(TE, body=b"0\r\n" + b"a: b\r\n" * 12000),
            "chunked", False, ("trailers-too-large",), b"", 0,
        ),
    ],
)  # fmt: skip
def test_framing_by_the_rfc(
    block: bytes, framing: str, complete: bool, problems: tuple[str, ...], payload: bytes, surplus: int
) -> None:
    """RFC 9112 §6.3, case by case; a fault is named, and what came before it is still given."""
    read = parse_response(block)
    assert (read.framing, read.complete, read.problems) == (framing, complete, problems)
    assert (read.payload, read.surplus) == (payload, surplus)


def test_a_response_to_head_has_no_body() -> None:
    read = parse_response(ok("Content-Length: 500"), "HEAD")
    assert (read.complete, read.payload, read.problems) == (True, b"", ())


def test_trailers_are_given() -> None:
    read = parse_response(ok(TE, body=b"0\r\nX-Sum: 1\r\n  more\r\nY: 2\r\n\r\n"))
    assert read.trailers == (("X-Sum", "1 more"), ("Y", "2"))


def test_interim_heads_come_before_the_final_one() -> None:
    """1xx responses belong to the exchange; the final head counts (RFC 9110 §15.2)."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    block = b"HTTP/1.1 100 Continue\r\n\r\n" + early + ok("Content-Length: 1", body=b"x")
    read = parse_response(block)
    assert [one.status for one in read.interim] == [100, 103]
    assert (read.head.status, read.payload) == (200, b"x")
    framer = Framer()
    framer.feed(block)
    assert framer.body_offset == len(block) - 1


def test_switching_protocols_is_final() -> None:
    """A 101 that nobody asked for is the last head: what follows is not HTTP."""
    assert parse_response(b"HTTP/1.1 101 Switching\r\n\r\nxyz").framing == "close"


def test_endless_interim_heads_are_given_up() -> None:
    framer = Framer()
    framer.feed(b"HTTP/1.1 100 Continue\r\n\r\n" * 50)
    assert framer.problem == "too-many-interim"


class TestHead:
    def test_as_on_the_wire(self) -> None:
        """Names keep case, order and repetition; values lose the blanks around and keep each byte."""
        fields = b"A:1\r\nb-B:  x y \t\r\nA: caf\xe9\r\nEmpty:\r\nF: 1\r\n\t 2\r\n"
        data = b"HTTP/1.1 200 Fine  thing\r\n" + fields + b"\r\nbody"
        found = parse_head(data)
        assert found.fields == (("A", "1"), ("b-B", "x y"), ("A", "café"), ("Empty", ""), ("F", "1 2"))
        assert (found.status, found.reason, found.protocol) == (200, "Fine  thing", "HTTP/1.1")
        assert data[found.size :] == b"body"
        assert found.get("a") == "1"
        assert found.get_all("a") == ["1", "café"]
        assert found.get("none") is None

    def test_of_a_request(self) -> None:
        found = parse_head(b"GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (found.start_line, found.status, found.reason) == ("GET /a?b HTTP/1.1", None, None)
        assert found.get("host") == "x"

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\r\n\r\n",
            OK + b"",
            b"HTTP/1.1 20 OK\r\n\r\n",
            b"HTTP/1.1  200 OK\r\n\r\n",
            b"HTTP/1.1 2000 OK\r\n\r\n",
            b"http/1.1 200 OK\r\n\r\n",
            b"HTTP/11 200 OK\r\n\r\n",
            b"GET / HTTP\r\n\r\n",
            OK + b"A\r\n\r\n",
            OK + b"A : b\r\n\r\n",
            OK + b": b\r\n\r\n",
            OK + b" fold\r\n\r\n",
            OK + b"A: b\rc\r\n\r\n",
            OK + b"A: \0\r\n\r\n",
            OK + b"A: " + b"x" * MAX_HEAD_BYTES + b"\r\n\r\n",
            b"HTTP/1.1 200 O\rK\r\n\r\n",
        ],
    )
    def test_what_is_refused(self, data: bytes) -> None:
        with pytest.raises(HttpMessageError):
            parse_head(data)
        with pytest.raises(HttpMessageError):
            parse_response(data)

    @given(FIELDS)
    def test_fields_round_trip(self, fields: list[tuple[str, str]]) -> None:
        assert parse_head(head("HTTP/1.1 200 OK", fields)).fields == tuple(fields)


def test_time_is_linear_in_the_bytes_however_split() -> None:
    """Four times the bytes, one by one, take about four times as long: far below the sixteen of a square."""

    def seconds(chunks: int) -> float:
        block = ok(TE, *(["X: y"] * 500), body=b"8\r\n01234567\r\n" * chunks)
        best = 9.9
        for _ in range(3):
            framer = Framer(sink=lambda _: None)
            start = time.process_time()
            for at in range(len(block)):
                framer.feed(block[at : at + 1])
            best = min(best, time.process_time() - start)
        return best

    assert seconds(12_000) < 8 * seconds(3_000)
