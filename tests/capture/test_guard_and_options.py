"""Which hosts and addresses are allowed, and what the options accept."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.capture.guard import Guard, forbidden_network, permitted_addresses
from harvester.capture.options import CaptureOptions, ConnectTo
from harvester.errors import RefusedError, UsageError


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "198.18.0.1",
            "198.19.255.255",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "198.51.100.1",
            "203.0.113.1",
            "192.88.99.1",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "2001::1",
            "2001:db8::1",
            "100::1",
            "3fff::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "fe80::1%eth0",
            "fec0::1",
            "ff02::1",
            "",
            "example.com",
            "127.1",
            "0x7f000001",
            "2130706433",
        ],
    )
    def test_not_public(self, address: str) -> None:
        assert forbidden_network(address) is not None

    @pytest.mark.parametrize(
        "address",
        [
            "8.8.8.8",
            "1.2.3.4",
            "203.205.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "198.20.0.1",
            "240e:ff::1",
            "2408:8700::1",
            "2606:4700::1",
        ],
    )
    def test_public(self, address: str) -> None:
        assert forbidden_network(address) is None

    @given(st.ip_addresses())
    def test_nothing_that_python_calls_private_passes(
        self, address: ipaddress.IPv4Address | ipaddress.IPv6Address
    ) -> None:
        if forbidden_network(str(address)) is None:
            assert address.is_global
            assert not address.is_multicast
            assert not address.is_private

    @given(st.ip_addresses(v=4))
    def test_no_ipv4_passes_in_a_wrapper(self, address: ipaddress.IPv4Address) -> None:
        for prefix in ("::ffff:", "64:ff9b::", "::"):
            assert forbidden_network(f"{prefix}{address}") is not None
        assert forbidden_network(f"2002:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}::1") is not None

    def test_the_public_ones_of_several_are_kept(self) -> None:
        found = permitted_addresses(("10.0.0.1", "8.8.8.8"), host="a.example", url="https://a.example/")
        assert found == ("8.8.8.8",)

    def test_none_left_is_refused_with_the_reason(self) -> None:
        with pytest.raises(RefusedError, match=r"10\.0\.0\.0/8.*--connect-to") as caught:
            permitted_addresses(("10.0.0.1",), host="a.example", url="https://a.example/")
        assert caught.value.reason == "peer"


class TestHosts:
    @pytest.mark.parametrize(
        "url", ["https://a.example/", "https://b.a.example/", "https://c.b.a.example:99/", "http://9.9.9.9/"]
    )
    def test_allowed(self, url: str) -> None:
        Guard.of(["A.example", "9.9.9.9"]).check(url)

    @pytest.mark.parametrize(
        "url",
        [
            "https://example/",
            "https://xa.example/",
            "https://a.example.evil.example/",
            "http://1.9.9.9.9/",
            "https://127.0.0.1/",
            "http://[::1]/",
        ],
    )
    def test_refused(self, url: str) -> None:
        with pytest.raises(RefusedError) as caught:
            Guard.of(["A.example", "9.9.9.9"]).check(url)
        assert caught.value.reason == "host"


class TestConnectTo:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a.example:443:127.0.0.1:8443", ConnectTo("a.example", 443, "127.0.0.1", 8443)),
            ("::127.0.0.1:8443", ConnectTo(None, None, "127.0.0.1", 8443)),
            ("a.example:::", ConnectTo("a.example", None, None, None)),
            (":::", ConnectTo(None, None, None, None)),
            (":443::8443", ConnectTo(None, 443, None, 8443)),
            ("A.Example:443:B.example:", ConnectTo("a.example", 443, "b.example", None)),
            ("a.example:443:[::1]:8443", ConnectTo("a.example", 443, "::1", 8443)),
            ("[2001:db8::1]:443:[::1]:8443", ConnectTo("2001:db8::1", 443, "::1", 8443)),
            ("::[::1]:", ConnectTo(None, None, "::1", None)),
        ],
    )
    def test_parse(self, text: str, expected: ConnectTo) -> None:
        """As curl's --connect-to: empty parts match any, or keep the request's own."""
        assert ConnectTo.parse(text) == expected
        assert ConnectTo.parse(str(expected)) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "a",
            "a:1:b",
            "a:1:b:2:c",
            "a:x:b:2",
            "a:0:b:2",
            "a:99999:b:2",
            "a:1:b:-2",
            "a:1:::1:2",
            "[::1:1:b:2",
            "a:1:[b]c:2",
            "a:1:b c:2",
            "a:١:b:2",
        ],
    )
    def test_refused(self, text: str) -> None:
        with pytest.raises(UsageError):
            ConnectTo.parse(text)

    @pytest.mark.parametrize(
        ("text", "loopback"),
        [
            ("::127.0.0.1:1", True),
            ("::127.8.8.8:", True),
            ("::[::1]:1", True),
            ("::localhost:1", True),
            ("::10.0.0.1:1", False),
            (":::1", False),
            ("::b.example:1", False),
        ],
    )
    def test_loopback(self, text: str, loopback: bool) -> None:
        assert ConnectTo.parse(text).is_loopback is loopback

    def test_the_first_match_counts(self) -> None:
        entries = tuple(ConnectTo.parse(text) for text in ("a.example:443:1.1.1.1:", "a.example::2.2.2.2:"))
        options = CaptureOptions(connect_to=entries)
        assert options.mapping("a.example", 443) is entries[0]
        assert options.mapping("a.example", 80) is entries[1]
        assert options.mapping("b.a.example", 443) is None


class TestOptions:
    def test_the_user_agent_names_us(self) -> None:
        agent = CaptureOptions(contact="https://archive.example/about").user_agent
        assert agent.startswith("Mozilla/5.0 (compatible; Harvester/")
        assert agent.endswith("; +https://archive.example/about)")

    def test_hosts_are_normalised(self) -> None:
        assert CaptureOptions(allow_hosts=("A.Example.",)).allow_hosts == ("a.example",)

    @pytest.mark.parametrize(
        "change",
        [
            {"max_response_bytes": 0},
            {"total_timeout_s": 0},
            {"read_timeout_s": -1},
            {"attempts": 0},
            {"total_timeout_s": float("nan")},
            {"max_redirects": -1},
            {"page_interval_s": 4.9},
            {"contact": "a\r\nX: y"},
            {"contact": ""},
            {"contact": "é"},
            {"accept_encoding": "gzip, compress"},
            {"accept_encoding": "gzip\n"},
            {"allow_hosts": ("not a host",)},
            {"extra_headers": (("Cookie", "a=b"),)},
            {"extra_headers": (("AUTHORIZATION", "x"),)},
            {"extra_headers": (("X Y", "x"),)},
        ],
    )
    def test_what_is_refused(self, change: dict[str, object]) -> None:
        with pytest.raises(UsageError):
            CaptureOptions(**change)  # type: ignore[arg-type]

    def test_ca_file_is_a_path(self) -> None:
        assert CaptureOptions(ca_file=Path("x.pem")).ca_file == Path("x.pem")
