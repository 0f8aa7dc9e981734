"""What `harvester schedule` prints is what the systems accept."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harvester.watch import units

WHAT = units.Installed(
    program=Path(sys.executable),
    config=Path("/srv/my watch/100% of it/harvester.toml"),
    archive=Path("/srv/archive"),
    state=Path("/srv/state"),
    writes=(Path("/srv/public feeds"),),
    inbox=(Path("/srv/in box"),),
    variables=("HOOK_SECRET",),
)


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="NOT VERIFIED: systemd-analyze is not there"
)
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """`systemd-analyze verify` has nothing to say of service and timer, blanks and per cents included."""
    for name, text in units.systemd(WHAT).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    paths = [str(tmp_path / name) for name in units.systemd(WHAT)]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if "harvester" in line]
    assert not said, done.stderr


def test_the_service_may_write_feeds_and_read_secrets() -> None:
    """What the configuration writes to is not read-only; secrets come from a file of their own."""
    service = units.systemd(WHAT)["harvester.service"]
    assert '"/srv/public feeds" "-/srv/in box"' in service
    assert "(HOOK_SECRET)" in service
    assert "EnvironmentFile=-%E/harvester.env" in service


def test_what_was_missed_is_made_up_for() -> None:
    """The timer is persistent and does not strike at the same second everywhere."""
    timer = units.systemd(WHAT)["harvester.timer"]
    assert "Persistent=true" in timer
    assert "RandomizedDelaySec=" in timer


def test_cron_escapes_what_it_would_read() -> None:
    """A per cent sign ends a command in a crontab; blanks are quoted."""
    line = units.cron(WHAT)
    assert r"100\% of it" in line
    assert line.startswith("*/10 * * * * ")
    assert line.count("\n") == 1


def test_the_property_list_is_one() -> None:
    """launchd's list reads back to the words that it is to run."""
    read = plistlib.loads(units.launchd(WHAT).encode())
    assert read["ProgramArguments"] == [str(WHAT.program), "run", str(WHAT.config)]
    assert read["StartInterval"] == 600


def test_windows_calls_it_within_wsl() -> None:
    """There, the program runs inside Linux."""
    assert "wsl.exe" in units.windows(WHAT)
