"""The commands that remove articles from the seeds folder and put them back."""

from __future__ import annotations

import argparse
from pathlib import Path

from rag.cli.layout import printable
from rag.i18n.translator import Translator


def remove(options: argparse.Namespace, translate: Translator) -> int:
    from rag.ingest.curation import removals

    for removal in removals.remove(Path(options.seeds), options.ids):
        print(translate("cli.removed", id=printable(removal.id)))
    return 0


def restore(options: argparse.Namespace, translate: Translator) -> int:
    """Put back what was removed; without a key list what can be."""
    from rag.ingest.curation import removals

    seeds = Path(options.seeds)
    for removal in removals.removed(seeds) if not options.keys else ():
        print(printable(removal.key))
    for identifier in removals.undo(seeds, options.keys):
        print(translate("cli.restored", id=printable(identifier)))
    return 0
