"""Clauses without their negations, so that both forms can be compared in meaning."""

from __future__ import annotations

from functools import cache

import regex

_WITHOUT = {
    "zh": (
        (r"并非|并不是|不是|[绝絕]非", "是"),
        (r"[并並从從绝絕决決]?(?:没有|沒有|[不没沒未无無])(?=\p{Han})", ""),
    ),
    "en": (
        (r"\bcannot\b", "can"),
        (r"\bwithout\b", "with"),
        (r"\bneither\b", "both"),
        (r"\bnor\b", "and"),
        (r"n['’]t\b", ""),
        (r"\b(?:not|no|never)\b\s?", ""),
        (r"\bnone\b", "all"),
        (r"\bnothing\b", "something"),
    ),
    "fr": (
        (r"\bsans\b", "avec"),
        (r"\b(?:ne\b\s?|n['’])", ""),
        (r"\b(?:pas|plus|jamais|rien|point|guère)\b\s?", ""),
        (r"\baucun(e?)\b", r"un\1"),
        (r"\bni\b", "et"),
    ),
    "de": (
        (r"\bohne\b", "mit"),
        (r"\bweder\b", "sowohl"),
        (r"\bkein", "ein"),
        (r"\bniemand", "jemand"),
        (r"\bnichts\b", "etwas"),
        (r"\b(?:nicht|niemals|nie)\b\s?", ""),
    ),
    "es": (
        (r"\bsin\b", "con"),
        (r"\b(?:no|nunca|jamás|tampoco)\b\s?", ""),
        (r"\bning[úu]n", "algun"),
        (r"\bnadie\b", "alguien"),
        (r"\bnada\b", "algo"),
    ),
    "pt": (
        (r"\bsem\b", "com"),
        (r"\b(?:não|nunca|jamais|nem)\b\s?", ""),
        (r"\bnenhum", "algum"),
        (r"\bninguém\b", "alguém"),
        (r"\bnada\b", "algo"),
    ),
    "it": (
        (r"\bsenza\b", "con"),
        (r"\b(?:non|mai|né|neppure|neanche)\b\s?", ""),
        (r"\bnessun", "qualcun"),
        (r"\bniente\b", "qualcosa"),
    ),
    "ru": (
        (r"\bбез\b", "с"),
        (r"\b(?:не|ни|никогда)\b\s?", ""),
        (r"\bнет\b", "есть"),
        (r"\bникто\b", "кто-то"),
        (r"\bничего\b", "что-то"),
        (r"\bнельзя\b", "можно"),
    ),
    "tr": (
        (r"\bdeğil\p{L}*\s?", ""),
        (r"\byok\b", "var"),
        (r"(?<=\p{L}{2})m[ıiuüae](?=yor|dı|di|du|dü|z|mış|miş|yacak|yecek)", ""),
        (r"\b(?:hiç\p{L}*|asla)\s?", ""),
    ),
    "vi": ((r"\b(?:không|chưa|chẳng)\b\s?", ""),),
    "ar": ((r"\b(?:لا|لم|لن|ليست?)\b\s?", ""), (r"\bب?دون\b", "مع"), (r"\bعدم\b\s?", "")),
    "ja": (
        (r"なかった", "た"),
        (r"ません", "ます"),
        (r"なく", "て"),
        (r"ない", "る"),
        (r"ず(?=[、に。])", "て"),
    ),
    "ko": (
        (r"지\s?(?:는\s?)?않[았는은을]?", ""),
        (r"지\s?못[했한하]?", ""),
        (r"없", "있"),
        (r"못[했한하]", "했"),
        (r"아니", "맞"),
    ),
}
"""What stands for a negation in the clause that is not negated. It need not be good style, only
nearer in meaning to a clause that says the opposite."""


def without_negation(clause: str, language: str) -> str:
    """Return a clause of a language (ISO 639-1) as it would be without its negations."""
    for pattern, replacement in _patterns(language):
        clause = pattern.sub(replacement, clause)
    return clause


@cache
def _patterns(language: str) -> tuple[tuple[regex.Pattern[str], str], ...]:
    return tuple((regex.compile(each, regex.I), text) for each, text in _WITHOUT.get(language, ()))
