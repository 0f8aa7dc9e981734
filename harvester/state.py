"""Where operational state lives: per user and machine, shared by all archives, losable."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

STATE_VARIABLE: Final = "HARVESTER_STATE"


def state_directory() -> Path:
    """Return the folder of pace and breakers: $HARVESTER_STATE, else the platform's state directory."""
    named = os.environ.get(STATE_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_state_path  # noqa: PLC0415 - only when it is needed

    return user_state_path("harvester")
