"""The model of py3langid, unpacked once per machine and mapped from disk.

In its package it is compressed: each process would take half a second and 80 MB to read it.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag import files

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_LAYOUT = 1
"""Increase it whenever the same model gives other files."""
_ARRAYS = ("weights", "priors", "moves", "rows", "features")
_LANGUAGES = "languages.json"


@cache
def load() -> LanguageIdentifier:
    """Return the identifier, with probabilities; where the cache cannot be written it is not mapped."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        folder = files.cached_folder(f"py3langid-{metadata.version('py3langid')}-{_LAYOUT}", _unpack)
    except OSError:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    weights, priors, moves, rows, features = (
        np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS
    )
    languages = json.loads((folder / _LANGUAGES).read_bytes())
    # A state is looked up per byte of a text, which a list and a memoryview do faster than an array.
    return LanguageIdentifier(
        np.asarray(weights),
        np.asarray(priors),
        languages,
        memoryview(moves),
        memoryview(features),
        norm_probs=True,
        tk_row=rows.tolist(),
    )


def _unpack(folder: Path) -> None:
    from py3langid.langid import MODEL_DIR, MODEL_FILE
    from py3langid.modelio import load_model

    weights, priors, languages, moves, rows, features = load_model(MODEL_DIR / MODEL_FILE)
    features = np.array(features, np.int32)
    for name, values in zip(_ARRAYS, (weights, priors, moves, rows, features), strict=True):
        np.save(folder / f"{name}.npy", values)
    (folder / _LANGUAGES).write_text(json.dumps(languages), encoding="utf-8")
