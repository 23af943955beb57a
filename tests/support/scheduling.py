"""Which test runs in which of pytest-xdist's processes."""

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

BROWSER = "tests/browser/"
WAITING = (  # for processes that start, leases that end, visitors who look now and then
    "tests/serving/test_many.py",
    "tests/cluster/test_cluster.py",
    "tests/serving/test_processes.py",
    "tests/serving/test_client.py",
)
LONG = (  # although they have many tests
    "tests/browser/test_compare.py",
    "tests/browser/test_explore.py",
    "tests/browser/test_landscape.py",
    "tests/browser/test_live_line.py",
    "tests/browser/test_time.py",
    "tests/keeping/test_export.py",
    "tests/ui/test_app.py",
    "tests/ui/test_words_page.py",
)


class ByNeed(LoadFileScheduling):
    """File by file: the first process takes those that need the browser, the second all else, while there are any.
    So there is one browser and one server for it, until the second has nothing else left to do and helps with the rest.

    The third begins with files that mostly wait, during which one of two cores would be idle. It takes none for the
    browser.

    Long files come first, as all processes are to end at about the same time: those of `LONG`, then those of few tests,
    as their tests are the long ones.
    """

    def _assign_work_unit(self, node: WorkerController) -> None:
        files = self._files_for(self.nodes.index(node))
        if not files:
            node.shutdown()
            return
        self.workqueue.move_to_end(files[0], last=False)
        super()._assign_work_unit(node)

    def _files_for(self, place: int) -> list[str]:
        """What is left for a process, by its place among them; the next one first."""
        files = sorted(reversed(self.workqueue), key=lambda file: file not in LONG)  # of few tests first
        if place > 1:
            return sorted((one for one in files if not one.startswith(BROWSER)), key=lambda file: file not in WAITING)
        return sorted(files, key=lambda file: (file.startswith(BROWSER) != (place == 0), file in WAITING))
