"""What a small server over a real socket needs before it says anything."""

import socket
import threading
from typing import Self


class Listening:
    """Listens on a free port of this machine while entered; each connection gets a thread."""

    def __init__(self) -> None:
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._closing = False

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        # A connection of our own wakes the thread that accepts.
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._acceptor.join(5)
        self._listener.close()

    def serve(self, line: socket.socket, number: int) -> None:
        """Talk on this connection, the `number`-th since the server began, until it ends."""
        raise NotImplementedError

    def _accept(self) -> None:
        while True:
            line, _ = self._listener.accept()
            if self._closing:
                line.close()
                return
            self.connections += 1
            served = (line, self.connections)
            threading.Thread(target=self.serve, args=served, daemon=True).start()
