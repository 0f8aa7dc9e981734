"""The document: one JSON per capture that is an article, its schema and its deterministic bytes.

The first five keys carry the names that the users' own older captures have. Unknown is `null`, and
`provenance.fields` says why. Offsets are code points into `text`, which is never Unicode-normalised.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

SCHEMA: Final = "https://harvester.invalid/schema/document/1"
"""Name and version of the document's form; an identifier, not an address."""

STATE_SCHEMA: Final = "https://harvester.invalid/schema/page-state/1"
"""The same for the form of a page that is not an article."""

STATES: Final = (
    "ok",
    "deleted",
    "violation",
    "unavailable",
    "complaint",
    "send_failed",
    "expired",
    "params_error",
    "not_found",
    "migrated",
    "migrating",
    "banned",
    "cancelled",
    "private",
    "rumor",
    "system_error",
    "rate_limited",
    "verification",
    "client_only",
    "account_page",
    "listing",
    "partial",
    "redirect",
    "http_error",
    "unknown",
)
"""What a page can be. Only `ok` gives an article document."""


class _Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Image(_Value, frozen=True, kw_only=True):
    """One picture, in reading order.

    `position` is the code-point offset in `text` before which it stands (None: it stands outside
    the body, as a cover does); `role` is `body`, `cover` or `background`.
    """

    url: str
    position: int | None
    alt: str | None = None
    caption: str | None = None
    role: str = "body"


class Identity(_Value, frozen=True, kw_only=True):
    """What names the article for good, as the publisher numbers it.

    `key` is the canonical identity string (`wechat:<biz>:<mid>:<idx>`, `mfa:t<N>`, `url:<sha256>`),
    equal for every URL form of one article. The rest is None where the publisher has no such thing.
    """

    key: str
    biz: str | None = None
    mid: str | None = None
    idx: str | None = None
    sn: str | None = None
    account_id: str | None = None  # gh_…
    short_url: str | None = None
    long_url: str | None = None
    number: str | None = None  # N of t…_N on MFA pages


class Account(_Value, frozen=True, kw_only=True):
    """The publishing account: display name, gh_ id, alias (the handle a reader can search)."""

    name: str | None
    id: str | None = None
    alias: str | None = None


class OriginalAccount(_Value, frozen=True, kw_only=True):
    """For a repost: whose article it is, as the platform states it."""

    name: str | None
    id: str | None = None
    biz: str | None = None
    mid: str | None = None
    idx: str | None = None
    url: str | None = None
    author: str | None = None


class Declared(_Value, frozen=True, kw_only=True):
    """What the platform or the author declares about the text."""

    copyright: str | None = None  # "none" | "original" | "reprint"
    claim: str | None = None  # the declared source, in the page's words
    ai_label: str | None = None
    ip_region: str | None = None
    title_is_users: bool | None = None


class Edits(_Value, frozen=True, kw_only=True):
    """The platform's own record of edits after publication."""

    modified_at: str | None = None  # RFC 3339
    title_modified: bool | None = None
    positions: tuple[tuple[int, int], ...] = ()  # as the platform declares them, base undocumented


class FrameLine(_Value, frozen=True, kw_only=True):
    """An editorial line inside the text (来源, 编辑, 责编…): offsets into `text`, and what it says."""

    role: str
    start: int
    end: int
    value: str


class Question(_Value, frozen=True, kw_only=True):
    """One question of a press conference and its answer, as offsets into `text`, and who speaks.

    `question` and `answer` are (start, end); None where the page gives only one of the two. Names are
    as the page writes them, None where it does not say.
    """

    asker: str | None
    question: tuple[int, int] | None
    speaker: str | None
    answer: tuple[int, int] | None


class HiddenText(_Value, frozen=True, kw_only=True):
    """Words in the body that a reader does not see, kept apart from `text`."""

    text: str
    reason: str  # "alpha-0" | "font-size-0" | "display-none" | …


class Removal(_Value, frozen=True, kw_only=True):
    """A container of user interface taken out of the body."""

    container: str
    characters: int


class Candidate(_Value, frozen=True, kw_only=True):
    """A value another carrier gave for the same field."""

    source: str
    value: str


class FieldSource(_Value, frozen=True, kw_only=True):
    """Where a field's value came from; `reason` says why it is null where it is."""

    source: str | None
    reason: str | None = None
    others: tuple[Candidate, ...] = ()


