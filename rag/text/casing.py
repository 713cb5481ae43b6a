"""Capital and small letters as words usually have them, whatever case a question is typed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_WORD = re.compile(r"[^\W\d_]+")


def restore_case(text: str, count_tokens: Callable[[Sequence[str]], Sequence[int]]) -> str:
    """Return a text in the case that its words usually have, whatever case they are in.

    A word is capitalised if that takes fewer tokens than small letters, as most names do. So does the
    first letter of the text. `count_tokens` returns the number of tokens of each word.
    """
    lowered = text.lower()
    found = list(_WORD.finditer(lowered))
    forms = [form for match in found for form in (match[0], _capitalized(match[0]))]
    counts = count_tokens(forms)
    words = [forms[at + (counts[at + 1] < counts[at])] for at in range(0, len(forms), 2)]
    restored = iter(words)
    return _capitalized(_WORD.sub(lambda match: next(restored), lowered))


def is_single_case(text: str) -> bool:
    """Whether all words of a text are in capitals, in small letters, or begin with a capital."""
    words = [word for word in _WORD.findall(text) if word.upper() != word.lower()]
    return any(all(map(test, words)) for test in (str.isupper, str.islower, str.istitle))


def _capitalized(word: str) -> str:
    return word[:1].upper() + word[1:]
