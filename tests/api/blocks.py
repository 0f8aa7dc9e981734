"""The Python examples of docs/api.md, by the file name in their first line. Needs nothing but Python."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


def blocks() -> dict[str, str]:
    """Return name and code of each example."""
    found = re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return dict(found)


def write(folder: Path) -> None:
    """Write every example as a module into a folder."""
    for name, code in blocks().items():
        (folder / name).write_text(code, "utf-8")
