from tongpin.modules.analytics.actions import source

__all__ = ["source"]
