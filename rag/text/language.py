"""Which language a text is in, and what that does to its vector.

A multilingual encoder puts the texts of one language near each other, so that a question is drawn to
passages in its own language before those that answer it. The mean vectors of the same sentences in
two languages differ by about that pull; `LanguageMeans` takes it out. It also moves away the passages
that are near every question, whatever it asks: dates, credits, lists of agencies, copyright lines.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import platformdirs

from rag.errors import ModelError
from rag.types import Vectors

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_KANA = re.compile(r"[\u3041-\u30ff\uff66-\uff9d]")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_SAMPLE_CHARACTERS = 5000
"""Beginning of a text that is examined."""
_UNLIKELY = 0.3
"""A language less likely than the likeliest by this factor is not considered."""
_TENSORS = ("queries", "passages", "background")
_NUMBERS = ("strength", "ordinary", "damping")
SHIPPED = Path(str(files("rag"))) / "models" / "language_means.safetensors"


def detect(text: str) -> str:
    """Return the BCP 47 tag of the main language of a text; "und" if it has no words.

    Chinese, Japanese and Korean are identified by their scripts, other languages by py3langid. Chinese
    is "zh-Hans" or "zh-Hant", or "zh" if all its characters are common to both scripts.
    """
    likely = probabilities(text)
    return max(likely, key=likely.__getitem__) if likely else "und"


def probabilities(text: str) -> dict[str, float]:
    """Return the probabilities of the likely languages of a text, by BCP 47 tag.

    Empty if it has no words. A short text in a script of many languages has several.
    """
    text = text[:_SAMPLE_CHARACTERS]
    letters = sum(map(str.isalpha, text))
    han, kana, hangul = (len(script.findall(text)) for script in (_HAN, _KANA, _HANGUL))
    if not letters:
        return {}
    if hangul * 5 > letters:
        return {"ko": 1.0}
    if (han + kana) * 5 > letters:
        return {"ja" if kana * 10 > han else _chinese(text): 1.0}
    ranked = _identifier().rank(text)
    likely = {tag: float(p) for tag, p in ranked if p >= _UNLIKELY * ranked[0][1]}
    return {tag: p / sum(likely.values()) for tag, p in likely.items()}


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _chinese(text: str) -> str:
    """Return the script whose national character set, GB 2312 or Big5, has more of the characters."""
    han = "".join(_HAN.findall(text))
    simplified, traditional = (len(han.encode(name, "ignore")) for name in ("gb2312", "big5"))
    if simplified == traditional:
        return "zh"
    return "zh-Hans" if simplified > traditional else "zh-Hant"


class LanguageMeans:
    """The mean vectors of the same sentences in many languages, for one encoder.

    `shift` moves vectors of any language towards the frame of simplified Chinese; Chinese stays where
    it is, in both scripts. `queries` and `passages` have shape (len(languages), dim). Passages are
    moved by the whole difference, so that those in all languages compete fairly, questions by the
    share `strength` of it. `background`, shape (dim,), is where questions are on average: a passage
    that is more similar to it than `ordinary` is moved away from it, `damping` times by how much
    (after Suzuki et al. 2013, https://aclanthology.org/D13-1058/).
    """

    FRAME = "zh-Hans"

    def __init__(
        self,
        languages: Sequence[str],
        queries: Vectors,
        passages: Vectors,
        background: Vectors,
        *,
        strength: float,
        ordinary: float,
        damping: float,
    ) -> None:
        self._rows = rows = {tag: row for row, tag in enumerate(languages)}
        self._offsets = {
            True: strength * (queries[rows[self.FRAME]] - queries),
            False: passages[rows[self.FRAME]] - passages,
        }
        self._background, self._ordinary, self._damping = background, ordinary, damping
        content = repr((list(languages), strength, ordinary, damping)).encode()
        content += queries.tobytes() + passages.tobytes() + background.tobytes()
        self.fingerprint = hashlib.sha256(content).hexdigest()[:16]

    @classmethod
    def find(cls, model: str) -> Self | None:
        """Return the means that were made for the model with this fingerprint, None if none were.

        Ours ship with the package; `training/language_means.py` puts those of another model into
        the user's data folder, where `stored` says. Raises `ModelError` for a file that is damaged.
        """
        from safetensors import SafetensorError, safe_open

        for path in filter(Path.is_file, (SHIPPED, cls.stored(model))):
            try:
                with safe_open(path, "numpy") as file:
                    about = file.metadata()
                    if about["model"] == model:
                        queries, passages, background = (
                            file.get_tensor(name).astype(np.float32) for name in _TENSORS
                        )
                        return cls(
                            json.loads(about["languages"]),
                            queries,
                            passages,
                            background,
                            **{name: float(about[name]) for name in _NUMBERS},
                        )
            except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
                raise ModelError(
                    f"The language means in {path} cannot be read ({error}). Delete the file, or make "
                    "it again with training/language_means.py."
                ) from error
        return None

    @staticmethod
    def stored(model: str) -> Path:
        """Where the means of a user's own model are kept."""
        return platformdirs.user_data_path("rag") / f"language-means-{model}.safetensors"

    def shift(self, vectors: Vectors, texts: Sequence[str], *, queries: bool) -> Vectors:
        """Return the vectors of `texts`, shape (n, dim), in the common frame, as unit vectors.

        Where the language of a text is unsure, the means of those it may be in are mixed.
        """
        moved = vectors.copy()
        for row, text in enumerate(texts):
            likely = probabilities(text)
            known = {tag: p for tag, p in likely.items() if tag in self._rows and tag[:2] != "zh"}
            if not known:
                continue
            for tag, probability in known.items():
                share = probability / sum(known.values())
                moved[row] += share * self._offsets[queries][self._rows[tag]]
            moved[row] /= np.linalg.norm(moved[row])
        return moved if queries else self._damp(moved)

    def _damp(self, vectors: Vectors) -> Vectors:
        excess = np.maximum(vectors @ self._background - self._ordinary, 0)
        away = self._damping * self._background / (self._background @ self._background)
        moved: Vectors = vectors - np.outer(excess, away)
        moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        return moved
