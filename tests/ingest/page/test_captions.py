"""Pictures with a credit go together with their captions; the text beside them stays."""

from __future__ import annotations

import pytest
from support.pages import feed

from rag.ingest import formats


def test_caption_is_removed_with_its_credit_and_neighbours_stay() -> None:
    picture = (
        "<div><div><img><p><span>图像来源，</span><span>AFP</span></p></div><p>会面的照片。</p></div>"
    )
    html = f"<main><div><p>{'前' * 200}</p></div><div>{picture}</div><div><p>后。</p></div></main>"
    assert formats.parse(feed(html), "x").text == f"{'前' * 200}\n\n后。"


@pytest.mark.parametrize(
    "html",
    [
        "<div><p>东京发生5级地震。</p><div><img><p>图像来源，AFP</p></div></div>",
        "<div><div><img><p>图像来源，AFP</p></div><p>东京发生5级地震。</p></div>",
        "<p>图片来源：Reuters<br>东京发生5级地震。</p>",
        "<p><img><br>图片来源：Reuters<br>东京发生5级地震。</p>",
        "<div><img><br>图片来源：Reuters<br></div><p>东京发生5级地震。</p>",
        "<p>图片来源：Reuters</p><p>东京发生5级地震。</p>",
        "<form><p>东京发生5级地震。</p></form>",
    ],
)
def test_caption_in_a_short_article_leaves_its_text(html: str) -> None:
    assert formats.parse(feed(html), "x").text == "东京发生5级地震。"


def test_credit_within_a_sentence_is_no_credit() -> None:
    html = "<div><div><img>他说，图片来源：不明，仍在查。</div></div><p>完。</p>"
    assert formats.parse(feed(html), "x").text == "他说，图片来源：不明，仍在查。\n\n完。"
