"""Makes the table of names, `rag/models/names*.zip`, out of `DATA/names` and CC-CEDICT.

    python -m training.name_table --data DATA

Rows are ordered by prominence: what CLDR names, then the entities of X-FACTR, then last names.
"""

from __future__ import annotations

import argparse
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

from rag.names.columns import CHARACTERS, CHINESE, CLDR, ENGLISH, WORDS
from rag.names.table import PATHS, key
from training.name_rows import Maker
from training.name_sources import Row

_DAY = (1980, 1, 1, 0, 0, 0)
"""The date of the files in the archive, so that the same data make the same bytes."""
_WORD_LENGTHS = (2, 3)
_LEAST_USES = 3
"""Length and uses of the words that are stored, to tell names from accidental neighbours."""


def common_words(counts: Counter[str]) -> list[str]:
    """Return the words and names that texts use, most frequent first."""
    used = [word for word, uses in counts.items() if len(word) in _WORD_LENGTHS and uses >= _LEAST_USES]
    return sorted(used, key=lambda word: (-counts[word], word))


def cedict_rows(maker: Maker, known: Collection[str]) -> list[Row]:
    """Return the rows of the names that only CC-CEDICT has, without those that have another sense."""
    return [
        Row([zh], {ENGLISH: [name]})
        for zh, name in sorted(maker.english.items())
        if key(zh) not in known and maker.is_only(zh, name)
    ]


def write(rows: Iterable[Row], path: Path, **more: str) -> None:
    """Write the columns of some rows, and more texts."""
    rows = list(rows)
    columns = {CHINESE: [row.zh for row in rows]}
    for tag in sorted({tag for row in rows for tag in row.names}):
        columns[tag] = [row.names.get(tag, []) for row in rows]
    if any(row.cldr for row in rows):
        columns[CLDR] = [[row.cldr] for row in rows]
    texts = {name: "".join("\t".join(cell) + "\n" for cell in cells) for name, cells in columns.items()}
    with zipfile.ZipFile(path, "w") as file:
        for name, text in {**texts, **more}.items():
            info = zipfile.ZipInfo(f"{name}.txt", _DAY)
            file.writestr(info, text.encode(), zipfile.ZIP_DEFLATED, 9)
    print(f"{path.name}: {len(rows)} rows, {path.stat().st_size / 1e6:.2f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--entities", type=int, default=22000, help="of X-FACTR")
    parser.add_argument("--parts", type=int, default=30000, help="last names alone")
    parser.add_argument("--aliases", type=int, default=1, help="further names in a language")
    options = parser.parse_args()
    maker = Maker(options.data)
    rows = maker.rows(options.entities, options.parts, options.aliases)
    write(rows, PATHS[0], **{CHARACTERS: "".join(sorted(maker.characters))})
    known = {key(form) for row in rows for form in row.zh}
    words = "\n".join(common_words(maker.chinese))
    write(cedict_rows(maker, known), PATHS[1], **{WORDS: words})


if __name__ == "__main__":
    main()
