"""Make the language means of a model: `python -m training.language_means --data ../shared/data`.

They are the mean query and passage vectors of the same sentences (SIB-200 train) under the model, in
the languages that `rag.text.language` can identify. `LanguageMeans` removes language bias with them.
Without `--model`, the means are those of the default model and go into the package; those of another
model go into the user's data folder, where `rag` finds them. The differences between means are stable
from about a hundred sentences on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import langcodes
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from rag.embedding import default_model
from rag.embedding.encoder import SentenceEncoder
from rag.embedding.language_shift import SHIPPED, LanguageMeans
from rag.text.language import identifiable

STRENGTH, ORDINARY, DAMPING = 1.0, 0.465, 2.0
"""Chosen for the default model; see `LanguageMeans`."""
BACKGROUND = "ar de el en es fr hi ja ko ro ru th tr vi zh-Hans zh-Hant".split()
"""Languages whose mean question is the background."""
AS_IDENTIFIED = {"fil": "tl", "nb": "no", "pbt": "ps", "quy": "qu", "ki": "kik"}
"""Languages for which py3langid has another tag."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default=default_model.NAME)
    parser.add_argument(
        "--sentences", type=int, default=128, help="how many of the 701 (default: %(default)s)"
    )
    parser.add_argument("--strength", type=float, default=STRENGTH)
    parser.add_argument("--ordinary", type=float, default=ORDINARY)
    parser.add_argument("--damping", type=float, default=DAMPING)
    options = parser.parse_args()
    encoder = SentenceEncoder(options.model, shift_languages=False)
    files = sorted((options.data / "sib200/train").glob("*.txt"))
    tag = tags([path.stem for path in files])
    means: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
    known = identifiable()
    for path in (path for path in files if tag[path.stem] in known):
        sentences = path.read_text(encoding="utf-8").splitlines()[: options.sentences]
        means[tag[path.stem]] = (
            encoder.encode_queries(sentences).mean(0),
            encoder.encode_passages(sentences).mean(0),
        )
        print(f"{path.stem} is {tag[path.stem]}", flush=True)
    target = (
        SHIPPED if options.model == default_model.NAME else LanguageMeans.user_path(encoder.fingerprint)
    )
    numbers = {name: getattr(options, name) for name in ("strength", "ordinary", "damping")}
    save(target, encoder.fingerprint, means, numbers)
    print(target)


def tags(names: Sequence[str]) -> dict[str, str]:
    """Map the languages of SIB-200 to the BCP 47 tags of the identifier, such as arb_Arab to ar.

    If a language has two scripts, only the tag of the less usual one names its script. Chinese tags
    always do.
    """

    def rank(name: str) -> tuple[bool, bool]:
        usual = langcodes.standardize_tag(name, macro=True)
        simple = langcodes.Language.get(usual).simplify_script()
        return simple.script is not None, not name.endswith("_Latn")

    result: dict[str, str] = {}
    for name in sorted(names, key=rank):
        code, script = name.split("_")
        standard = langcodes.standardize_tag(code, macro=True)
        tag = AS_IDENTIFIED.get(standard, standard)
        if code == "zho":
            tag = f"zh-{script}"
        elif tag in result.values():
            tag = code if script == "Latn" else f"{tag}-{script}"
        result[name] = tag
    return result


def save(
    path: Path,
    model: str,
    means: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]],
    numbers: dict[str, float],
) -> None:
    """Write the means in half precision; `model` is the fingerprint of the model."""
    languages: Sequence[str] = sorted(means)
    queries, passages = (
        np.stack([means[name][side] for name in languages]).astype(np.float16) for side in (0, 1)
    )
    metadata = {"model": model, "languages": json.dumps(languages)}
    metadata |= {name: str(number) for name, number in numbers.items()}
    background = np.mean([means[name][0] for name in BACKGROUND], axis=0).astype(np.float16)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {"queries": queries, "passages": passages, "background": background}
    save_file(tensors, path, metadata=metadata)


if __name__ == "__main__":
    main()
