"""Clusters of related documents, and which of each is the canonical one."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from harvester.dedup.prepared import Facts
from harvester.dedup.values import Cluster
from harvester.finder.finder import SITES

RULES: Final = ("publisher", "not-a-repost", "published-first", "captured-first", "id")
"""By what the canonical document is preferred, in order."""


class Union:
    """Disjoint sets of ids."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def root(self, id_: str) -> str:
        """Return the set's representative, the least id."""
        path = []
        while (parent := self._parents.get(id_, id_)) != id_:
            path.append(id_)
            id_ = parent
        for passed in path:
            self._parents[passed] = id_
        return id_

    def join(self, one: str, other: str) -> bool:
        """Make one set of two; False if they are one already."""
        first, second = sorted((self.root(one), self.root(other)))
        if first == second:
            return False
        self._parents[second] = first
        return True


def clusters(facts: Mapping[str, Facts], union: Union, reposts: AbstractSet[str]) -> tuple[Cluster, ...]:
    """Return the sets of more than one document, in order of id."""
    members: defaultdict[str, list[Facts]] = defaultdict(list)
    for id_ in sorted(facts):
        members[union.root(id_)].append(facts[id_])
    made = [_cluster(group, reposts) for group in members.values() if len(group) > 1]
    return tuple(sorted(made, key=lambda cluster: cluster.id))


def _cluster(group: Iterable[Facts], reposts: AbstractSet[str]) -> Cluster:
    ranked = sorted((_rank(fact, reposts), fact.id) for fact in group)
    (best, canonical), (second, _) = ranked[0], ranked[1]
    why = next(rule for rule, mine, other in zip(RULES, best, second, strict=True) if mine != other)
    named = hashlib.sha256(canonical.encode()).hexdigest()[:16]
    return Cluster(
        id=f"cluster-{named}", canonical=canonical, why=why, members=tuple(sorted(id_ for _, id_ in ranked))
    )


def _rank(fact: Facts, reposts: AbstractSet[str]) -> tuple[bool, bool, str, str, str]:
    return fact.site not in SITES, fact.id in reposts, fact.moment, fact.fetched, fact.id
