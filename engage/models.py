"""Every room's tables, so that Alembic sees them all."""

from engage.accounts import models as accounts
from engage.audit import models as audit
from engage.contributions import models as contributions
from engage.conversations import models as conversations
from engage.insight import models as insight
from engage.notes import models as notes
from engage.priorities import models as priorities
from engage.surveys import models as surveys
from engage.themes import models as themes

__all__ = [
    "accounts",
    "audit",
    "contributions",
    "conversations",
    "insight",
    "notes",
    "priorities",
    "surveys",
    "themes",
]
