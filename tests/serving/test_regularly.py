"""core/serving/regularly.py"""

import asyncio

from core.serving.regularly import regularly


def test_it_is_done_again_and_again_and_no_more_once_it_is_over():
    done = []

    async def serve() -> None:
        async with regularly(0.01, lambda: done.append(1)), asyncio.timeout(30):
            while len(done) < 3:
                await asyncio.sleep(0.01)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(serve())
    assert len(done) >= 3
