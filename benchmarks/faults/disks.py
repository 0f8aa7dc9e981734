"""Disks that fail: at the n-th change, or by forgetting at a crash whatever was not made durable."""

from __future__ import annotations

import errno
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from archive.disk import SystemDisk


class FaultyDisk(SystemDisk):
    """The real disk until its `fail_at`-th change, which raises `code`; with `for_good`, all later ones too.

    `short`: the failing write first takes half of its bytes, and every other write takes half of what it is
    given. Closing always works, as it does on a full or read-only disk.
    """

    def __init__(
        self,
        fail_at: int | None = None,
        code: int = errno.ENOSPC,
        *,
        for_good: bool = False,
        short: bool = False,
    ) -> None:
        self.fail_at = fail_at
        self.code = code
        self.for_good = for_good
        self.short = short
        self.count = 0
        self.names: list[str] = []

    def _fails(self, name: str) -> bool:
        self.count += 1
        self.names.append(name)
        if self.fail_at is None:
            return False
        return self.count == self.fail_at or (self.for_good and self.count > self.fail_at)

    def _step(self, name: str) -> None:
        if self._fails(name):
            raise OSError(self.code, os.strerror(self.code))

    def create(self, path: Path) -> int:
        self._step("create")
        return super().create(path)

    def open(self, path: Path, *, create: bool = False) -> int:
        self._step("open")
        return super().open(path, create=create)

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        half = data[: max(1, len(data) // 2)]
        if self._fails("write"):
            if self.short:
                super().write(descriptor, half)
            raise OSError(self.code, os.strerror(self.code))
        return super().write(descriptor, half if self.short else data)

    def truncate(self, descriptor: int, size: int) -> None:
        self._step("truncate")
        super().truncate(descriptor, size)

    def fsync(self, descriptor: int) -> None:
        self._step("fsync")
        super().fsync(descriptor)

    def lock(self, descriptor: int, *, shared: bool = False) -> bool:
        self._step("lock")
        return super().lock(descriptor, shared=shared)

    def rename(self, source: Path, target: Path) -> None:
        self._step("rename")
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self._step("unlink")
        super().unlink(path)

    def fsync_dir(self, path: Path) -> None:
        self._step("fsync_dir")
        super().fsync_dir(path)

    def mkdir(self, path: Path) -> None:
        self._step("mkdir")
        super().mkdir(path)


class _Node:
    """A file: what of it would survive a crash."""

    __slots__ = ("durable",)

    def __init__(self) -> None:
        self.durable = b""


class LossyDisk(SystemDisk):
    """The real disk, beside a model of what would be left of it after a power cut at this very moment.

    A file's bytes survive as of its last fsync, a name as of the last fsync of its directory; nothing else
    does. `before` is called before every change. SQLite's files do not pass here: they are left as they are.
    """

    def __init__(self, root: Path, before: Callable[[LossyDisk], None] = lambda _: None) -> None:
        self.count = 0
        self._root = root
        self._before = before
        self._nodes: dict[int, _Node] = {}  # by inode, of the files that are open or named
        self._names: dict[Path, dict[str, _Node | None]] = {}  # durable names; None is a directory
        if root.exists():
            for folder in (root, *(path for path in root.rglob("*") if path.is_dir())):
                self._names[folder] = {path.name: self._adopt(path) for path in folder.iterdir()}

    def _adopt(self, path: Path) -> _Node | None:
        if path.is_dir():
            return None
        node = self._nodes[path.stat().st_ino] = _Node()
        node.durable = path.read_bytes()
        return node

    def _step(self) -> None:
        self.count += 1
        self._before(self)

    def create(self, path: Path) -> int:
        self._step()
        descriptor = super().create(path)
        self._nodes[os.fstat(descriptor).st_ino] = _Node()
        return descriptor

    def open(self, path: Path, *, create: bool = False) -> int:
        self._step()
        fresh = not path.exists()
        descriptor = super().open(path, create=create)
        inode = os.fstat(descriptor).st_ino
        if fresh or inode not in self._nodes:
            self._nodes[inode] = _Node()
        return descriptor

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        self._step()
        return super().write(descriptor, data)

    def truncate(self, descriptor: int, size: int) -> None:
        self._step()
        super().truncate(descriptor, size)

    def fsync(self, descriptor: int) -> None:
        self._step()
        super().fsync(descriptor)
        status = os.fstat(descriptor)
        self._nodes[status.st_ino].durable = os.pread(descriptor, status.st_size, 0)

    def rename(self, source: Path, target: Path) -> None:
        self._step()
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self._step()
        super().unlink(path)

    def fsync_dir(self, path: Path) -> None:
        self._step()
        super().fsync_dir(path)
        self._names[path] = {
            item.name: None if item.is_dir() else self._nodes.setdefault(item.stat().st_ino, _Node())
            for item in path.iterdir()
        }

    def mkdir(self, path: Path) -> None:
        self._step()
        super().mkdir(path)

    def left(self, target: Path, *, torn: random.Random | None = None, index: bool = True) -> None:
        """Write to `target` what a power cut now would leave.

        With `torn`, of what was not made durable some got there all the same: names, and the beginning of
        bytes. Without `index`, SQLite's index is lost as well.
        """
        self._write(self._root, target, torn)
        folder = self._root / "index"
        if index and (target / "index").is_dir():
            for path in folder.glob("records.sqlite*"):
                shutil.copyfile(path, target / "index" / path.name)

    def _write(self, folder: Path, target: Path, torn: random.Random | None) -> None:
        names = dict(self._names.get(folder, {}))
        if torn is not None and folder.is_dir():
            names.update(self._lucky(folder, names, torn))
        target.mkdir(parents=True, exist_ok=True)
        for name, node in names.items():
            if node is None:
                self._write(folder / name, target / name, torn)
            elif folder != self._root / "index":
                (target / name).write_bytes(self._bytes(folder / name, node, torn))

    def _lucky(
        self, folder: Path, names: dict[str, _Node | None], torn: random.Random
    ) -> dict[str, _Node | None]:
        """Return new names that got to the disk though nobody waited for it."""
        lucky: dict[str, _Node | None] = {}
        for item in sorted(folder.iterdir()):
            if item.name not in names and torn.random() < 0.5:
                lucky[item.name] = None if item.is_dir() else self._nodes.get(item.stat().st_ino, _Node())
        return lucky

    def _bytes(self, path: Path, node: _Node, torn: random.Random | None) -> bytes:
        if torn is None or not path.exists() or self._nodes.get(path.stat().st_ino) is not node:
            return node.durable
        now = path.read_bytes()
        if not now.startswith(node.durable):
            return node.durable
        rest = now[len(node.durable) :]
        kept = torn.randrange(len(rest) + 1)
        tail = rest[:kept] + bytes(torn.randrange(2) * (len(rest) - kept))  # a size can come before its bytes
        return node.durable + tail
