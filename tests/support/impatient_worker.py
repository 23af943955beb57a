"""`python -m tests.support.impatient_worker FD`: a worker that ends after a second in which it hears nothing.

For tests/serving/test_jobs.py.
"""

from core.serving import worker

LEASE = 1.0  # seconds of silence, in place of two minutes


def main() -> None:
    worker.LEASE = LEASE
    worker.main()
