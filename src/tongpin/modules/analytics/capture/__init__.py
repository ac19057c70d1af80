"""The way in: a plain ASGI application that answers SDKs once what they sent is committed.

``endpoint`` is the application, ``rules`` what a source accepts (pure), ``sources`` finds the source of a key,
``watch`` hears of changes, ``trace`` shows the last of what came, ``forward`` passes requests on to an old vendor.
"""
