"""Makes Playwright's `expect` cheaper while it waits.

As long as an expected element is not there, `expect` describes all of the page, as a screen reader has it, each time
that it looks (for its message, should it give up). That takes the page a tenth of a second or more, and what is
waited for comes that much later.
"""

ABSENT = {"to.be.hidden", "to.be.detached", "to.have.count", "to.match.aria"}  # can be true without an element


def wait_for_elements_first() -> None:
    """From now on `expect` waits for the element itself, which costs little, before it looks at what is expected."""
    from playwright._impl.errors import TimeoutError
    from playwright._impl.locator import Locator

    usual = Locator._expect

    async def expect(self, expression, options, title):
        if not (options["isNot"] or expression in ABSENT or expression.endswith(".array")):
            try:
                await self.wait_for(state="attached", timeout=options["timeout"])
            except TimeoutError:
                options = {**options, "timeout": 1}  # it is missing: `expect` says so at once, and of what
        return await usual(self, expression, options, title)

    Locator._expect = expect
