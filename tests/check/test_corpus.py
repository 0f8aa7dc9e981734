"""Files of other projects' test suites: the verdict is what each file's name says."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.check import Check, Report

FOLDER = Path(os.environ.get("HARVESTER_CORPUS", Path(__file__).parents[3] / "shared/corpus")) / "warc"
BROKEN_WORDS = ("invalid", "-trunc.", "wrong-chunks", "bad-non-chunked")
"""What names that speak of damage contain. A `bad-target-uri` is Wget's brackets: one reading, a warning."""
# "blackbook-truncated.arc" is cut between two records, which leaves no trace in the file: it counts as sound.
BROKEN_ALL_THE_SAME = {"link-extraction-test": {"E015", "E008"}, "example-digest": {"E032"}}
"""Names that say nothing of it: records without ids and with wrong lengths; a digest that is none."""


def _says_broken(name: str) -> bool:
    return any(word in name for word in BROKEN_WORDS)


@pytest.mark.corpus
def test_verdicts_are_what_the_names_say(show: Callable[[str], None]) -> None:
    """invalid and broken: damaged. valid and plain examples: no error. Fast, small, never a traceback."""
    if not FOLDER.is_dir():
        pytest.skip(f"no corpus of WARC files at {FOLDER} (set HARVESTER_CORPUS)")
    lines, wrong = [], []
    for path in sorted(FOLDER.iterdir()):
        report = Report()
        began = time.monotonic()
        with Check(report) as check:
            check.path(path)
        took = time.monotonic() - began
        short = path.name.rpartition("resources_")[2]
        known = next((codes for word, codes in BROKEN_ALL_THE_SAME.items() if word in path.name), None)
        expected = _says_broken(path.name) or known is not None
        if report.damaged != expected or took > 20 or (known and not known <= set(report.counts)):
            wrong.append(path.name)
        counts = " ".join(f"{code}×{count}" for code, count in sorted(report.counts.items()))
        lines.append(
            f"{'damaged' if report.damaged else 'sound':8}{report.records:5} {short[-64:]:64} {counts}"
        )
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    show("\n".join((*lines, f"peak of this process: {peak_mb:.0f} MB")))
    assert not wrong


_MEASURED = """
import re, sys
from pathlib import Path
from harvester.cli.app import run
codes = [run(["check", "--json", path]) for path in sys.argv[1:]]
# Not ru_maxrss: that also counts what the parent had when it started this process.
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024
print(peak, sorted(set(codes)), file=sys.stderr)
"""


@pytest.mark.corpus
def test_memory_stays_small_and_nothing_is_thrown() -> None:
    """All files through the command, in a process that measures itself: under 200 MB, exit 0 or 1."""
    if not FOLDER.is_dir():
        pytest.skip(f"no corpus of WARC files at {FOLDER} (set HARVESTER_CORPUS)")
    command = [sys.executable, "-c", _MEASURED, *sorted(map(str, FOLDER.iterdir()))]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr
    peak_mb, codes = done.stderr.splitlines()[-1].split(" ", 1)
    assert codes == "[0, 1]"
    assert int(peak_mb) < 200


@pytest.mark.corpus
def test_salvage_of_the_corpus_is_clean(tmp_path: Path) -> None:
    """What is salvaged of all these files together has no damage left."""
    if not FOLDER.is_dir():
        pytest.skip(f"no corpus of WARC files at {FOLDER} (set HARVESTER_CORPUS)")
    from datetime import UTC, datetime

    from archive.check import Salvage

    out = tmp_path / "saved.warc.gz"
    with (
        Salvage(out, software="test/1", now=lambda: datetime(2026, 1, 1, tzinfo=UTC)) as saved,
        Check(Report(), salvage=saved) as check,
    ):
        check.path(FOLDER)
    again = Report()
    with Check(again) as check:
        check.path(out)
    assert again.records == saved.copied + 1
    damage = {code for code in again.counts if code.startswith("E")}
    assert damage <= {"E021", "E022", "E023", "E040", "E041", "E042"}  # said of bytes that are all there
    assert saved.copied > 500
