"""Detects the encoding of a text that does not state it.

A text in the wrong encoding is full of characters that are rare in every language of that encoding.
The share of common characters tells the encodings of East Asia, and those for the Latin script, apart
within a headline and in spite of damaged bytes. charset-normalizer is not as good at these; it tells
the other alphabets apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_FOREIGN = re.compile(rb"[\x80-\xff]")
_TAG = re.compile(rb"<[^<>]{0,2000}>")
_RUN = re.compile(r"[^\0-\x7f]{2,}")
_GB2312 = re.compile(rb"(?:[\0-\x7f]|[\xb0-\xf7][\xa1-\xfe]|[\xa1-\xa9][\xa1-\xfe])+")
_WINDOW_BYTES, _SAMPLE_BYTES = 65_536, 8192
_LIKELY, _CERTAIN = 0.25, 0.4
"""Shares of common characters, less a penalty for damaged ones."""
_CERTAIN_BYTES = 24
_ODD_CATEGORIES = frozenset(["Cc", "Cn", "Co", "Cs"])
_CONTROL_BYTES = bytes([*range(9), *range(14, 32)])
_ODD_SHARE = 0.02

_MARKS = "，。、“”‘’：；？！（）《》「」『』…—"
_WESTERN_MARKS = frozenset("“”‘’„‚«»–—…€•·°№§\N{NO-BREAK SPACE}")
_HAN = (
    "的一是在不了有和人中大以到要出新日月年生多民方也自于表公成主共全其前之被行能者外作部下本分家政府今向同"
    "使次第名位至元百千二三四五六七八九十上地天正加市道及所因合社最高期"
)
_SIMPLIFIED = _HAN + (
    "国这为会对他美个们我来时法发说与后过经就关将事特动但员而现港学制示报当些进力情都开用并安得体利台还议实定"
    "面香数重度如种没业长文已提权间此机工统交应总该内理持区东西京海北南党军记起华电省院委警案亿万两从把给让"
    "点称指"
)
_TRADITIONAL = _HAN + (
    "國這為會對他美個們我來時法發說與後過經就關將事特動但員而現港學制示報當些進力情都開用並安得體利台還議實定"
    "面香數重度如種沒業長文已提權間此機工統交應總該內理持區東西京海北南黨軍記起華電省院委警案億萬兩從把給讓"
    "點稱指臺灣縣於嗎嘅係喺咗唔佢哋冇"
)
_JAPANESE = (
    "日一人年大十二本中長出三時行見月分後前生五間上東四九学高円子六下来気小七話女北国会社事者政府部場市県区発表"
    "対的化新内同定全戦力自理動体開議員党連合約万億米首相経済当地方目度"
    + "".join(map(chr, (*range(0x3041, 0x3094), *range(0x30A1, 0x30F7), 0x30FC)))
)
_KOREAN = (
    "이다에의는로하을가고지서한은기으년대사시를리도인스일있했자전정해들부과수그보아나장제만어국주원것구오세비라면"
    "성당여동상게관회등된와위할조공신경습니까요며였월안선적계미중소연발화명문민생진통"
)


class _Encoding(NamedTuple):
    """An encoding by its standard name and Python's, and the common characters of its languages."""

    name: str
    codec: str
    languages: tuple[frozenset[str], ...]


def _encoding(name: str, codec: str, *languages: str) -> _Encoding:
    return _Encoding(name, codec, tuple(map(frozenset, languages)))


_CHINESE = (_SIMPLIFIED + _MARKS, _TRADITIONAL + _MARKS)
_EAST_ASIAN = (
    _encoding("gb18030", "gb18030", *_CHINESE),
    _encoding("big5", "big5hkscs", _TRADITIONAL + _MARKS),
    _encoding("shift_jis", "cp932", _JAPANESE + _MARKS),
    _encoding("euc-jp", "euc_jp", _JAPANESE + _MARKS),
    _encoding("euc-kr", "cp949", _KOREAN + _MARKS),
    _encoding("utf-16le", "utf-16-le", *_CHINESE, _JAPANESE + _MARKS, _KOREAN + _MARKS),
    _encoding("utf-16be", "utf-16-be", *_CHINESE, _JAPANESE + _MARKS, _KOREAN + _MARKS),
)
_WITH_ASCII = _EAST_ASIAN[:5]
"""Those in which ASCII is readable, as it is in file names and in a declaration."""
_WESTERN = ("éèàêçâîôûùëïœ", "äöüß", "áéíóúñü¿¡", "ãáéçíóêõâàôú", "àèéìòù", "åäöæøé", "áéíóúýðþæö")
_CENTRAL = ("ąęłśżóćńź", "áíéěřýčžšůúťďňóôľĺŕä", "áéöóőüíűú", "ăîâşţ", "čšžćđ")
_LATIN = (
    _encoding("windows-1252", "cp1252", *_WESTERN),
    _encoding("windows-1250", "cp1250", *_CENTRAL),
    _encoding("windows-1254", "cp1254", "ıüşçğöâîİ"),
    _encoding("windows-1257", "cp1257", "ėšųžūįąęč", "āīēšļūžņģķč", "äõüöšž"),
    _encoding("windows-1258", "cp1258", "àáâăđêôơưéèìíòóùú\u0300\u0301\u0303\u0309\u0323"),
)
_OTHER_ALPHABETS = ("cp1251", "cp1253", "cp1255", "cp1256", "koi8_r")


