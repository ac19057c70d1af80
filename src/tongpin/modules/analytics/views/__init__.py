"""Pages of analytics, one file a noun."""
