"""The mapped model of py3langid ranks languages as the package does."""

from __future__ import annotations

from pathlib import Path

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from rag.text import language_identifier

TEXTS = (
    "how many containers did Pyongyang ship?",
    "Сколько контейнеров отправила Северная Корея?",
    "كم عدد الحاويات",
    "WIE VIELE CONTAINER",
    "นายกรัฐมนตรี",
    "\ud800 12:30",
    "",
)


@pytest.mark.parametrize("cache", ["cache", "file"])
def test_load_mapped_or_not_ranks_like_the_package(
    cache: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / cache))
    reference = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    for _ in range(2):  # the first time it is unpacked
        identifier = language_identifier.load.__wrapped__()
        assert [identifier.rank(text) for text in TEXTS] == [reference.rank(text) for text in TEXTS]
    assert (tmp_path / cache).is_file() or len(list((tmp_path / cache / "rag").iterdir())) == 1
