"""Write the hits and answers of a set of questions to a file, or compare them with an earlier file.

Use it around a change that must not alter results: a restructuring, a new backend, a new index writer.

    python -m benchmarks.snapshot INDEX before.json --data ../shared/data
    python -m benchmarks.snapshot INDEX after.json --data ../shared/data --expected before.json

It imports nothing but the public names of `rag`, so it also runs on an older version of the project.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import rag

QUESTIONS = "newsqa-dev/questions.jsonl"


def main() -> int:
    """Return 0 if there is nothing to compare with, or nothing differs; else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("index", help="index folder to ask")
    parser.add_argument("out", type=Path, help="file to write")
    parser.add_argument("--data", type=Path, required=True, help="folder with the question sets")
    parser.add_argument("--expected", type=Path, help="earlier file to compare with")
    parser.add_argument("-k", type=int, default=10, help="hits per question (default: %(default)s)")
    options = parser.parse_args()
    lines = (options.data / QUESTIONS).read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    found = take(rag.load(options.index), questions, options.k)
    options.out.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    if options.expected is None:
        return 0
    different = differences(json.loads(options.expected.read_bytes()), found)
    for question in different:
        print(f"differs: {question}")
    print(f"{len(found) - len(different)} of {len(found)} questions have identical hits and answers")
    return int(bool(different))


def take(assistant: rag.Assistant, questions: list[str], k: int) -> dict[str, Any]:
    """Return the hits and the answer of each question as JSON values, with scores in full."""
    results = {
        question: {"hits": assistant.search(question, k), "answer": assistant.ask(question)}
        for question in questions
    }
    found: dict[str, Any] = json.loads(json.dumps(results, default=_to_json, ensure_ascii=False))
    return found


def differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return the questions whose hits or answers are not equal, or that only one side has."""
    questions = [*expected, *(question for question in found if question not in expected)]
    return [question for question in questions if expected.get(question) != found.get(question)]


def _to_json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else asdict(value)


if __name__ == "__main__":
    sys.exit(main())
