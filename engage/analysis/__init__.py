"""Text in, numbers out: vectors, groups, titles and theme suggestions.

This room imports nothing else of the product, so that it can be tried in a notebook:

    from engage.analysis import ThemeSuggester, embed, group, titles

    vectors = embed(texts)
    found = group(vectors)
    for name, size in zip(titles(texts, found.labels, found.centrality), found.sizes):
        print(size, name)
    ThemeSuggester().decide(texts, embeddings=vectors)

Nothing is written to disk and nothing leaves the machine.
"""

from engage.analysis.embedding import ModelError, check_model, embed, model_name, use_model
from engage.analysis.grouping import Grouping, group, usual_number
from engage.analysis.themes import Because, ThemeDescription, ThemeSuggester, making_it_real
from engage.analysis.titles import central, phrases, title, titles

__all__ = [
    "Because",
    "Grouping",
    "ModelError",
    "ThemeDescription",
    "ThemeSuggester",
    "central",
    "check_model",
    "embed",
    "group",
    "making_it_real",
    "model_name",
    "phrases",
    "title",
    "titles",
    "use_model",
    "usual_number",
]
