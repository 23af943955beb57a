"""A page by axe-core (WCAG A and AA, best practices)."""

import pytest
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}
ONLY = {"resultTypes": ["violations"]}  # axe takes a while to list what is right


def grave_faults(page: Page) -> list[str]:
    """What is wrong, and with which element; without axe-core the test is skipped."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed").Axe()
    violations = [one for one in axe.run(page, options=ONLY).response["violations"] if one["impact"] in GRAVE]
    return [f"{one['id']}, {one['help']}: {node['html'][:120]}" for one in violations for node in one["nodes"]]
