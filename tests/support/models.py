"""Small models with random weights, as the libraries write them, and texts to encode with them."""

from __future__ import annotations

from pathlib import Path

from rag.embedding.backend_check import SAMPLE

HIDDEN, INNER, TOKENS = 64, 96, 48
TEXTS = [*SAMPLE, "", "第一。", "one two three " * 9, "集装箱" * 40]


def make_sentence_transformer(
    folder: Path, kind: str, pooling: str, *, normalized: bool = True
) -> Path:
    """Save a small SentenceTransformer with one token per character in a folder, and return it."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    characters = sorted(set("".join(TEXTS)))
    words = {c: n for n, c in enumerate(["<s>", "<pad>", "</s>", "<unk>", *characters])}
    tokenizer = Tokenizer(models.WordLevel(words, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    special = {"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=TOKENS, **special)
    config = AutoConfig.for_model(
        kind,
        vocab_size=len(words),
        hidden_size=HIDDEN,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=INNER,
        max_position_embeddings=TOKENS + 2,
        pad_token_id=1,
        initializer_range=0.08,
    )
    inner = folder.with_name(f"{folder.name}-inner")
    AutoModel.from_config(config).save_pretrained(inner)
    fast.save_pretrained(inner)
    modules = [Transformer(str(inner)), Pooling(HIDDEN, pooling)]
    model = SentenceTransformer(modules=[*modules, Normalize()] if normalized else modules)
    model.prompts = {"query": "问：", "document": "文："}
    model.save(str(folder))
    return folder
