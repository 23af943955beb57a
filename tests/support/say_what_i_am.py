"""`python -m tests.support.say_what_i_am FD`: says how it was started, for tests/serving/test_processes.py.

To its standard output it writes a variable of its environment, what stands in the file FD, and what it reads from its
standard input. It ends with status 3, or with an exception if its input is "fail".
"""

import os
import sys


def main() -> None:
    given, heard = os.read(int(sys.argv[1]), 100).decode(), os.read(0, 100).decode()
    if heard == "fail":
        raise ValueError("as was asked for")
    print(os.environ.get("LETTERSPACE_TRIED"), given, heard)
    sys.exit(3)


if __name__ == "__main__":
    main()
