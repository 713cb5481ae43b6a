"""Text on a terminal."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.text import Text

from rag.cli.layout import pad, printable, wrap

TEXT = "韩国国防部长申源湜（Shin Wonshik）说，自9月以来，平壤已运送“约6700集装箱”的弹药。" * 5


@pytest.mark.parametrize("width", [20, 40, 80])
def test_wrap_breaks_chinese_text_between_characters(width: int) -> None:
    lines = [line.plain for line in wrap(Text(TEXT), width)]
    assert "".join(lines).replace(" ", "") == TEXT.replace(" ", "")
    assert max(map(cell_len, lines)) <= width
    assert not any(line[0] in "，。）”" or line[-1] in "（“" for line in lines)
    assert all("Wonshik" in line or "Wonshi" not in line for line in lines)


def test_pad_counts_a_chinese_character_as_two_cells() -> None:
    assert pad("文章", 6) == "文章  "
    assert pad("index", 6) == "index "


def test_printable_replaces_control_characters_one_for_one() -> None:
    assert printable("正\x1b[2J\x07\u202e文\n尾") == "正 [2J  文\n尾"
