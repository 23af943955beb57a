"""A page by axe-core (WCAG A and AA, best practices)."""

import pytest
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}
ONLY = {"resultTypes": ["violations"]}  # axe takes a while to list what is right
# Whatever fades in or out under the pointer, such as the ends of a slider, has too little contrast on its way.
ENDED = """
() => Promise.allSettled(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime < Infinity).map((one) => one.finished))
"""


def grave_faults(page: Page) -> list[str]:
    """What is wrong, and with which element; without axe-core the test is skipped."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed").Axe()
    page.mouse.move(0, 0)
    page.evaluate(ENDED)
    violations = [one for one in axe.run(page, options=ONLY).response["violations"] if one["impact"] in GRAVE]
    return [f"{one['id']}, {one['help']}: {node['html'][:120]}" for one in violations for node in one["nodes"]]
