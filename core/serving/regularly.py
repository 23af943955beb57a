"""What a server does again and again, as long as it runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def regularly(seconds: float, act: Callable[[], None]) -> AsyncIterator[None]:
    """Meanwhile call `act` every so many seconds, in the thread of the event loop."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(seconds)
            act()

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