def detect(content: bytes) -> str:
    """Return the standard name of the encoding that reads these bytes best."""
    sample = _sample(content)
    encoding, score = _best_east_asian(sample)
    return encoding if score >= _LIKELY else _alphabetic(sample)


def detect_names(names: bytes) -> str:
    """Return the standard name of the East Asian encoding of file names; "" if none fits."""
    encoding, score = _best_east_asian(names, _WITH_ASCII)
    if score >= _LIKELY:
        return encoding
    # A name of a few characters may have no common one: Chinese is the most likely then.
    return "gb18030" if _GB2312.fullmatch(names) else ""


def is_contradicted(content: bytes, declared: str) -> bool:
    """Whether the bytes are certainly a text in another East Asian encoding than the declared one."""
    sample = _sample(content)
    stated = [encoding for encoding in _EAST_ASIAN if _same(encoding.name, declared)]
    if stated and _east_asian_score(sample, stated[0]) >= _LIKELY:
        return False
    encoding, score = _best_east_asian(sample, _WITH_ASCII)
    return (
        not _same(encoding, declared)
        and score >= _CERTAIN
        and len(_FOREIGN.findall(sample)) >= _CERTAIN_BYTES
    )


def is_chinese(text: str) -> bool:
    """Whether many of the characters beyond ASCII are common in Chinese."""
    return _common_share(text, _EAST_ASIAN[0].languages) >= _LIKELY


def utf16(content: bytes) -> str:
    """Return the UTF-16 encoding of a text with NUL bytes and no byte order mark, "" if it is none."""
    sample = content[: _SAMPLE_BYTES & ~1]
    if _is_utf8(content):
        return ""
    texts = {name: sample.decode(name, "replace") for name in ("utf-16le", "utf-16be")}
    name = max(texts, key=lambda name: sum(map(str.isascii, texts[name])))
    odd = sum(_is_odd(character) for character in texts[name])
    return name if odd <= _ODD_SHARE * len(texts[name]) else ""


def _is_utf8(content: bytes) -> bool:
    """Whether this is UTF-8 with few controls: UTF-16 may be valid UTF-8 too, but is full of them."""
    controls = len(content) - len(content.translate(None, _CONTROL_BYTES))
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return controls <= _ODD_SHARE * len(content)


def _is_odd(character: str) -> bool:
    is_control = unicodedata.category(character) in _ODD_CATEGORIES and character not in "\t\n\f\r"
    return is_control or character == REPLACEMENT


def _same(encoding: str, declared: str) -> bool:
    return encoding == declared or {encoding, declared} == {"gb18030", "gbk"}


def _sample(content: bytes) -> bytes:
    """Return a part of the text without tags that begins with the first character beyond ASCII."""
    first = _FOREIGN.search(content)
    start = first.start() & ~1 if first else 0
    return _TAG.sub(b" ", content[start : start + _WINDOW_BYTES])[:_SAMPLE_BYTES]


def _best_east_asian(sample: bytes, encodings: Sequence[_Encoding] = _EAST_ASIAN) -> tuple[str, float]:
    scores = {encoding.name: _east_asian_score(sample, encoding) for encoding in encodings}
    best = max(scores, key=scores.__getitem__)
    return best, scores[best]


def _east_asian_score(sample: bytes, encoding: _Encoding) -> float:
    return _common_share(sample.decode(encoding.codec, "replace"), encoding.languages)


def _common_share(text: str, languages: Iterable[frozenset[str]]) -> float:
    """Return the share of common characters. A lone character is no sign of East Asian writing."""
    total = len(text) - len(text.encode("ascii", "ignore"))
    counts = Counter("".join(_RUN.findall(text)))
    damaged = 2 * counts[REPLACEMENT]
    common = max(sum(counts[character] for character in language) for language in languages)
    return (common - damaged) / total if total else 0.0


def _alphabetic(sample: bytes) -> str:
    # Imported late: questions are answered without the libraries that read files.
    import charset_normalizer

    codecs = [*_OTHER_ALPHABETS, *(encoding.codec for encoding in _LATIN)]
    match = charset_normalizer.from_bytes(sample, cp_isolation=codecs, threshold=0.8).best()
    if match and match.encoding in _OTHER_ALPHABETS:
        return match.encoding.replace("cp", "windows-").replace("_", "-")
    return max(_LATIN, key=lambda encoding: _latin_score(sample, encoding)).name


def _latin_score(sample: bytes, encoding: _Encoding) -> float:
    """Return how well the letters with accents fit the best of the languages of an encoding."""
    text = sample.decode(encoding.codec, "replace")
    counts = Counter(character for character in text if not character.isascii())
    return max(
        sum(count * _fit(character, language) for character, count in counts.items())
        for language in encoding.languages
    )


def _fit(character: str, language: frozenset[str]) -> float:
    if character in language:
        return 1.0
    if character in _WESTERN_MARKS or character.lower() in language:
        return 0.5
    return -2.0 if character == REPLACEMENT else -0.5
