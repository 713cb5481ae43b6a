from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from support.archives import RecordingSource, write_seeds
from support.doubles import three_articles

import rag
from rag.ingest.article_source import ArticleSource, GivenArticles


def test_seeds_are_a_source_and_a_list_is_not(tmp_path: Path) -> None:
    seeds = rag.read_seeds(write_seeds(tmp_path / "seeds", {"a.txt": 1}))
    for source in (seeds, RecordingSource(tmp_path / "seeds"), GivenArticles([])):
        assert isinstance(source, ArticleSource)
    assert not isinstance([], ArticleSource)
    assert not isinstance({}, ArticleSource)


def test_items_of_seeds_read_the_articles_of_the_folder(tmp_path: Path) -> None:
    seeds = rag.read_seeds(write_seeds(tmp_path / "seeds", {"a.txt": 1, "b.txt": 2}))
    (tmp_path / "seeds/坏.json").write_text("{}")
    items = list(seeds.items())
    assert [item.name for item in items] == ["a.txt", "b.txt"]
    assert len({item.digest for item in items}) == 2
    articles = [article for item in items if (article := item.read())]
    assert [failure.path for failure in seeds.failed] == ["坏.json"]
    assert articles == list(rag.read_seeds(tmp_path / "seeds"))
    assert seeds.description == str(tmp_path / "seeds")


def test_digest_of_a_given_article_changes_with_any_field() -> None:
    article, *_ = three_articles()
    changed = [replace(article, **{name: "新"}) for name in ("title", "url", "text", "source")]
    versions = [article, *changed, replace(article, language="en"), replace(article, published=None)]
    digests = set()
    for version in versions:
        (item,) = GivenArticles([version]).items()
        assert item.read() == version
        assert item.name == article.id
        digests.add(item.digest)
    assert len(digests) == len(versions)
    assert str(GivenArticles([]).description) == "the given articles"
