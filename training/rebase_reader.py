"""Keep the reader after a change of the adapter: `python -m training.rebase_reader OLD_ADAPTER`.

The file of the reader has the differences of its layers from the default model. If that model gets
another adapter, the difference of the two adapters is added, so that the layers stay as they were, but
for the rounding to 4 bits. Its confidence is fitted again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.numpy import load_file
from safetensors.torch import save_file

from rag.answering.reader import SHIPPED
from rag.embedding import default_model
from rag.embedding.bert_graph import LIMITS
from rag.embedding.bert_weights import read_deltas
from training import calibrate_reader
from training.reader_file import pack


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old_adapter", type=Path, help="the adapter that the reader was made for")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--reader", type=Path, default=SHIPPED)
    options = parser.parse_args()
    with safe_open(options.reader, "numpy") as file:
        metadata = file.metadata()
    old = dict(default_model.deltas(load_file(options.old_adapter)))
    new = dict(default_model.deltas(load_file(default_model.ADAPTER)))
    moved = (
        (name, torch.from_numpy(value + old.get(name, 0) - new.get(name, 0)))
        for name, value in read_deltas(options.reader)
        if not name.endswith(LIMITS)
    )
    metadata["base"] = default_model.fingerprint()
    save_file(pack(moved), options.reader, metadata)
    calibrate_reader.calibrate(options.reader, options.data)


if __name__ == "__main__":
    main()
