"""The `harvester.toml` of tests that run against a loopback origin."""

from __future__ import annotations

import json
from pathlib import Path

from fixtures import Origin


def configured(
    folder: Path, origin: Origin, *sections: str, contact: str | None = "a@example.org", top: str = ""
) -> Path:
    """Write a configuration without images, then `sections`; `top` are further keys at its top level."""
    lines = [
        'archive = "a"',
        top,
        "[operator]",
        f'contact = "{contact}"' if contact else "",
        "[fetch]\nimages = false\nrequisites = false\nretry_first_wait_s = 0.01",
        f'ca_file = "{origin.ca_file}"',
        f"connect_to = {json.dumps(origin.connect_to)}",
        *sections,
    ]
    path = folder / "harvester.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
