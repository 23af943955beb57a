"""Which test runs in which of pytest-xdist's processes."""

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

BROWSER = "tests/browser/"
LONG = (  # although they have many tests
    "tests/cluster/test_cluster.py",
    "tests/serving/test_client.py",
    "tests/ui/test_app.py",
    "tests/keeping/test_export.py",
    "tests/ui/test_words_page.py",
)


class OneBrowser(LoadFileScheduling):
    """File by file: the first process takes those that need the browser, the others all else, while there are any.

    So there is one browser and one server for it, until a process has nothing else left to do and helps with the rest.
    Long files come first, as all processes are to end at about the same time: those of `LONG`, then those of few tests,
    as their tests are the long ones.
    """

    def _assign_work_unit(self, node: WorkerController) -> None:
        first = node is self.nodes[0]
        files = sorted(reversed(self.workqueue), key=lambda file: file not in LONG)  # of few tests first
        own = next((file for file in files if file.startswith(BROWSER) == first), files[0])
        self.workqueue.move_to_end(own, last=False)
        super()._assign_work_unit(node)
