"""The case of words."""

from functools import partial

from rag.embedding import default_model
from rag.embedding.bert_weights import count_tokens, read_tokenizer
from rag.text.casing import is_single_case, restore_case


def test_the_case_of_a_question_does_not_depend_on_how_it_is_typed() -> None:
    count = partial(count_tokens, read_tokenizer(default_model.path()))
    question = "Wer war im September 2023 Minister in Moskau, sagte NATO-Chef Stoltenberg"
    forms = [question, question.upper(), question.lower(), question.title()]
    assert len({restore_case(form, count) for form in forms}) == 1
    assert "Stoltenberg" in restore_case(question.upper(), count)
    assert restore_case("有多少艘船", count) == "有多少艘船"


def test_a_question_in_capital_and_small_letters_is_not_in_a_single_case() -> None:
    question = "Who met Stoltenberg in Moscow?"
    assert not is_single_case(question)
    assert all(map(is_single_case, [question.upper(), question.lower(), question.title(), "谁？"]))
