"""`[[watch]]`: read strictly, with errors that name file, line and key."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from harvester import config
from harvester.config_places import line_of
from harvester.errors import UsageError
from harvester.watch.plan import STEPS
from harvester.watch.wanted import named_watches, wanted

HEAD = '[operator]\nname = "N"\n\n[[watch]]\nurls = ["https://a.example/"]\n\n'


def loaded(folder: Path, text: str) -> config.Loaded:
    path = folder / config.FILE_NAME
    path.write_text(text, encoding="utf-8")
    return config.load(path)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[[watch]]\nname = "x"\n', 7, "nothing to watch"),
        (
            '[[watch]]\nurls = ["https://b.example/"]\nevery = "soon"\n',
            9,
            "watch[1].every: 'soon' is not an interval",
        ),
        ('[[watch]]\nurls = ["https://b.example/"]\ncron = "* *"\n', 9, "cron expression"),
        ('[[watch]]\nurls = ["https://b.example/"]\ntz = "Mars"\n', 9, "time zone"),
        ('[[watch]]\naccounts = [\n  " ",\n]\n', 8, "an empty name"),
        ('[[watch]]\nurls = ["https://b.example/"]\napprove = "auto"\n', 9, "is for accounts"),
        ('[[watch]]\nurls = ["https://b.example/"]\nevery = "1d"\ncron = "0 8 * * *"\n', 10, "not both"),
        ('[[watch]]\nurls = ["https://b.example/"]\nrevisit = [\n  "1h",\n  "1h",\n]\n', 9, "must grow"),
        (
            '[[watch]]\nurls = ["https://b.example/"]\n\ncolour = 1\n',
            10,
            "colour: there is no such key; there are urls,",
        ),
        ('[[watch]]\nurls = ["https://b.example/"]\nevry = "1d"\n', 9, "is every meant?"),
        ('[[watch]]\nurls = ["https://b.example/"]\napprove = "yes"\n', 9, "there are ask, auto"),
        ('[[watch]]\nurls = ["https://b.example/"]\nimages = "no"\n', 9, "must be true or false"),
        ('[[watch]]\nurls = ["https://b.example/"]\ntags = [""]\n', 9, "tags: a tag must have a name"),
        ('[log]\nformat = "yaml"\n', 8, "there are json, text"),
        ('[[watch]]\nlistings = ["ftp://b.example/"]\n', 8, "not a web address"),
        ('[[watch]]\nurls = ["https://b.example/"]\nmax_pages = "2"\n', 9, "watch[1].max_pages"),
        ('[[watch]]\nurls = ["https://b.example/", 7]\n', 8, "watch[1].urls[1]"),
        ('[[watch]]\nfeeds = ["https://b.example/f"]\nlinks = "a"\n', 9, "for listings"),
        ('[[watch]]\nurls = ["https://b.example/"]\nthen = "often"\n', 9, "interval"),
        ('[fetch]\nrequisite_age = "x"\n', 8, "interval"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    """File, line and key of what is wrong, and what would be right."""
    with pytest.raises(UsageError) as caught:
        loaded(tmp_path, HEAD + text)
    assert str(caught.value).startswith(f"{tmp_path / config.FILE_NAME}, line {line}: "), caught.value
    assert said in str(caught.value)


def test_names_are_of_one_watch_each(tmp_path: Path) -> None:
    """Two watches of one name would share what was found."""
    one = '[[watch]]\nname = "x"\nurls = ["https://a.example/"]\n'
    with pytest.raises(UsageError, match="two of them"):
        loaded(tmp_path, one + one)


def test_plans(tmp_path: Path) -> None:
    """Pages of the file follow its schedule, what was found the plan; `revisit` rules both."""
    first, second = loaded(
        tmp_path,
        '[[watch]]\nurls = ["https://a.example/"]\nevery = "2h"\n'
        '[[watch]]\nurls = ["https://b.example/"]\nrevisit = ["2h", "1d"]\nthen = ""\nuntil = "90d"\n',
    ).config.watch
    assert first.own_plan().steps == ()
    assert first.own_plan().then == first.schedule()
    assert first.found_plan().steps == STEPS
    assert second.own_plan() == second.found_plan()
    assert (second.found_plan().then, second.found_plan().until) == (None, timedelta(days=90))


def test_files_of_other_tools(tmp_path: Path) -> None:
    """`files` takes tables, and of subscriptions the feeds; an unreadable one is named."""
    (tmp_path / "a.csv").write_text("标题,链接\nt,https://b.example/1\n", encoding="gb18030")
    outline = '<outline text="号" xmlUrl="https://feeds.example/a.xml"/>'
    (tmp_path / "b.opml").write_text(f"<opml><body>{outline}</body></opml>", encoding="utf-8")
    text = '[[watch]]\nfiles = ["a.csv", "b.opml"]\n'
    want = wanted(loaded(tmp_path, text), (), 0.0)
    assert {url: item.kind for url, item in want.items.items()} == {
        "https://b.example/1": "page",
        "https://feeds.example/a.xml": "feed",
    }
    (tmp_path / "b.opml").write_bytes(b"\x89PNG\r\n\x1a\n")
    want = wanted(loaded(tmp_path, text), (), 0.0)
    assert list(want.items) == ["https://b.example/1"]
    [(name, why)] = want.refused
    assert (name, "b.opml is no file of links" in why) == ("b.opml", True)


def test_a_url_is_the_first_watch_s(tmp_path: Path) -> None:
    """A URL of two watches is one item; files count from the configuration's folder; bad lines are told."""
    (tmp_path / "list.txt").write_text(
        "# ours\nhttps://b.example/1\nhttps://a.example/\nnonsense\n", encoding="utf-8"
    )
    text = '[[watch]]\nname = "one"\nurls = ["https://a.example/"]\n[[watch]]\nfiles = ["list.txt"]\n'
    want = wanted(loaded(tmp_path, text), (), 0.0)
    assert {url: item.watch for url, item in want.items.items()} == {
        "https://a.example/": "one",
        "https://b.example/1": "list.txt",
    }
    assert want.refused == (("list.txt", "line 4: 'nonsense' is no web address"),)
    (tmp_path / "list.txt").unlink()
    [(name, why)] = wanted(loaded(tmp_path, text), (), 0.0).refused
    assert (name, "cannot read" in why) == ("list.txt", True)


