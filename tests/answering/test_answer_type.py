from __future__ import annotations

import pytest

from rag.answering.answer_type import find_places


@pytest.mark.parametrize(
    "question",
    [
        "how many containers did Pyongyang ship?",
        "When was the reservoir built?",
        "朝鲜运送了多少集装箱？",
        "配水库建于哪一年？",
        "有幾名警察受傷？",
        "Combien de conteneurs Pyongyang a-t-il expédiés ?",
        "Wie viele Container hat Pjöngjang verschickt?",
        "¿Cuántos contenedores envió Pyongyang?",
        "Сколько контейнеров отправил Пхеньян?",
        "平壌はコンテナをいくつ送りましたか？",
        "평양은 컨테이너를 몇 개 보냈습니까?",
        "كم عدد الحاويات التي شحنتها بيونغ يانغ؟",
        "Bình Nhưỡng đã gửi bao nhiêu container?",
    ],
)
def test_find_places_for_a_question_of_amount_or_time_is_not_empty(question: str) -> None:
    assert find_places(question, "五十个，2024年") != []


@pytest.mark.parametrize(
    "question",
    [
        "Who shipped containers when the war began?",
        "金正恩收到的汽车是什么牌子？",
        "Quel missile iranien a été montré à la délégation russe ?",
        "Какая компания уверяла, что аварий не было, когда выросла радиация?",
        "金正恩はどの戦闘機の飛行を見ましたか？",
    ],
)
def test_find_places_for_another_question_is_empty(question: str) -> None:
    assert find_places(question, "五十个，2024年") is None


SHARE, AGE, MONEY = "占37.5%", "37岁", "37亿美元"


@pytest.mark.parametrize(
    ("question", "fitting"),
    [
        ("What percentage of the fleet was sold?", SHARE),
        ("船队的百分之几卖掉了？", SHARE),
        ("Quel pourcentage de la flotte a été vendu ?", SHARE),
        ("How old is the captain?", AGE),
        ("船长几岁？", AGE),
        ("卖了多少钱？", MONEY),
        ("How many dollars did it cost?", MONEY),
    ],
)
def test_find_places_for_a_share_an_age_or_money_needs_the_unit(question: str, fitting: str) -> None:
    for text in (SHARE, AGE, MONEY, "37艘船"):
        places = find_places(question, text)
        assert places is not None
        assert bool(places) == (text == fitting), text


@pytest.mark.parametrize("text", ["37亿美元", "37%", "37公里", "37岁", "37年"])
def test_a_number_of_people_has_no_other_unit(text: str) -> None:
    assert find_places("How many people came?", text) == []
    assert find_places("来了多少人？", f"{text}，有25名") != []


def test_find_places_returns_digits_and_counting_numerals() -> None:
    text = "一辆汽车，一百辆，20辆，两次"
    assert [text[at] for at in find_places("多少？", text)] == ["一", "百", "2", "0", "两"]
    assert find_places("多少？", "一些人") == []


def test_find_places_for_an_amount_leaves_dates_out() -> None:
    text = "2024年2月18日收到3辆"
    assert [text[at] for at in find_places("how many?", text)] == ["3"]
    assert "".join(text[at] for at in find_places("什么时候？", text)) == "2024年2月18日"


@pytest.mark.parametrize(
    "moment",
    ["昨天", "周日", "上月底", "除夕", "今晨", "去年底", "星期三", "中秋节", "4月", "三天后", "10:30"],
)
def test_find_places_for_a_time_includes_days_in_words(moment: str) -> None:
    text = f"产量增长百分之五，{moment}传出消息。"
    start = text.index(moment)
    found = find_places("When did it happen?", text)
    assert found
    assert set(found) <= set(range(start, start + len(moment)))


def test_find_places_for_a_time_leaves_shares_out() -> None:
    assert find_places("什么时候？", "增长5%，达300万") == []
