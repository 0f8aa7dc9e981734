"""From a document's language tag to the code of `WARC-Identified-Content-Language`, as Common Crawl has it.

BCP 47 takes the two-letter code where there is one (RFC 5646 §2.2.1); WET files have three letters
(ISO 639-3; `zho`, not the bibliographic `chi`).
"""

from __future__ import annotations

from typing import Final

_TABLE: Final = (
    "af:afr am:amh ar:ara az:aze be:bel bg:bul bn:ben bo:bod bs:bos ca:cat cs:ces cy:cym da:dan de:deu "
    "el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas fi:fin fr:fra ga:gle gl:glg gu:guj ha:hau he:heb "
    "hi:hin hr:hrv hu:hun hy:hye id:ind ig:ibo is:isl it:ita ja:jpn ka:kat kk:kaz km:khm kn:kan ko:kor "
    "ku:kur ky:kir la:lat lo:lao lt:lit lv:lav mg:mlg mk:mkd ml:mal mn:mon mr:mar ms:msa mt:mlt my:mya "
    "ne:nep nl:nld no:nor or:ori pa:pan pl:pol ps:pus pt:por ro:ron ru:rus rw:kin sd:snd si:sin sk:slk "
    "sl:slv so:som sq:sqi sr:srp sv:swe sw:swa ta:tam te:tel tg:tgk th:tha tk:tuk tl:tgl tr:tur tt:tat "
    "ug:uig uk:ukr ur:urd uz:uzb vi:vie xh:xho yi:yid yo:yor yue:yue za:zha zh:zho zu:zul"
)
_CODES: Final = dict(pair.split(":") for pair in _TABLE.split())


def iso_639_3(tag: str | None) -> str | None:
    """Return the three-letter code of a tag's language; None for none, or one that the table has not."""
    return _CODES.get(tag.partition("-")[0].lower()) if tag else None
