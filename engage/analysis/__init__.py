"""Text in, numbers out."""

from engage.analysis.embedding import ModelError, check_model, embed, model_name
from engage.analysis.grouping import Grouping, group
from engage.analysis.themes import Because, ThemeDescription, ThemeSuggester, making_it_real

__all__ = [
    "Because",
    "Grouping",
    "ModelError",
    "ThemeDescription",
    "ThemeSuggester",
    "check_model",
    "embed",
    "group",
    "making_it_real",
    "model_name",
]
