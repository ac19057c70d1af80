from django.db import models
from django.utils.translation import gettext_lazy as _


class LookBackState(models.TextChoices):
    """Where a look back stands. Only ``DRAFT`` can still change its question; ``DONE`` never changes its result."""

    DRAFT = "draft", _("Draft")
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Could not be computed")

    @property
    def is_busy(self) -> bool:
        """A job has it, or will."""
        return self in {LookBackState.QUEUED, LookBackState.RUNNING}
