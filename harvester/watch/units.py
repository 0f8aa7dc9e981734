"""What to install so that the watch runs by itself: systemd, cron, launchd, Windows. Pure: text out."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import msgspec

from harvester.shards import Shard

_EVERY_MIN: Final = 10


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """What runs: the program (absolute), the configuration, the archive, where state lies, which shard.

    `writes` are further folders that it writes to (feeds, a log), `inbox` those that people drop files into
    and that files are put aside in, which may be absent for a while; `variables` those that hold its secrets.
    """

    program: Path
    config: Path
    archive: Path
    state: Path
    shard: Shard | None = None
    writes: tuple[Path, ...] = ()
    inbox: tuple[Path, ...] = ()
    variables: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words that call it."""
        share = ("--shard", str(self.shard)) if self.shard else ()
        return (str(self.program), "run", str(self.config), *share)


def systemd(what: Installed) -> dict[str, str]:
    """Return a service and its timer, by file name.

    `Persistent` makes up for what was missed while the machine was off; the random delay keeps machines from
    asking at the same second.
    """
    command = " ".join(_unit(word) for word in what.arguments)
    needed = [str(path) for path in (what.archive, what.state, *what.writes)]
    # `-`: the service starts without it, too (systemd.exec(5)).
    places = " ".join(_unit(place) for place in (*needed, *(f"-{path}" for path in what.inbox)))
    secrets = (
        f"\n# What holds secrets ({', '.join(what.variables)}): in a file that only its user can read.\n"
        "EnvironmentFile=-%E/harvester.env"
        if what.variables
        else ""
    )
    service = f"""[Unit]
Description=Harvester: look at what is due
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={command}
Environment={_unit(f"HARVESTER_STATE={what.state}")}{secrets}
# A negative answer (1), a blocked host (3), an unknown page (4) are answers, not failures of the unit.
SuccessExitStatus=1 3 4
TimeoutStartSec=infinity
TimeoutStopSec=5min
KillMode=mixed
Nice=10
# All must be there: call `harvester run` once by hand first.
ReadWritePaths={places}
ProtectSystem=strict
PrivateTmp=yes
PrivateDevices=yes
NoNewPrivileges=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
LockPersonality=yes
SystemCallArchitectures=native
CapabilityBoundingSet=
UMask=0077
"""
    timer = f"""[Unit]
Description=Harvester: look every {_EVERY_MIN} minutes at what is due

[Timer]
OnCalendar=*:0/{_EVERY_MIN}
RandomizedDelaySec=2min
Persistent=true

[Install]
WantedBy=timers.target
"""
    return {"harvester.service": service, "harvester.timer": timer}


def cron(what: Installed) -> str:
    """Return a line for crontab(5)."""
    command = shlex.join(what.arguments).replace("%", r"\%")
    state = shlex.quote(str(what.state)).replace("%", r"\%")
    return f"*/{_EVERY_MIN} * * * * HARVESTER_STATE={state} {command} >/dev/null 2>&1\n"


def launchd(what: Installed) -> str:
    """Return a property list for ~/Library/LaunchAgents."""
    arguments = "".join(f"    <string>{escape(word)}</string>\n" for word in what.arguments)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>org.harvester.run</string>
  <key>ProgramArguments</key>
  <array>
{arguments}  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>HARVESTER_STATE</key>
    <string>{escape(str(what.state))}</string>
  </dict>
  <key>StartInterval</key>
  <integer>{_EVERY_MIN * 60}</integer>
  <key>RunAtLoad</key>
  <true/>
  <key>ProcessType</key>
  <string>Background</string>
</dict>
</plist>
"""


def windows(what: Installed) -> str:
    """Return a command for a prompt: Harvester itself is for Linux and macOS, so it runs within WSL."""
    command = shlex.join(["env", f"HARVESTER_STATE={what.state}", *what.arguments]).replace('"', r"\"")
    return f'schtasks /Create /TN Harvester /SC MINUTE /MO {_EVERY_MIN} /TR "wsl.exe {command}"\n'


def _unit(word: str) -> str:
    """Quote a word for a unit file (systemd.syntax(7)): specifiers and blanks are not to be read as such."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"'
