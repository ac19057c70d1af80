from tongpin.modules.analytics.actions import (
    alert,
    alert_judging,
    catalogue,
    event_import,
    note,
    source,
)

__all__ = ["alert", "alert_judging", "catalogue", "event_import", "note", "source"]
