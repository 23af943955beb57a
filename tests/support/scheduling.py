"""Which test runs in which of pytest-xdist's processes."""

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

BROWSER = "tests/browser/"


class OneBrowser(LoadFileScheduling):
    """File by file: the first process takes those that need the browser, the others all else, while there are any.

    So there is one browser and one server for it, until a process has nothing else left to do and helps with the rest.
    Files of few tests come first: their tests are the long ones, and all processes are to end at about the same time.
    """

    def _assign_work_unit(self, node: WorkerController) -> None:
        first = node is self.nodes[0]
        own = next((file for file in reversed(self.workqueue) if file.startswith(BROWSER) == first), None)
        self.workqueue.move_to_end(own or next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)
