"""Keep what was reached: `python -m benchmarks.gate RESULT.json` fails when a figure drops too low.

The floors are in baseline.json, with the SHA-256 of the data and the settings that they were measured
with: a result of other data or settings is not compared but refused. `--update` raises floors to just
below what the result reached, and adds those that are missing; it never lowers one.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

BASELINE = Path(__file__).with_name("baseline.json")
SLACK = 0.01
"""Left below what was reached, or some questions if that is more: processors round differently."""
RETRIEVAL = ("MRR@10", "Recall@5", "Answer@5")
ANSWERS = ("F1", "Exact", "Answered", "Refusal precision", "Refusal recall", "Calibration")
QUESTIONS = dict.fromkeys(RETRIEVAL, 1) | dict.fromkeys(ANSWERS, 3)
"""How many questions may be lost: the reader rounds more, with bfloat16 or without."""
Profile = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("result", type=Path)
    parser.add_argument("--baseline", type=Path, default=BASELINE)
    parser.add_argument("--update", action="store_true", help="raise the floors to what was reached")
    options = parser.parse_args()
    result = json.loads(options.result.read_text(encoding="utf-8"))
    baseline = json.loads(options.baseline.read_text(encoding="utf-8"))
    name = "small" if result["settings"]["small"] else "full"
    profile = baseline.get(name)
    if profile is None and not options.update:
        print(f"gate: there are no floors for the {name} sets; set them with --update")
        return 1
    reached = profile_of(result)
    faults = check(profile, reached) if profile else []
    for fault in faults:
        print(f"gate: {fault}")
    if faults:
        return 1
    print(f"gate: {len(reached['floors'])} figures of the {name} sets, none below its floor")
    if options.update:
        baseline[name] = raised(profile, reached)
        options.baseline.write_text(json.dumps(baseline, indent=1) + "\n", encoding="utf-8")
    return 0


def profile_of(result: dict[str, Any]) -> Profile:
    """What a result reached, in the form of the baseline, and how far below it a floor may be."""
    reached, slack = {}, {}
    for corpus in result["corpora"].values():
        for name, rows in corpus["sets"].items():
            for group, figures in rows["product"]["figures"].items():
                for measure, questions in QUESTIONS.items():
                    if measure in figures:
                        reached[f"{name} · {group} · {measure}"] = figures[measure]
                        slack[f"{name} · {group} · {measure}"] = max(SLACK, questions / figures["n"])
    data = {name: corpus["data"] for name, corpus in result["corpora"].items()}
    return {"data": data, "settings": result["settings"], "floors": reached, "slack": slack}


def check(profile: Profile, reached: Profile) -> list[str]:
    """Say what is wrong with a result: not comparable, a figure missing, or one below its floor."""
    faults = [
        f"the {part} {name!r} is {reached[part].get(name)!r}, the floors were set with {value!r}"
        for part in ("data", "settings")
        for name, value in profile[part].items()
        if reached[part].get(name) != value
    ]
    if faults:
        return faults
    for name, floor in profile["floors"].items():
        value = reached["floors"].get(name)
        if value is None:
            faults.append(f"{name} was not measured, its floor is {floor:.3f}")
        elif value < floor:
            faults.append(f"{name} is {value:.3f}, below its floor of {floor:.3f}")
    return faults


def raised(profile: Profile | None, reached: Profile) -> Profile:
    """The floors after a result that passed: none is lower than before."""
    before = profile["floors"] if profile else {}
    floors = {
        name: max(before.get(name, 0.0), round(value - reached["slack"][name], 3), 0.0)
        for name, value in reached["floors"].items()
    }
    return {"data": reached["data"], "settings": reached["settings"], "floors": floors}


if __name__ == "__main__":
    sys.exit(main())
