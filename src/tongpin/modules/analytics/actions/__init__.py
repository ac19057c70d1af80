from tongpin.modules.analytics.actions import catalogue, event_import, note, source

__all__ = ["catalogue", "event_import", "note", "source"]