class Clocks(_Value, frozen=True, kw_only=True):
    """The capture's time by three clocks, RFC 3339."""

    harvester: str | None  # ours
    server: str | None  # the response's Date header
    page: str | None  # svr_time inside the page


class Provenance(_Value, frozen=True, kw_only=True):
    """Which bytes and which program the document came from."""

    def __hash__(self) -> int:
        return hash((self.record_id, self.body_sha256))

    record_id: str | None  # WARC-Record-ID of the response (or resource, or revisit) record
    payload_record_id: str | None = None  # the record that holds the payload, where record_id is a revisit
    metadata_id: str | None
    block_digest: str | None
    payload_digest: str | None
    body_sha256: str  # of the decoded body that was read
    clocks: Clocks
    truncated: str | None
    redirected_from: tuple[str, ...]
    software: dict[str, str]
    rules: dict[str, str]
    options: dict[str, Any]
    fields: dict[str, FieldSource]
    removed: tuple[Removal, ...] = ()
    warnings: tuple[str, ...] = ()


class Capture(_Value, frozen=True, kw_only=True):
    """How the page was come by.

    `method` is `live` for our own fetch and `file` for HTML handed to `extract`. `vantage` is what
    the operator's configuration says of place and purpose. `rehearsal` is null for a plain capture;
    otherwise it lists what was mapped or extended (`connect_to`, `ca_file_sha256`, `allow_hosts`),
    so that a rehearsal cannot pass as evidence.
    """

    def __hash__(self) -> int:
        return hash(self.method)

    method: str
    vantage: dict[str, str] | None
    discovered_via: str | None
    rehearsal: dict[str, Any] | None


class Document(_Value, frozen=True, kw_only=True):
    """An article: text, metadata, and the proof of both.

    Frozen; equal if every field is. Members that are dicts are not to be changed.
    """

    def __hash__(self) -> int:
        return hash((self.id, self.text_sha256))

    title: str | None
    url: str | None
    source: str | None
    date: str | None  # YYYY-MM-DD, Asia/Shanghai
    fetch_date: str | None  # RFC 3339, UTC

    schema: str
    id: str
    site: str
    kind: str
    state: str
    published_at: str | None  # RFC 3339 with zone, as precise as the page is
    modified_at: str | None
    event_date: str | None
    author: str | None
    account: Account | None
    original_source: str | None
    original_account: OriginalAccount | None
    source_url: str | None
    section: str | None
    subtitle: str | None
    language: str | None
    text: str
    note: str | None
    markdown: str
    images: tuple[Image, ...]
    attachments: tuple[str, ...]
    declared: Declared | None
    edits: Edits | None
    albums: tuple[str, ...]
    frame: tuple[FrameLine, ...]
    questions: tuple[Question, ...]
    hidden: tuple[HiddenText, ...]
    preview: bool
    identity: Identity
    text_sha256: str
    capture: Capture
    provenance: Provenance


class PageState(_Value, frozen=True, kw_only=True):
    """A page that is not an article: what it is, in whose words, and on what evidence."""

    def __hash__(self) -> int:
        return hash((self.id, self.state, self.rule))

    state: str
    notice: str | None
    evidence: tuple[str, ...]
    schema: str
    id: str
    site: str
    url: str | None
    fetch_date: str | None
    rule: str | None
    details: dict[str, str]
    identity: Identity | None
    links: tuple[tuple[str, str, str | None], ...]
    next_url: str | None
    capture: Capture
    provenance: Provenance


NotArticle = PageState
"""The public name of what `harvester.extract` returns for a page that is not an article."""


def to_bytes(value: Document | PageState) -> bytes:
    """Return the one JSON form of a document: sorted keys, two-space indent, UTF-8, final newline.

    The same document gives the same bytes on any machine, locale and Python version.
    """
    packed = msgspec.json.encode(value, order="sorted")
    return msgspec.json.format(packed, indent=2) + b"\n"


def document_from_bytes(data: bytes) -> Document:
    """Read a document back; raises `msgspec.ValidationError` for anything that is not one."""
    return msgspec.json.decode(data, type=Document)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `Document` (shipped as docs/document.schema.json)."""
    return {"$id": SCHEMA, **msgspec.json.schema(Document)}


def state_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `PageState` (shipped as docs/page-state.schema.json)."""
    return {"$id": STATE_SCHEMA, **msgspec.json.schema(PageState)}
