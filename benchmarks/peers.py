"""Well-known retrieval systems with their documented set-up, on the caller's passages and encoder.

They are not tuned: splitter, tokenizer, index, weights and fusion are their defaults. Two things are
fixed. The vectors come from `Embed`, so that all systems rank by the same encoder. And each retriever
of a system returns as many results as the caller wants.

Install them with `pip install 'news-archive-rag[bench]'`.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

INSTALL = "pip install 'news-archive-rag[bench]'"


class Item(NamedTuple):
    """A passage to index; its id is unique."""

    id: str
    text: str


class Embed(Protocol):
    """Turns texts into unit vectors, shape (n, dim)."""

    dim: int

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]: ...

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


Ranker: TypeAlias = Callable[[str, int], list[str]]
"""Called as `ranker(question, k)`: ids of at most k items, best first."""


@contextmanager
def _packages() -> Iterator[None]:
    """Import a peer without network access; a missing one raises the command that installs it."""
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    # If these name a folder, LlamaIndex looks there and then online instead of using its own files.
    os.environ.pop("NLTK_DATA", None)
    os.environ.pop("TIKTOKEN_CACHE_DIR", None)
    try:
        yield
    except ImportError as error:
        raise ImportError(INSTALL) from error


def txtai_dense(items: Sequence[Item], embed: Embed) -> Ranker:
    """Index with txtai's default: FAISS, exact to 5,000 passages, approximate (IVF) above.

    https://neuml.github.io/txtai/embeddings/configuration/
    """
    return _txtai(items, embed)


def txtai_hybrid(items: Sequence[Item], embed: Embed) -> Ranker:
    """Index with txtai's `hybrid=True`: BM25 scaled to [0, 1] and the similarity count half each.

    https://neuml.github.io/txtai/embeddings/configuration/general/#hybrid
    """
    return _txtai(items, embed, hybrid=True)


def _txtai(items: Sequence[Item], embed: Embed, **settings: Any) -> Ranker:
    with _packages():
        from txtai import Embeddings

    # One function encodes both sides; the instruction before each text distinguishes them.
    instructions = {"query": "query: ", "data": "passage: "}

    def transform(texts: Sequence[str]) -> NDArray[np.float32]:
        if texts[0].startswith(instructions["query"]):
            return embed.queries([text.removeprefix(instructions["query"]) for text in texts])
        return embed.passages([text.removeprefix(instructions["data"]) for text in texts])

    index = Embeddings(method="external", transform=transform, instructions=instructions, **settings)
    index.index(items)

    def rank(question: str, k: int) -> list[str]:
        return [name for name, _ in index.search(question, k)]

    return rank


def llama_index(items: Sequence[Item], embed: Embed) -> Ranker:
    """Index with LlamaIndex's defaults: its SentenceSplitter, then FAISS as in its documentation.

    https://developers.llamaindex.ai/python/examples/vector_stores/faissindexdemo
    """
    with _packages():
        import faiss
        from llama_index.core import Document, StorageContext, VectorStoreIndex
        from llama_index.core.embeddings import BaseEmbedding
        from llama_index.vector_stores.faiss import FaissVectorStore

    class Encoder(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return embed.passages(texts).tolist()

        def _get_query_embedding(self, query: str) -> list[float]:
            return embed.queries([query])[0].tolist()

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    store = FaissVectorStore(faiss_index=faiss.IndexFlatL2(embed.dim))
    index = VectorStoreIndex.from_documents(
        [Document(id_=item.id, text=item.text) for item in items],
        storage_context=StorageContext.from_defaults(vector_store=store),
        embed_model=Encoder(embed_batch_size=512),  # changes the speed only
    )
    # A result may repeat an item once per piece: k * pieces results contain k distinct items.
    pieces = max(Counter(node.ref_doc_id for node in index.docstore.docs.values()).values())

    def rank(question: str, k: int) -> list[str]:
        hits = index.as_retriever(similarity_top_k=k * pieces).retrieve(question)
        return list(dict.fromkeys(hit.node.ref_doc_id for hit in hits))[:k]

    return rank


def haystack(items: Sequence[Item], embed: Embed) -> Ranker:
    """Index with Haystack's hybrid retrieval: vectors and BM25, joined by reciprocal rank fusion.

    https://haystack.deepset.ai/tutorials/33_hybrid_retrieval
    """
    with _packages():
        from haystack import Document, Pipeline
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore(shared=False)  # its memory is freed with the ranker
    vectors = embed.passages([item.text for item in items]).tolist()
    pairs = zip(items, vectors, strict=True)
    store.write_documents([Document(id=item.id, content=item.text, embedding=v) for item, v in pairs])
    pipeline = Pipeline()
    pipeline.add_component("dense", InMemoryEmbeddingRetriever(store))
    pipeline.add_component("bm25", InMemoryBM25Retriever(store))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
    pipeline.connect("dense", "joiner")
    pipeline.connect("bm25", "joiner")

    def rank(question: str, k: int) -> list[str]:
        parts = {
            "dense": {"query_embedding": embed.queries([question])[0].tolist(), "top_k": k},
            "bm25": {"query": question, "top_k": k},
            "joiner": {"top_k": k},
        }
        return [document.id for document in pipeline.run(parts)["joiner"]["documents"]]

    return rank


PEERS: dict[str, Callable[[Sequence[Item], Embed], Ranker]] = {
    "txtai, dense": txtai_dense,
    "txtai, hybrid": txtai_hybrid,
    "LlamaIndex": llama_index,
    "Haystack, hybrid": haystack,
}
