"""A blocking httpx transport over an ASGI application, in an event loop of its own."""

import httpx
from anyio.from_thread import BlockingPortal


class PortalTransport(httpx.BaseTransport):
    """Answers each request with the application; concurrent requests run concurrently."""

    def __init__(self, app: object, portal: BlockingPortal) -> None:
        self.portal = portal
        self.inner = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        return self.portal.call(self._handle, request)

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        response = await self.inner.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        body = b"".join([part async for part in response.stream])
        return httpx.Response(response.status_code, headers=response.headers, content=body)
