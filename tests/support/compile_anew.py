"""`python -m tests.support.compile_anew`: prints the kernel's fingerprint, for tests/engine/kernel/test_objects.py.

Nothing that this process, or the one it is a copy of, has compiled is used; what is on the disk is.
"""

from core.engine.kernel import check, machine


def main() -> None:
    machine.function.cache_clear()
    print(check.fingerprint())


if __name__ == "__main__":
    main()
