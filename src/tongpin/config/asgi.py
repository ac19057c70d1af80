"""The web process: streams and capture are plain ASGI, pages are Django's synchronous WSGI in a thread pool."""

from __future__ import annotations

import gc
from typing import Any

from a2wsgi import WSGIMiddleware

from tongpin.config.wsgi import application as pages
from tongpin.kernel.realtime.asgi import Realtime
from tongpin.modules.analytics.capture.endpoint import Capture

WEB_THREADS = 8


class Application:
    """Routes by path: ``/rt/*`` to the streams, the addresses of SDKs to capture, everything else to the pages."""

    def __init__(self) -> None:
        self.pages = WSGIMiddleware(pages, workers=WEB_THREADS)  # type: ignore[arg-type]
        self.realtime = Realtime()
        self.capture = Capture()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith("/rt/"):
            await self.realtime(scope, receive, send)
        elif scope["type"] == "http" and self.capture.owns(scope):
            await self.capture(scope, receive, send)
        else:
            await self.pages(scope, receive, send)  # type: ignore[arg-type]

    async def _lifespan(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        async def hear() -> Any:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.capture.start()
            elif message["type"] == "lifespan.shutdown":
                await self.capture.stop()
            return message

        await self.realtime.lifespan(scope, hear, send)


application = Application()

# What was loaded to start stays until the process ends; a full collection that looks through it again holds a page up
# for 145 ms.
gc.collect()
gc.freeze()
