"""Text in, numbers out."""

from engage.analysis.embedding import ModelError, check_model, embed, model_name
from engage.analysis.grouping import Grouping, group

__all__ = ["Grouping", "ModelError", "check_model", "embed", "group", "model_name"]
