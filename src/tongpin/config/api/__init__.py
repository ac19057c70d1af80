"""The JSON API at ``/api/v1/``: every action, and what programs need to read. Additive only; breaking is
v2."""

from tongpin.config.api.building import api, unknown, urlpatterns

__all__ = ["api", "unknown", "urlpatterns"]
