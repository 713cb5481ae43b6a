"""After any history of builds, an index answers like a fresh one of the same articles."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from support.doubles import HashEncoder, make_article

import rag
from rag.index import generations
from rag.index.manifest import CORPUS
from rag.reports import Progress
from rag.types import Article, Vectors

BODIES = [
    "平壤向俄罗斯运送了约6700个集装箱的弹药，韩国国防部长在首尔的记者会上这样说。" * 3,
    "平壤向俄罗斯运送了约6700个集装箱的弹药，韩国国防部长在首尔的记者会上这么说。" * 3,
    "东京的樱花今年开得比往年早了十天，气象厅说这与冬天的高温有关。" * 20,
    "The port handled 6,700 containers in March, its operator said on Monday.",
    "北极的海冰在九月降到了有记录以来的最低点。",
    "",
]
QUESTIONS = ["多少集装箱的弹药", "containers in March 2024", "樱花", "海冰 九月", "标题 a"]
NAMES = st.sampled_from("abcdefgh")


class Killed(HashEncoder):
    """Interrupts the build while it encodes."""

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        raise KeyboardInterrupt


class History(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.articles = {"a": make_article("a", BODIES[0])}
        self.indexed: list[Article] = []
        self.build()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def given(self) -> list[Article]:
        return [self.articles[name] for name in sorted(self.articles)]

    @rule(name=NAMES, body=st.sampled_from(BODIES), title=st.sampled_from(["", "标题 a", "樱花"]))
    def write(self, name: str, body: str, title: str) -> None:
        url = f"https://news.example/{'same' if name in 'ab' else name}"
        self.articles[name] = make_article(name, *body.split("|"), title=title, url=url)

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        if len(self.articles) > 1:
            self.articles.pop(name, None)

    @rule()
    def build(self) -> None:
        rag.build(self.given(), self.folder / "index", HashEncoder())
        self.indexed = self.given()

    @rule()
    def build_and_be_killed(self) -> None:
        try:
            rag.build(self.given(), self.folder / "index", Killed())
        except KeyboardInterrupt:
            pass
        else:
            self.indexed = self.given()  # nothing had to be encoded

    @rule()
    def leave_unfinished_generation(self) -> None:
        live = int(generations.current(self.folder / "index").name)
        unfinished = self.folder / "index" / f"{live + 1:06}"
        unfinished.mkdir(exist_ok=True)
        (unfinished / CORPUS).write_text("half")

    @invariant()
    def answers_as_a_fresh_index(self) -> None:
        if not self.indexed:
            return
        fresh = self.folder / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        rag.build(self.indexed, fresh, HashEncoder())
        found, expected = (
            rag.load(index, HashEncoder()).search_batch(QUESTIONS, 20)
            for index in (self.folder / "index", fresh)
        )
        assert found == expected


TestHistory = History.TestCase
TestHistory.settings = settings(
    max_examples=15,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
