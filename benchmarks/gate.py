"""Guard the measured quality: `python -m benchmarks.gate RESULT.json` fails if a figure is too low.

The floors are in baseline.json, with the SHA-256 of the data and the settings. A result with other data
or settings is refused, because it is not comparable. `--update` raises the floors to just below the
result and adds missing ones; it never lowers one.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

BASELINE = Path(__file__).with_name("baseline.json")
SLACK = 0.01
"""Distance of a floor below the result, or a few questions if that is more: rounding differs."""
RETRIEVAL = ("MRR@10", "Recall@5", "Answer@5")
ANSWERS = ("F1", "Exact", "Answered", "Refusal precision", "Refusal recall", "Calibration")
QUESTIONS = dict.fromkeys(RETRIEVAL, 1) | dict.fromkeys(ANSWERS, 3)
"""Questions that may be lost. The reader loses more by rounding, with or without bfloat16."""
Profile = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("result", type=Path)
    parser.add_argument("--baseline", type=Path, default=BASELINE)
    parser.add_argument("--update", action="store_true", help="raise the floors to the result")
    options = parser.parse_args()
    result = json.loads(options.result.read_text(encoding="utf-8"))
    baseline = json.loads(options.baseline.read_text(encoding="utf-8"))
    name = "small" if result["settings"]["small"] else "full"
    profile = baseline.get(name)
    if profile is None and not options.update:
        print(f"gate: no floors for the {name} sets; set them with --update")
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
    """Return the figures of a result in the form of the baseline, and the slack of each."""
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
    """Return the faults of a result: not comparable, a missing figure, or one below its floor."""
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
    """Return the floors after a result that passed: none is lower than before."""
    before = profile["floors"] if profile else {}
    floors = {
        name: max(before.get(name, 0.0), round(value - reached["slack"][name], 3), 0.0)
        for name, value in reached["floors"].items()
    }
    return {"data": reached["data"], "settings": reached["settings"], "floors": floors}


if __name__ == "__main__":
    sys.exit(main())
