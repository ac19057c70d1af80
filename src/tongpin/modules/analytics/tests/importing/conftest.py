from tongpin.modules.analytics.tests.flush.conftest import running, source, store

__all__ = ["running", "source", "store"]
