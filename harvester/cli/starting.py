"""`harvester init`: a commented configuration to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harvester.cli.common import JsonOption
from harvester.errors import StorageError, UsageError


def init(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", readable=False, help="Where; else the working directory.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Write a commented harvester.toml, to be filled in. Nothing that is there is overwritten."""
    from importlib.resources import files

    from harvester.cli.output import print_json, say
    from harvester.config import FILE_NAME

    path = (folder or Path()) / FILE_NAME
    data = (files("harvester.watch") / "template.toml").read_bytes()
    try:
        if folder is not None and folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is no folder: name one, or none for the working directory")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already; edit it, or name another folder") from error
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
    say(f"wrote {path}: fill in name and contact and what to watch, then `harvester run`")
    if as_json:
        print_json({"path": str(path)})
    return 0
