"""Helpers for middleware that changes whole responses."""

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send


async def whole(
    app: ASGIApp,
    scope: Scope,
    receive: Receive,
    send: Send,
    wanted: Callable[[Message], bool],
    finish: Callable[[Message, bytes], Awaitable[None]],
) -> None:
    """Run `app`. A response whose first message is `wanted` is collected and given to `finish` with its whole body;
    any other is sent as it comes.
    """
    start: Message | None = None
    body = bytearray()

    async def collect(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start" and wanted(message):
            start = message
        elif start is None:
            await send(message)
        else:
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                await finish(start, bytes(body))

    await app(scope, receive, collect)


async def send_whole(start: Message, headers: list[tuple[bytes, bytes]], body: bytes, send: Send) -> None:
    """Send a whole response: `start` with other headers, and a body."""
    await send({**start, "headers": headers})
    await send({"type": "http.response.body", "body": body})
