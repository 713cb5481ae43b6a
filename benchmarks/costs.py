"""Compute what archives of 10³ to 10⁹ passages cost: `python -m benchmarks.costs`.

It prints the tables of docs/scale.md, from the constants of costs.json (`cost_model.py`). `--write`
replaces them there; `--index FOLDER` first measures the constants that an index has.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import regex

from benchmarks.cost_model import Costs, of_index, read, record

DOCUMENT = Path(__file__).parent.parent / "docs" / "scale.md"
_SIZES = [10**power for power in range(3, 10)]
_FOLDER_UP_TO = 10**7
"""Passages from which each build copies so much that several machines answer better."""
_MACHINES = (4, 16)
_GENERATIONS = 3
"""The current generation, the one before and the one that is being built."""
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_BYTES = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
_SECONDS = ((365 * 86400, "years"), (86400, "days"), (3600, "h"), (60, "min"), (1, "s"))
_MIXED = 2
"""Units of time from which the larger one is written: 1.5 h are 90 min."""


def tables(costs: Costs) -> dict[str, str]:
    """Return the tables of the document in Markdown, by name."""
    return {
        "constants": _table(("constant", "", "measured by", "on"), _constants()),
        "sizes": _table(
            ("passages", "stored in", "nearest found by", "disk", "page", "build"), _sizes(costs)
        ),
        "builds": _table(
            ("passages", "one machine", *(f"{n} machines" for n in _MACHINES), "disk while building"),
            _builds(costs),
        ),
        "questions": _table(
            ("passages", "nearest", "searches a second", "answers a second"), _questions(costs)
        ),
        "milvus": _table(
            ("passages", "HNSW: memory", "DISKANN: memory", "DISKANN: SSD"), _milvus(costs)
        ),
    }


def _constants() -> Iterator[Sequence[str]]:
    for each in read().values():
        yield each["unit"], f"{each['value']:,}", f"`{each['command']}`", each["date"]


def _sizes(costs: Costs) -> Iterator[Sequence[str]]:
    for passages in _SIZES:
        is_folder, about = passages <= _FOLDER_UP_TO, _about(costs, passages)
        yield (
            _power(passages),
            "folder" if is_folder else "Milvus",
            _found_by(costs.lists(passages), costs) if is_folder else "HNSW or DISKANN",
            about + _bytes(costs.disk(passages)),
            about + _bytes(costs.page(passages if is_folder else 0)),
            about + _bytes(costs.build_memory(passages)),
        )


def _found_by(lists: int, costs: Costs) -> str:
    if lists > 1:
        return f"two-bit codes, {100 * costs.lists_searched:.0f} % of {lists:,} lists"
    return "two-bit codes, one list" if lists else "exact search"


def _builds(costs: Costs) -> Iterator[Sequence[str]]:
    for passages in _SIZES:
        times = (costs.build_seconds(passages, machines) for machines in (1, *_MACHINES))
        about = _about(costs, passages)
        disk = _bytes(_GENERATIONS * costs.disk(passages))
        yield _power(passages), *(about + _time(each) for each in times), about + disk


def _questions(costs: Costs) -> Iterator[Sequence[str]]:
    for passages in _SIZES:
        about = _about(costs, passages)
        if passages <= _FOLDER_UP_TO:
            each = (costs.search_ms, costs.answer_ms)
            rates = (f"{about}{_digits(costs.per_second(passages, time))}" for time in each)
            yield _power(passages), f"{about}{_digits(costs.nearest_ms(passages))} ms", *rates


def _milvus(costs: Costs) -> Iterator[Sequence[str]]:
    for passages in _SIZES:
        if passages >= _FOLDER_UP_TO:
            memory = (costs.hnsw(passages), costs.diskann(passages), costs.hnsw(passages))
            yield _power(passages), *(f"≈ {_bytes(each)}" for each in memory)


def _about(costs: Costs, passages: int) -> str:
    """Return the mark of what is larger than anything measured."""
    return "≈ " if passages > costs.measured_passages else ""


def _power(passages: int) -> str:
    return f"10{str(round(math.log10(passages))).translate(_SUPERSCRIPTS)}"


def _digits(value: float) -> str:
    """Write two digits that count, and no exponent."""
    decimals = max(0, 1 - math.floor(math.log10(value)))
    return f"{round(value, 1 - math.floor(math.log10(value))):,.{decimals}f}"


def _bytes(value: float) -> str:
    size, unit = next(each for each in _BYTES if value >= each[0])
    return f"{_digits(value / size)} {unit}"


def _time(seconds: float) -> str:
    size, unit = next((each for each in _SECONDS if seconds >= _MIXED * each[0]), _SECONDS[-1])
    return f"{_digits(seconds / size)} {unit}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def write(document: str, printed: Mapping[str, str]) -> str:
    """Replace the tables of a document, which stand between comments with their names."""
    for name, table in printed.items():
        place = regex.compile(rf"(?s)(<!-- {name} -->\n).*?(<!-- end -->)")
        document = place.sub(rf"\g<1>{table}\n\g<2>", document)
    return document


def main() -> None:
    """Print the tables, or write them, or measure an index."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="replace the tables in docs/scale.md")
    parser.add_argument("--index", type=Path, help="measure the constants that an index has")
    options = parser.parse_args()
    if options.index:
        record(of_index(options.index), "python -m benchmarks.costs --index INDEX")
    printed = tables(Costs.load())
    print(*printed.values(), sep="\n\n")
    if options.write:
        text = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(write(text, printed), encoding="utf-8")


if __name__ == "__main__":
    main()
