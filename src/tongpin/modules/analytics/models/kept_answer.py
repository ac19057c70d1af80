"""Answers that are kept for some minutes, so that many who look ask the store once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tongpin.kernel.tenancy.models import WorkspaceModel, WorkspaceScopedQuerySet


class KeptAnswer(WorkspaceModel):
    """What the store said to a question at a moment. ``key`` is the SHA-256 of all that the answer depends on
    (``actions.kept_answer``); ``packed`` its JSON, compressed; empty where the question was too heavy to answer."""

    key = models.CharField(max_length=64, unique=True)
    packed = models.BinaryField()
    at = models.DateTimeField()

    objects = WorkspaceScopedQuerySet.as_manager()

    class Meta(WorkspaceModel.Meta):
        indexes: ClassVar = [models.Index(fields=["at"], name="kept_answers_by_age")]
