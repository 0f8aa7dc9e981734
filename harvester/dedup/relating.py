"""From documents to relations and clusters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec

from harvester._version import __version__
from harvester.dedup import near
from harvester.dedup.batches import Batch, Reading
from harvester.dedup.clusters import Union, clusters
from harvester.dedup.inputs import Input
from harvester.dedup.item import Item, url_keys
from harvester.dedup.prepared import SHORT, Facts
from harvester.dedup.values import Deduplicated, Relation
from harvester.dedup.workspace import Workspace
from harvester.engines.engine import Engine, held
from harvester.likeness import Shared, folding_version
from harvester.likeness.sketch import require_datasketch

RULES_VERSION = "1"
_REPOST_SHARE = 0.3
"""A page that another links to as its source is reposted if so much of either text stands in the other."""

Sources = Callable[[Item], Relation | None]
"""Asked for the source of a document that states none: the finder, where there is an archive."""


def related(
    inputs: Iterable[Input],
    sources: Sources = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
) -> Deduplicated:
    """Relate documents. The same documents give the same answer, in whatever order they come.

    `tell` is called with what is being done. Raises `UsageError` where datasketch is not installed,
    `StorageError` where the temporary disk fails.
    """
    with Workspace() as workspace:
        tell("reading documents")
        skipped = workspace.load(inputs)
        return _related(workspace, skipped, sources, tell, sketched=False)


def related_by(
    engine: Engine,
    batches: Sequence[Batch],
    sources: Sources = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
) -> Deduplicated:
    """Relate documents that an engine reads, folds and sketches: the same answer as that of `related`.

    What takes all of them, joining and comparing, is done here. Raises as `related`, and as the engine does.
    """
    require_datasketch()  # now rather than in a worker
    with Workspace() as workspace, held(engine):
        tell("reading documents")
        work = Reading.of(batches)
        found = engine.run(batches, work, lambda *_: None)
        skipped = workspace.load_ready((read.ready, read.skipped) for read in found)
        return _related(workspace, skipped, sources, tell, sketched=True)


def _related(
    workspace: Workspace,
    skipped: list[str],
    sources: Sources,
    tell: Callable[[str], None],
    *,
    sketched: bool,
) -> Deduplicated:
    tell("folding texts")
    work = _Work(workspace, workspace.prepare())
    work.same_article()
    work.same_text()
    tell("comparing texts")
    if not sketched:
        near.sketch_all(workspace)
    work.near_text()
    work.short_text()
    tell("looking for sources")
    work.reposts(sources)
    return Deduplicated(
        documents=len(work.facts),
        clusters=clusters(work.facts, work.union, work.reposted),
        relations=tuple(sorted(work.relations, key=lambda rel: (rel.kind, rel.a, rel.b, rel.by))),
        skipped=tuple(skipped),
        versions={"harvester": __version__, "rules": RULES_VERSION, "folding": folding_version()},
    )


class _Work:
    """The relations found so far, and the sets they make."""

    def __init__(self, workspace: Workspace, facts: dict[str, Facts]) -> None:
        self.workspace, self.facts = workspace, facts
        self.union = Union()
        self.articles = Union()
        self.relations: list[Relation] = []
        self.reposted: set[str] = set()
        self._by_text: defaultdict[bytes, list[str]] = defaultdict(list)
        for fact in sorted(facts.values(), key=lambda fact: fact.age):
            self._by_text[fact.key].append(fact.id)

    def same_article(self) -> None:
        """Relate what has a name in common; in order of time, each text of the article to the one before."""
        for name, ids in self.workspace.groups():
            group = sorted((self.facts[id_] for id_ in ids), key=lambda fact: fact.age)
            by = "url" if name.startswith("url:http") else "identity-key"
            first_of: dict[bytes, Facts] = {}
            latest: Facts | None = None
            for fact in group:
                known = first_of.setdefault(fact.key, fact)
                before = known if known is not fact else latest
                if before is not None and self._new_in_article(before, fact):
                    kind = "same-article" if known is not fact else "edited"
                    told = self.workspace.shared(before.key, fact.key) if kind == "edited" else None
                    self._relate(kind, before.id, fact.id, by, value=name, told=told)
                latest = fact if known is fact else latest

    def _new_in_article(self, one: Facts, other: Facts) -> bool:
        self.union.join(one.id, other.id)
        return self.articles.join(one.id, other.id)

    def same_text(self) -> None:
        """Relate different articles of one text; short ones only where they have a title in common."""
        for key, ids in sorted(self._by_text.items()):
            if self.facts[ids[0]].length < SHORT:
                continue
            for id_ in ids[1:]:
                self._join_same(ids[0], id_, key)

    def _join_same(self, first: str, other: str, key: bytes) -> None:
        if self.union.join(first, other):
            same = self.facts[first].sha == self.facts[other].sha
            by, value = ("text-sha256", self.facts[first].sha) if same else ("folded-text", key.hex())
            self._relate("same-text", first, other, by, value=value)

    def near_text(self) -> None:
        """Relate texts that are nearly the same, once they are in their bands."""
        for bucket in self.workspace.buckets():
            leaders = near.Leaders()
            for key in bucket:
                found = leaders.first_like(self.workspace, key)
                if found is not None:
                    leader, told = found
                    one, other = self._by_text[leader][0], self._by_text[key][0]
                    if self.union.join(one, other):
                        self._relate("near-text", one, other, "shingles", told=told)

    def short_text(self) -> None:
        """Relate short articles of one title whose texts are the same, or nearly."""
        for group in near.short_groups(self.facts):
            leaders: list[Facts] = []
            for fact in group:
                like = next((leader for leader in leaders if self._alike(leader, fact)), None)
                if like is None:
                    leaders.append(fact)
                elif like.key == fact.key:
                    self._join_same(like.id, fact.id, fact.key)
                elif self.union.join(like.id, fact.id):
                    told = self.workspace.shared(like.key, fact.key)
                    self._relate("near-text", like.id, fact.id, "characters", told=told)

    def _alike(self, one: Facts, other: Facts) -> bool:
        if one.key == other.key:
            return True
        return near.alike_in_characters(self.workspace.folded(one.key), self.workspace.folded(other.key))

    def reposts(self, sources: Sources) -> None:
        """Relate reposts to what they say that they are of, or to what is found for them."""
        for item in self.workspace.items():
            stated = self._stated(item, item.original_account.keys() if item.original_account else [])
            linked = self._stated(item, url_keys(item.source_url))
            if stated is not None:
                self._repost(item.id, stated, "original-account")
            elif linked is not None:
                self._repost(item.id, linked, "source-url")
            elif (found := sources(item)) is not None and found.b in self.facts:
                self.relations.append(found)
                self.reposted.add(item.id)

    def _stated(self, item: Item, names: list[str]) -> tuple[str, str] | None:
        """Return the name and the oldest document of the article that is named; None for its own, or none."""
        held = [
            (name, id_)
            for name, id_ in self.workspace.named(names)
            if self.articles.root(id_) != self.articles.root(item.id)
        ]
        return min(held, key=lambda pair: self.facts[pair[1]].age) if held else None

    def _repost(self, id_: str, source: tuple[str, str], by: str) -> None:
        name, other = source
        told = self.workspace.shared(self.facts[id_].key, self.facts[other].key)
        is_repost = by == "original-account" or max(told.of_a, told.of_b) >= _REPOST_SHARE
        self._relate("repost" if is_repost else "links-to", id_, other, by, value=name, told=told)
        if is_repost:
            self.reposted.add(id_)

    def _relate(
        self, kind: str, a: str, b: str, by: str, *, value: str | None = None, told: Shared | None = None
    ) -> None:
        self.relations.append(
            Relation(
                kind=kind,
                a=a,
                b=b,
                by=by,
                value=value,
                jaccard=round(told.jaccard, 4) if told else None,
                containment=round(max(told.of_a, told.of_b), 4) if told else None,
            )
        )


def to_bytes(found: Deduplicated) -> bytes:
    """Return the one JSON form of an answer: sorted keys, two-space indent, UTF-8, final newline."""
    return msgspec.json.format(msgspec.json.encode(found, order="sorted"), indent=2) + b"\n"
