"""Webhooks and commands: what arrives, and what is made of receivers that are slow, broken or far away."""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures.certificates import Authority
from harvester.watch.notify.webhook import secrets_of
from tests.notify.conftest import SECRET, VARIABLE
from tests.notify.events import START, notice, receiver

ENVIRONMENT = {"HOOK_SECRET": VARIABLE}


def post(folder: Path, hook: Any, environment: dict[str, str] | None = None, **more: Any) -> Any:
    made = receiver(folder, environment or ENVIRONMENT, webhook=hook.url, secret_env="HOOK_SECRET", **more)
    return made.send(notice(), START)


def test_a_post_is_signed_and_whole(hooks: Callable[..., Any], tmp_path: Path) -> None:
    """Headers and body are those of Standard Webhooks; while a secret is replaced, both sign."""
    from datetime import UTC, datetime

    hook = hooks()
    new = b"n" * 32
    both = {"HOOK_SECRET": f"{base64.b64encode(new).decode()} {VARIABLE}"}
    made = receiver(tmp_path, both, webhook=hook.url, secret_env="HOOK_SECRET")
    assert made.send(notice(), datetime.now(UTC)).error is None
    assert hook.signed_with(SECRET)
    assert hook.signed_with(new)
    assert not hook.signed_with(b"other" * 8)
    [(headers, body)] = hook.posts
    value = json.loads(body)
    assert value["type"] == "article.captured"
    assert value["data"]["id"] == headers["webhook-id"] == notice().id
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (500, "status 500"),
        (404, "status 404"),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:9/"}}, "not followed"),
        ({"status": 307, "headers": {"Location": "http://127.0.0.1:9/"}}, "not followed"),
    ],
)
def test_anything_but_success_is_a_failure(
    hooks: Callable[..., Any], tmp_path: Path, step: Any, said: str
) -> None:
    """Only 2xx counts; a redirect is not followed, whatever it leads to."""
    hook = hooks(step)
    answer = post(tmp_path, hook)
    assert said in answer.error
    assert len(hook.posts) == 1


def test_what_a_receiver_asks_for_is_heard(hooks: Callable[..., Any], tmp_path: Path) -> None:
    """`Retry-After` gives the wait; a request that is refused for itself holds up no other."""
    busy = post(tmp_path, hooks({"status": 429, "headers": {"Retry-After": "120"}}))
    assert (busy.after_s, busy.alone) == (120.0, False)
    assert post(tmp_path, hooks(422)).alone


def test_a_slow_receiver_costs_its_time_and_no_more(hooks: Callable[..., Any], tmp_path: Path) -> None:
    """The time allowed is for the whole of a post."""
    began = time.monotonic()
    answer = post(tmp_path, hooks(30.0), timeout="1s")
    assert answer.error == "no answer within 1 s"
    assert time.monotonic() - began < 5


def test_certificates_are_verified(hooks: Callable[..., Any], tmp_path: Path) -> None:
    """An authority that is not trusted is a failure; the one that the configuration names is trusted."""
    authority = Authority(tmp_path)
    hook = hooks(tls=authority.contexts(["localhost"])["localhost"])
    assert "CERTIFICATE_VERIFY_FAILED" in post(tmp_path, hook).error
    assert hook.posts == []
    assert post(tmp_path, hook, ca_file="ca.pem").error is None


def test_no_secret_is_in_what_is_said(tmp_path: Path) -> None:
    """An address that is a secret, and the key, stand in no error and no name."""
    environment = {"PLACE": "http://127.0.0.1:9/services/T0P-SECRET", "HOOK_SECRET": "not base64 at all"}
    made = receiver(tmp_path, environment, webhook_env="PLACE", secret_env="HOOK_SECRET")
    said = [made.fault(), made.send(notice(), START).error, made.shown, made.key]
    assert "HOOK_SECRET holds no base64" in str(said[0])
    environment["HOOK_SECRET"] = VARIABLE
    said += [made.fault(), made.send(notice(), START).error]
    assert "no answer" in str(said[-1])
    assert not [one for one in said if one and ("T0P-SECRET" in one or "not base64" in one)]
    environment["PLACE"] = "ftp://T0P-SECRET"
    assert "PLACE is not a web address" in str(made.fault())
    del environment["PLACE"]
    assert "PLACE is not set" in str(made.send(notice(), START).error)


@pytest.mark.parametrize("text", ["", "x", "whsec_", base64.b64encode(b"short").decode(), "whsec_%%%"])
def test_a_weak_secret_is_refused(text: str) -> None:
    """24 to 64 bytes, as base64; the words repeat nothing of it."""
    with pytest.raises(ValueError) as caught:
        secrets_of(text)
    assert "short" not in str(caught.value)


def test_a_command_gets_the_event(tmp_path: Path) -> None:
    """JSON on standard input, no shell in between, in the configuration's folder."""
    code = "import sys, json; json.dump([json.load(sys.stdin)['id'], sys.argv[1]], open('got.json', 'w'))"
    made = receiver(tmp_path, command=(sys.executable, "-c", code, "$HOME; *"))
    assert made.send(notice(), START).error is None
    assert json.loads((tmp_path / "got.json").read_text()) == [notice().id, "$HOME; *"]


def test_a_command_that_fails_is_told_with_the_end_of_its_words(tmp_path: Path) -> None:
    """Its status, and at most 200 characters, of however much it prints."""
    code = "import sys; print('x' * 10_000_000); print('no such list', file=sys.stderr); sys.exit(3)"
    error = receiver(tmp_path, command=(sys.executable, "-c", code)).send(notice(), START).error
    assert error is not None
    assert error.startswith("the command ended with 3: x")
    assert error.endswith("no such list")
    assert len(error) < 300
    missing = receiver(tmp_path, command=("/nowhere/at/all",)).send(notice(), START).error
    assert missing == "the command cannot be started: No such file or directory"


def test_a_command_is_killed_with_its_children(tmp_path: Path) -> None:
    """After the time it is ended, and what it started with it."""
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('child', 'w').write(str(child.pid)); time.sleep(60)"
    )
    began = time.monotonic()
    made = receiver(tmp_path, command=(sys.executable, "-c", code), timeout="2s")
    answer = made.send(notice(), START)
    assert answer.error == "the command did not end within 2 s and was killed"
    assert time.monotonic() - began < 10
    child = int((tmp_path / "child").read_text())
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{child}/stat").read_text().split()[2] == "Z":  # nobody collects it here
            return
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the child goes on")


def test_a_command_that_leaves_somebody_behind_is_done(tmp_path: Path) -> None:
    """A child that holds the output open does not hold us."""
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(5)'])"
    began = time.monotonic()
    assert receiver(tmp_path, command=(sys.executable, "-c", code)).send(notice(), START).error is None
    assert time.monotonic() - began < 4