def test_the_template_is_a_configuration(tmp_path: Path) -> None:
    """What `init` writes is read without complaint, and so is what it comments out."""
    text = (files("harvester.watch") / "template.toml").read_text(encoding="utf-8")
    assert len(loaded(tmp_path, text).config.watch) == 1
    lines = [
        line.removeprefix("# ") for line in text.splitlines() if not line.startswith("# ") or _is_toml(line)
    ]
    watches = named_watches(loaded(tmp_path, "\n".join(lines)))
    assert [name[:12] for name in watches] == [
        "statements",
        "spokesperson",
        "album",
        "fog harbour",
        "https://www.",
        "account",
        "added",
    ]


def _is_toml(line: str) -> bool:
    body = line.removeprefix("# ")
    return body.startswith("[") or " = " in body.split("#")[0]


def test_places_of_keys() -> None:
    """Lines are found in tables, lists of tables and below dotted headers; an unknown key is its table's."""
    text = "a = 1\n[b.c]\nd = 2\n[[e]]\nf = [\n  1,\n]\n[[e]]\nf = 3\n"
    places = {"a": 1, "b.c.d": 3, "e[0].f[0]": 5, "e[1].f": 9, "e[1].g": 8, "b.c.x.y": 2, "z": None}
    assert {key: line_of(text, key) for key in places} == places


def test_a_watch_without_a_name_is_called_by_what_it_names(tmp_path: Path) -> None:
    """Its finds stay its own when another watch is put before it; two alike are told apart."""
    feed = '[[watch]]\nfeeds = ["https://a.example/f"]\n'
    names = list(named_watches(loaded(tmp_path, HEAD + feed + feed)))
    assert names == ["https://a.example/", "https://a.example/f", "https://a.example/f (2)", "added"]


def test_what_people_add_has_a_watch(tmp_path: Path) -> None:
    """It always exists; one of its name may look at nothing, and says how it is looked at again."""
    [usual] = named_watches(loaded(tmp_path, "")).values()
    assert (usual.name, usual.found_plan().steps) == ("added", STEPS)
    own = named_watches(loaded(tmp_path, '[[watch]]\nname = "added"\nrevisit = ["2d"]\n'))
    assert own["added"].found_plan().steps == (timedelta(days=2),)
