"""Assignments anywhere in a script, for pages whose line ends are lost or that were written by other hands.

The platform writes one assignment a line, and there `source.py` finds them at once. Copies that were made
smaller, and `var a = 1, b = 2`, need a walk that knows what is a string, a comment or a regular expression:
only outside of these does an assignment count, since an author's words stand in strings.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

MAX_CHARS: Final = 1_500_000  # of all the scripts of a page
_MAX_TOKENS: Final = 400_000

_NAME: Final = r"[A-Za-z_$][A-Za-z0-9_$]{0,60}+"
# What is not closed ends with its line, or with the text: nothing is tried twice.
_TOKEN: Final = re.compile(
    r"""(?s)
      "[^"\\\n]*+(?:\\.[^"\\\n]*+)*"? | '[^'\\\n]*+(?:\\.[^'\\\n]*+)*'? | `[^`\\]*+(?:\\.[^`\\]*+)*`?
    | //[^\n]*+ | /\*[^*]*+(?:\*(?!/)[^*]*+)*(?:\*/)?
    | (?:(?<=[(,=:\[!&|?{};+])|(?<=[(,=:\[!&|?{};+][ ]))
      /(?:[^/\\\[\n]++|\\.|\[[^\]\\\n]*+(?:\\.[^\]\\\n]*+)*\]?)+/?
    | (?P<declares>(?<![\w$.])(?:var|let|const)(?![\w$])\s*+)
    | (?P<member>(?<![\w$.])(?:window|self)\s*+(?:\.(?!d\.)|\[\s*+(?=["'])))
    | (?P<data>(?<![\w$.])(?:(?:window|self)\.)?(?:d|_g|g)\.)
    | (?P<page>(?<![\w$.])(?=PAGE_MID\s*+=))
    | (?P<opens>[({\[]) | (?P<closes>[)}\]]) | (?P<next>,\s*+) | (?P<ends>;)
    """,
    re.VERBOSE,
)
_ASSIGNED: Final = re.compile(rf"({_NAME})\s*+=(?![=>])")
_ASSIGNED_QUOTED: Final = re.compile(rf"""["']({_NAME})["']\s*+\]\s*+=(?![=>])""")


def assignments(text: str) -> dict[str, list[int]]:
    """Return where the values begin that a script assigns, by `name`, and `d.name` for `d.name = …`.

    `var`, `let` and `const` lists, `window.name` and `window['name']` count; time is linear.
    """
    found: defaultdict[str, list[int]] = defaultdict(list)
    depth = 0
    declared_at: int | None = None  # the depth of the declaration that a comma goes on with
    for number, token in enumerate(_TOKEN.finditer(text)):
        if number > _MAX_TOKENS:
            break
        kind = token.lastgroup
        if kind is None:
            continue
        if kind == "opens":
            depth += 1
        elif kind == "closes":
            depth -= 1
            declared_at = None if declared_at is not None and depth < declared_at else declared_at
        elif kind == "ends":
            declared_at = None if declared_at == depth else declared_at
        elif kind != "next" or declared_at == depth:
            declared_at = depth if kind == "declares" else declared_at
            assigned = _assigned(text, token.end(), kind)
            if assigned is not None:
                name = "d." + assigned[1] if kind == "data" else assigned[1]
                found[name].append(assigned.end())
    return dict(found)


def _assigned(text: str, at: int, kind: str) -> re.Match[str] | None:
    quoted = kind == "member" and text[at : at + 1] in {'"', "'"}
    return (_ASSIGNED_QUOTED if quoted else _ASSIGNED).match(text, at)
