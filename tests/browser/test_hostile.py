"""What people type stays text."""

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("label", ["Context", "Name"])
def test_markup_that_somebody_types_is_answered_as_text(page, label):
    dialogs, asked = [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    said = page.locator({"Context": ".ls-view-bars .ls-note", "Name": ".ls-said"}[label])
    box = page.get_by_label(label, exact=True)
    page.on("request", lambda request: asked.append(request.url))
    for typed in ("<img src=x onerror=a()>", "<svg onload=alert(1)>", "javascript:alert(1)"):
        box.fill(typed)
        box.press("Enter")
        expect(said).to_contain_text("does not occur in the data")
        assert page.locator("img[src=x], .ls img, .ls svg[onload], .ls script").count() == 0
        box.fill("em")
        box.press("Enter")
        expect(said).not_to_contain_text("does not occur")
    assert dialogs == [] and asked == []
