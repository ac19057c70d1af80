from tongpin.modules.analytics.actions import catalogue, event_import, source

__all__ = ["catalogue", "event_import", "source"]
