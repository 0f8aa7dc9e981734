"""Ray over two machines that are truly two: address, name, processes and /tmp/ray are each one's own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from benchmarks.rebuild import WECHAT, write
from benchmarks.scale.measure import captures, sized
from harvester.rebuild import Options, rebuild
from tests.rebuild.conftest import contents

pytest.importorskip("ray", reason="SKIPPED: Ray is not installed (extra `ray`)")
pytestmark = [
    pytest.mark.slow,  # network namespaces, which need root, and Ray begun twice
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # warcio leaves its buffers to the collector
]

FIRST, SECOND = "198.51.100.1", "198.51.100.2"
"""Addresses that belong to nobody (RFC 5737), on a cable between two namespaces and nowhere else."""
TOOLS: Final = ("ip", "unshare", "nsenter")


class Machine:
    """A network namespace with a first process; all that runs in it ends with that one."""

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self._home = home
        self._keeper: subprocess.Popen[bytes] | None = None
        (home / ".ray").mkdir(parents=True)
        said = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
        if said.returncode:
            pytest.skip(f"SKIPPED: no network namespaces here: {said.stderr.strip()}")

    def boot(self, address: str) -> None:
        cable = [f"addr add {address}/30 dev eth0", "link set lo up", "link set eth0 up"]
        for line in cable:
            subprocess.run(["ip", "-n", self.name, *line.split()], check=True)
        Path("/tmp/ray").mkdir(exist_ok=True)  # Ray's own; each machine has another over it
        own = "mount -t tmpfs tmpfs /tmp/ray && mount -t tmpfs tmpfs /dev/shm && hostname $0"
        apart = ["unshare", "--uts", "--ipc", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        self._keeper = subprocess.Popen(
            [
                "ip",
                "netns",
                "exec",
                self.name,
                *apart,
                "sh",
                "-c",
                f"{own} && echo up && exec sleep 600",
                self.name,
            ],
            stdout=subprocess.PIPE,
        )
        assert self._keeper.stdout
        assert self._keeper.stdout.readline() == b"up\n"
        pid = self._keeper.pid
        self._init = int(Path(f"/proc/{pid}/task/{pid}/children").read_text())

    def command(self, *words: str) -> list[str]:
        """Return what runs a program of this environment on the machine."""
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        here = [f"HOME={self._home}", "RAY_AUTH_MODE=token", f"PATH={path}"]
        return ["nsenter", f"--target={self._init}", "-n", "-m", "-u", "-i", "-p", "env", *here, *words]

    def run(self, *words: str) -> None:
        done = subprocess.run(self.command(*words), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def does(self, title: str) -> bool:
        """Tell whether a process of that title runs on the machine."""
        return (
            title
            in subprocess.run(
                self.command("ps", "-eo", "args"), capture_output=True, text=True, check=False
            ).stdout
        )

    def power_off(self) -> None:
        """Kill all its processes at once, as often as you like."""
        if self._keeper is None:
            return
        os.kill(self._init, signal.SIGKILL)
        self._keeper.communicate()
        self._keeper = None

    def remove(self) -> None:
        """Its cable goes with it, and then the other machine has no address."""
        subprocess.run(["ip", "netns", "delete", self.name], check=True)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    """Two machines, and a cable between them."""
    if os.geteuid() != 0 or not all(map(shutil.which, TOOLS)):
        pytest.skip(f"SKIPPED: needs root and {', '.join(TOOLS)} (iproute2, util-linux)")
    first, second = (Machine(f"harvester-{n}-{os.getpid()}", tmp_path / f"home-{n}") for n in (1, 2))
    cable = f"ip -n {first.name} link add eth0 type veth peer name eth0 netns {second.name}"
    subprocess.run(cable.split(), check=True)
    try:
        first.boot(FIRST)
        second.boot(SECOND)
        yield first, second
    finally:
        for machine in (second, first):
            machine.power_off()
            machine.remove()


def test_two_machines_and_the_second_lost(machines: tuple[Machine, Machine], tmp_path: Path) -> None:
    """As docs/scale.md says it. The second machine is powered off with files in hand: the first does them.

    The output is the local engine's, and the same command again does nothing twice.
    """
    first, second = machines
    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(12):
        write(folder / f"{n:03}.warc.gz", captures(WECHAT, sized(0, 40), n * 100), n * 100)
    rebuild([folder], tmp_path / "expected", Options(format="jsonl"))
    first.run("ray", "get-auth-token", "--generate")
    token = ".ray/auth_token"
    shutil.copy(tmp_path / "home-1" / token, tmp_path / "home-2" / token)
    start = ("ray", "start", "--num-cpus=1", "--disable-usage-stats")
    first.run(*start, "--head", f"--node-ip-address={FIRST}", "--port=6379", "--include-dashboard=false")
    second.run(*start, f"--address={FIRST}:6379", f"--node-ip-address={SECOND}")
    out = tmp_path / "out"
    words = f"harvester rebuild {folder} --output {out} --format jsonl --engine ray --address auto"
    command = first.command(*words.split())
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as driver:
        while not (list((out / "units").glob("*.json")) and second.does("ray::_do")):
            assert driver.poll() is None, driver.communicate()[1]
            time.sleep(0.02)
        second.power_off()
        said = driver.communicate()[1]
    assert driver.returncode == 0, said
    assert contents(out) == contents(tmp_path / "expected")
    done = {path: path.stat().st_ino for path in (out / "documents").iterdir()}
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert {path: path.stat().st_ino for path in done} == done
