"""Hostile pages end to end, each in a fresh process: an answer or a clear refusal, within 3 s and 500 MB."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

MAX_CPU_S = 3.0
MAX_WALL_S = 20.0  # a busy machine; a hang is caught by it all the same
MAX_MEMORY_KB = 500_000

# What the process itself says at its end: the ru_maxrss that wait4 gives begins with what the test's own
# process held when it started this one.
PEAK = """
import atexit, resource

def peak():
    own = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    open("peak", "w").write(str(max(own, children)))

atexit.register(peak)
"""
LIBRARY = (
    PEAK
    + """
import sys
from harvester import extract
from harvester.document import to_bytes
with open(sys.argv[1], "rb") as stream:
    found = extract(stream.read(), "https://mp.weixin.qq.com/s/FixtureArticle00000001")
sys.stdout.buffer.write(to_bytes(found))
"""
)
COMMAND = (
    PEAK
    + """
import sys
from harvester.cli import main
main()
"""
)
COMMANDS = {
    "library": [sys.executable, "-c", LIBRARY],
    "command": [sys.executable, "-c", COMMAND, "extract"],
}


@dataclass(frozen=True)
class Run:
    """What a process cost and gave; the costs include the trial in a child of its own."""

    code: int
    cpu_s: float
    memory_kb: int
    output: bytes
    errors: str


def run(command: list[str], folder: Path) -> Run:
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, start_new_session=True, cwd=folder)
        deadline = time.monotonic() + MAX_WALL_S
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                os.killpg(process.pid, signal.SIGKILL)
            time.sleep(0.01)  # the process is real, and so is its time
        process.returncode = os.waitstatus_to_exitcode(status)
    return Run(
        process.returncode,
        usage.ru_utime + usage.ru_stime,
        int((folder / "peak").read_text()) if (folder / "peak").exists() else 0,
        (folder / "out").read_bytes(),
        (folder / "err").read_text("utf-8", "replace"),
    )


@pytest.mark.skipif(not hasattr(os, "wait4") or sys.platform != "linux", reason="counts memory as Linux does")
@pytest.mark.parametrize("way", ["command", pytest.param("library", marks=pytest.mark.slow)])
def test_an_answer_or_a_refusal_in_time(way: str, hostile: bytes, tmp_path: Path) -> None:
    """No page costs more than 3 s of processor time or 500 MB, ends in a traceback, or says nothing."""
    file = tmp_path / "page.html"
    file.write_bytes(hostile)
    done = run([*COMMANDS[way], str(file)], tmp_path)
    assert "Traceback" not in done.errors
    if done.output:
        state = json.loads(done.output)["state"]
        assert state
        assert done.code == 0 or way == "command"
    else:  # the command refuses what is no page at all
        assert way == "command"
        assert done.errors.strip()
        assert done.code not in {0, 1}
    assert done.code >= 0, f"killed by signal {-done.code}: {done.errors[-300:]}"
    assert done.cpu_s <= MAX_CPU_S
    assert done.memory_kb <= MAX_MEMORY_KB
