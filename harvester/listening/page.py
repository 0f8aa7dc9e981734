"""The one page that the door serves: it sets a browser up, and asks before it sends. No secret is in it.

The token comes to it in the address's fragment, which no browser sends, and stays in that browser.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Final


@cache
def page_html() -> bytes:
    """Return the page, UTF-8."""
    head = (
        '<!DOCTYPE html>\n<html lang="zh-Hans">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Harvester</title><style>{_part('page.css')}</style></head>\n"
    )
    return f"{head}{_part('page.html')}<script>{_part('page.js')}</script>\n</body>\n</html>\n".encode()


def _part(name: str) -> str:
    return resources.files("harvester.listening").joinpath(name).read_text(encoding="utf-8")


def _digest(name: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(_part(name).encode()).digest()).decode() + "'"


HEADERS: Final = {
    "Content-Security-Policy": f"default-src 'none'; script-src {_digest('page.js')}; "
    f"style-src {_digest('page.css')}; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Nothing but the page's own script and style, and nobody may frame it: a click on it is meant."""
