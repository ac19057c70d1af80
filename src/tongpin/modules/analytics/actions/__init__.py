from tongpin.modules.analytics.actions import catalogue, source

__all__ = ["catalogue", "source"]
