"""Pages to trees: hostile input gets a tree or a clear refusal, within 3 s and 500 MB."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from harvester.errors import HostileInputError
from harvester.extraction import guard, worker
from harvester.extraction.tree import parse_html

# Each case is the text of a Python expression, so that a fresh process can build and measure it.
HOSTILE = {
    "100 000 nested tags": ("b'<div>' * 100_000", "refused"),
    "100 000 nested tags, closed": ("b'<div>' * 100_000 + b'</div>' * 100_000", "refused"),
    "400 kB of b and i": ("b'<b><i>' * 66_666", "refused"),
    "124 kB of misnested fonts": ("b'<font a=1><p></i></u>' * 5_900", "either"),
    "fonts that all differ": ("b''.join(b'<font a=%d><p>' % n for n in range(5_900))", "refused"),
    "100 000 attributes": ("b'<p ' + b' '.join(b'a%d=1' % n for n in range(100_000)) + b'>'", "refused"),
    "links never closed": ("b'<a href=x><div>' * 30_000", "refused"),
    "three million NULs": ("b'\\0' * 3_000_000", "tree"),
    "surrogates in UTF-8": ("b'<p>\\xed\\xa0\\x80' * 20_000", "tree"),
    "two encodings in one page": (
        "('<meta charset=utf-8><p>中文'.encode() + '中文段落'.encode('gb18030')) * 1_000",
        "tree",
    ),
    "gb18030 labelled utf-8": (
        "b'<meta charset=utf-8><p>' + '这是一个段落。'.encode('gb18030') * 10_000",
        "tree",
    ),
    "40 MB": ("b'x' * 40_000_000", "refused"),
    "16 MB of small tags": ("b'<p>x</p>' * 2_000_000", "either"),
    "seven million attributes": ("b'<p ' + b'a ' * 7_000_000 + b'>'", "either"),
    "16 MB of bytes that mean nothing": ("b'<meta charset=utf-8>' + b'\\xff' * 16_000_000", "either"),
    "16 MB of Han": ("('<p>' + '文' * 5_000_000).encode()", "tree"),
}
SMALL = (
    "400 kB of b and i",
    "124 kB of misnested fonts",
    "fonts that all differ",
    "100 000 attributes",
    "40 MB",
)

CHILD = """
import json, resource, sys, time
from harvester.errors import HostileInputError
from harvester.extraction.tree import parse_html
body = eval(sys.argv[1])
begun = time.perf_counter()
try:
    parse_html(body)
    answer = "tree"
except HostileInputError as error:
    answer = "refused: " + str(error)
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
# Not ru_maxrss of itself: that begins with what the test's own process held when it started this one.
own_kb = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
print(json.dumps({
    "answer": answer,
    "cpu_s": sum(u.ru_utime + u.ru_stime for u in used),
    "memory_mb": max(own_kb, used[1].ru_maxrss) / 1024,
}))
"""


def run(name: str) -> None:
    source, expected = HOSTILE[name]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, source], capture_output=True, text=True, timeout=60, check=True
    )
    seen = json.loads(done.stdout)
    assert seen["cpu_s"] < 3
    assert seen["memory_mb"] < 500
    answer = seen["answer"]
    assert answer.startswith(("tree", "refused") if expected == "either" else expected)
    if answer != "tree":
        assert "record in the archive" in answer


@pytest.mark.parametrize("name", SMALL)
def test_hostile_pages_are_answered_within_the_limits(name: str) -> None:
    """Processor time and peak memory of a whole process that reads the page."""
    run(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in SMALL])
def test_more_hostile_pages_are_answered_within_the_limits(name: str) -> None:
    """The same for the rest."""
    run(name)


def test_a_doubtful_page_that_is_cheap_is_read_after_a_trial() -> None:
    """Doubt is not a verdict: 250 levels exceed the proof, not the limit."""
    html = b"<div>" * 250 + b"x" + b"</div>" * 250
    assert guard.doubt(html) is not None
    assert parse_html(html).root.text() == "x"


def test_a_page_deeper_than_the_limit_is_refused_with_the_reason() -> None:
    """The worker measures the depth of the tree it built."""
    with pytest.raises(HostileInputError, match=f"deeper than {worker.MAX_DEPTH}"):
        parse_html(b"<div>" * 2000 + b"x")


def test_the_limits_of_guard_and_worker_agree() -> None:
    """The child imports nothing of ours, so the number stands twice."""
    assert worker.MAX_DEPTH == guard.MAX_DEPTH


def test_nulls_and_damage_are_kept_visible() -> None:
    """A NUL in an attribute becomes U+FFFD, one in the text vanishes (HTML Standard 13.2.5); none crash."""
    tree = parse_html(b'<p title="a\0b">c\0d\xff</p>', "text/html; charset=utf-8")
    node = tree.root.css_first("p")
    assert node is not None
    assert (node.attributes["title"], node.text()) == ("a\ufffdb", "cd\ufffd")
    assert tree.replaced == 1


def test_an_empty_page_has_a_tree() -> None:
    """No bytes, no error."""
    tree = parse_html(b"")
    assert (tree.root.tag, tree.html, tree.encoding) == ("html", "", "utf-8")
