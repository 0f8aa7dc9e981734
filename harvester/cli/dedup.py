"""`harvester dedup`: which documents are of one article, one text, or taken from one another."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from archive.words import counted
from harvester.cli.common import (
    AddressOption,
    ArchiveOption,
    EngineOption,
    JsonOption,
    WorkersOption,
    archive_directory,
    configuration,
)
from harvester.errors import UsageError

if TYPE_CHECKING:
    from archive.storage.places import Place
    from harvester.dedup import Deduplicated, Input, Item, Relation
    from harvester.finder import Finder
    from harvester.library import Library

_SHOWN = 20


def dedup(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH|URL...]",
            help="Archives, folders that `rebuild` wrote, or files in them (JSON, JSONL, Parquet). "
            "Else the archive.",
        ),
    ] = None,
    archive: ArchiveOption = None,
    jsonl: Annotated[
        Path | None,
        typer.Option("--jsonl", metavar="FILE", help="Write a line of JSON for each cluster and relation."),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write the relations as a spreadsheet's table."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    workers: WorkersOption = None,
    engine_name: EngineOption = "local",
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> int:
    """Relate documents: same article, edited, same text, nearly the same, reposts. Nothing is deleted.

    The answer depends on the documents alone, not on their order. Exit 1: something could not be read.
    """
    from archive.storage import place
    from harvester.cli.engines import shared
    from harvester.cli.output import messages, say, write_bytes
    from harvester.dedup import batches_of, related, related_by, to_bytes
    from harvester.dedup.tables import write_csv, write_jsonl
    from harvester.exits import Exit

    for path in (jsonl, csv):
        if path is not None and path.exists() and not force:
            raise UsageError(f"{path} exists already; name another file, or say --force to replace it")
    if archive is not None and paths:
        raise UsageError("name either paths or --archive; an archive may stand among the paths")
    engine = shared(engine_name, workers, address)
    whole = None if paths else archive_directory(archive, configuration())
    with messages().status("reading documents") as status, contextlib.ExitStack() as stack:
        given = _opened(whole, [place(path) for path in paths or ()], stack)
        if engine is None:
            found = related(given.items(), given.source, status.update)
        else:
            found = related_by(engine, batches_of(given.archives, given.paths), given.source, status.update)
    for path, write in ((jsonl, write_jsonl), (csv, write_csv)):
        if path is not None:
            write(found, path)
    if as_json:
        write_bytes(to_bytes(found))
    else:
        _print(found)
    for line in found.skipped[:_SHOWN]:
        say(f"not read: {line}", style="red")
    if len(found.skipped) > _SHOWN:
        say(f"and {len(found.skipped) - _SHOWN} more", style="red")
    return Exit.NEGATIVE if found.skipped else Exit.DONE


class _Given(NamedTuple):
    """What the documents are in: open archives with their finders, and files and folders."""

    archives: list[tuple[Path, Library]]
    finders: list[Finder]
    paths: list[Place]

    def items(self) -> Iterator[Input]:
        """Yield all documents."""
        from harvester.dedup import archive_items, folder_items

        for _, library in self.archives:
            yield from archive_items(library)
        yield from folder_items(self.paths)

    def source(self, item: Item) -> Relation | None:
        """Return what the first of the finders says that knows a document's source."""
        from harvester.dedup import source_of

        return next(filter(None, (source_of(item, finder) for finder in self.finders)), None)


def _opened(archive: Path | None, paths: Sequence[Place], stack: contextlib.ExitStack) -> _Given:
    """Open archives and their finders."""
    from archive.layout import MARKER
    from harvester.cli.library import opened
    from harvester.finder import Finder

    given = _Given([], [], [])
    for path in [archive] if archive else paths:
        if path is archive or (path / MARKER).exists():
            if not isinstance(path, Path):
                raise UsageError(
                    f"{path} is an archive at a URL: bring it home (`harvester sync {path} DIR`), "
                    f"or name what `harvester rebuild {path} --output DIR` makes of it"
                )
            held, library = stack.enter_context(opened(path))
            given.finders.append(stack.enter_context(Finder.open(held, library)))
            given.archives.append((path, library))
        else:
            given.paths.append(path)
    return given


def _print(found: Deduplicated) -> None:
    from harvester.cli.output import answer, cell, console, table
    from harvester.dedup.values import KINDS

    counts = Counter(relation.kind for relation in found.relations)
    answer(f"documents: {found.documents}; clusters of related ones: {len(found.clusters)}")
    if counts:
        shown = table(None, "relations", "kind", "meaning")
        for kind, words in KINDS.items():
            if counts[kind]:
                shown.add_row(*map(cell, (counts[kind], kind, words)))
        console().print(shown)
    if not found.clusters:
        return
    largest = sorted(found.clusters, key=lambda cluster: (-len(cluster.members), cluster.id))
    shown = table(None, "documents", "canonical", "because")
    for cluster in largest[:_SHOWN]:
        shown.add_row(*map(cell, (len(cluster.members), cluster.canonical, cluster.why)))
    console().print(shown)
    if len(largest) > _SHOWN:
        answer(f"and {counted(len(largest) - _SHOWN, 'more cluster')} (--json, --jsonl and --csv list all)")
