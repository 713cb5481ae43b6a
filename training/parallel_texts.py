"""Sentences and names that say the same in Chinese and other languages; see `train_encoder.py`.

Every tenth document of NTREX is held back, for the report.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import opencc

from benchmarks import sets
from training import encoder_data

SIB = (
    "eng_Latn fra_Latn deu_Latn spa_Latn por_Latn ita_Latn nld_Latn ron_Latn rus_Cyrl ukr_Cyrl "
    "pol_Latn ell_Grek tur_Latn arb_Arab pes_Arab hin_Deva tha_Thai vie_Latn ind_Latn jpn_Jpan "
    "kor_Hang zho_Hant"
).split()
NTREX = (
    "eng jpn jpn kor kor fra deu spa rus arb arb vie tha tur hin ell por ita ind ukr pol nld fas zho-TW"
).split()
"""Files of NTREX; a language that stands twice is drawn twice as often."""
NAME_CHARACTERS = range(2, 13)


class Parallel(NamedTuple):
    """A Chinese text, and what says the same in other languages; a language may stand twice."""

    chinese: str
    others: tuple[str, ...]


def sentences(data: Path) -> list[Parallel]:
    """Return the parallel sentences to train on: NTREX, SIB-200 and TICO-19."""
    sib = {
        name: (data / f"sib200/train/{name}.txt").read_text(encoding="utf-8").splitlines()
        for name in ["zho_Hans", *SIB]
    }
    texts = [
        Parallel(chinese, tuple(sib[name][at] for name in SIB))
        for at, chinese in enumerate(sib["zho_Hans"])
    ]
    for record in encoder_data.lines(data / "parallel/tico19/zh_multi.jsonl.gz"):
        texts.append(Parallel(record.pop("zh"), tuple(record.values())))
    news = sets.Ntrex.read(data)
    return texts + [
        Parallel(chinese, tuple(news.sentences[name][at] for name in NTREX))
        for at, chinese in enumerate(news.sentences["zho-CN"])
        if not news.held_back[at]
    ]


def names(data: Path) -> list[Parallel]:
    """Return persons, places and organisations, countries, languages and currencies."""
    simplify = opencc.OpenCC("t2s").convert
    found: dict[str, list[str]] = {}
    for record in encoder_data.lines(data / "names/xfactr-alias/zh_multi.jsonl.gz"):
        record.pop("qid")
        chinese = [name for name in record.pop("zh") if re.fullmatch("[一-鿿·]+", name)]
        others = [name for names in record.values() for name in names]
        if 0 < len(chinese) <= 3:
            found.setdefault(simplify(max(chinese, key=len)), []).extend(others)
    for record in encoder_data.lines(data / "names/cldr-names/cldr_names.jsonl.gz"):
        record.pop("key")
        found.setdefault(record.pop("zh"), []).extend(record.values())
    return [
        Parallel(chinese, tuple(name for name in others if len(name) > 2))
        for chinese, others in found.items()
        if len(chinese) in NAME_CHARACTERS and any(len(name) > 2 for name in others)
    ]
