"""Insights: typed questions about events, the SQL that answers them, and the answers.

``schema`` is the question as pages, API, command line and saved insights write it; each kind has a module of its own
that turns it into one statement and the rows into the answer; ``running.answer`` is the door. Definitions:
``docs/guides/insights.md``.
"""
