"""A host on a node of a cluster: see core/serving/host.py and core/serving/cluster_actors.py."""

import mmap
import os
from multiprocessing.connection import Connection

from core.serving.host import NICE, Host, is_read


class DistantHost(Host):
    """A host that shares no memory with the server: whose turn it is, is sent."""

    _told = 0

    def _set_turn(self, key: int) -> None:
        super()._set_turn(key)
        if key != self._told and is_read(self._connection):
            self._told = key
            self._connection.send((key, "turn", None, None))


def serve(connection: Connection) -> None:
    """Until the connection ends, in this thread."""
    os.nice(max(0, NICE - os.nice(0)))  # of this thread; 15 is what Ray gives all that it starts
    DistantHost(connection, mmap.mmap(-1, mmap.PAGESIZE)).serve()
