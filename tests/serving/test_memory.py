"""core/serving/memory.py: threads of the server share memory that was freed, and it can be given back."""

import os
import platform
import re
import subprocess
import sys

import psutil
import pytest

from core.keeping.library import VARIABLE
from core.serving import memory

glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has areas for threads and keeps them")

# 20 threads have memory at the same time; then malloc says which areas it has.
COUNT = """
import ctypes, pathlib, sys, threading
import app
met = threading.Barrier(21)
def use():
    text = [str(n) * 100 for n in range(1000)]
    met.wait(60)
    met.wait(60)
threads = [threading.Thread(target=use, daemon=True) for _ in range(20)]
for thread in threads:
    thread.start()
met.wait(60)
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
met.wait(60)
"""


@glibc
def test_threads_of_the_server_share_what_they_freed(tmp_path):
    told, setting = tmp_path / "malloc.xml", {**os.environ, VARIABLE: "off"}
    subprocess.run([sys.executable, "-c", COUNT, told], timeout=120, env=setting, check=True)
    assert 1 <= len(re.findall("<heap nr=", told.read_text())) <= 4  # one or two were there before


@glibc
def test_memory_below_what_is_still_in_use_is_given_back():
    resident = lambda: psutil.Process().memory_info().rss
    used = [bytes(20_000) for _ in range(5_000)]  # 100 MB
    used = used[-1]  # the rest is freed
    before = resident()
    memory.give_back()
    assert resident() < before - 50_000_000 and len(used) == 20_000
