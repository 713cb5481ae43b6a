"""Which words are common ones and which are names, as an encoder's vocabulary has them."""

from __future__ import annotations

from rag.protocols import CasedEncoder, Encoder, LexicalEncoder


class Lexicon:
    """Tells names from common words; with an encoder that cannot, every word may be a name."""

    def __init__(self, encoder: Encoder) -> None:
        self._cased = encoder if isinstance(encoder, CasedEncoder) else None
        self._lexical = encoder if isinstance(encoder, LexicalEncoder) else None

    @property
    def tells_words(self) -> bool:
        """Whether common words are known."""
        return self.is_common("the")

    def is_common(self, word: str) -> bool:
        """Whether a word is common in small letters."""
        return self._lexical is not None and self._lexical.has_word(word.lower())

    def is_name(self, word: str) -> bool:
        """Whether a word usually has a capital."""
        if self._cased is None:
            return True
        return self._cased.restore_case(f"the {word.lower()}").partition(" ")[2][:1].isupper()
