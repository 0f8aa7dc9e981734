"""`[[notify]]`: read strictly; errors name file, line and key, and repeat no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester import config
from harvester.errors import UsageError
from harvester.watch.kinds import NEWS

HOOK = '[[notify]]\nwebhook = "https://h.example/x"\nsecret_env = "S"\n'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[[notify]]\nname = "x"\n', 1, "nobody to tell"),
        ('[[notify]]\nfeed = "x.rss"\n', 2, "must end in .json"),
        ('[[notify]]\nfeed = "x.json"\ncommand = ["x"]\n', 3, "write a [[notify]] for each"),
        ('[[notify]]\nwebhook = "https://h.example/x"\n', 1, "secret_env: name the environment variable"),
        (HOOK.replace("https", "http"), 2, "not encrypted"),
        (HOOK.replace("https://", "https://u:hunter2@"), 2, "holds a name or password"),
        (HOOK.replace("https", "gopher"), 2, "not a web address"),
        (HOOK.replace('"S"', '"whsec_aHVudGVyMg=="'), 3, "name of an environment variable"),
        (HOOK + 'events = ["exploded"]\n', 4, "no such kind of event: exploded"),
        (HOOK + "events = []\n", 4, "none is chosen"),
        (HOOK + 'timeout = "1h"\n', 4, "too long"),
        (HOOK + 'give_up = "soon"\n', 4, "not an interval"),
        (HOOK + 'colour = "red"\n', 4, "there is no such key"),
        ('[[notify]]\ncommand = ["x"]\nsecret_env = "S"\n', 3, "is for webhooks"),
        ('[[notify]]\nfeed = "a.json"\n[[notify]]\nname = "x"\nfeed = "a.json"\n', 3, "a file, of its own"),
        (HOOK + HOOK, 4, "give each a name"),
        ('[log]\nformat = "xml"\n', 2, "xml"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    """File, line and key of what is wrong, and what would be right."""
    path = tmp_path / config.FILE_NAME
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        config.load(path)
    assert str(caught.value).startswith(f"{path}, line {line}: "), caught.value
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "aHVudGVy" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8080/x",
        "http://[::1]/",
        "http://10.1.2.3/",
        "http://receiver:80/",
        "http://a.local/",
    ],
)
def test_ones_own_network_needs_no_encryption(tmp_path: Path, address: str) -> None:
    """Loopback and private addresses are the operator's business."""
    path = tmp_path / config.FILE_NAME
    path.write_text(HOOK.replace("https://h.example/x", address), encoding="utf-8")
    [notify] = config.load(path).config.notify
    assert notify.events == NEWS
    assert (notify.timeout_s, notify.give_up_s) == (15.0, 7 * 86400.0)
