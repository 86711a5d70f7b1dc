"""A slow network between the app and a server: hands on bytes at a chosen rate, and counts them."""

import contextlib
import socket
import threading
import time

PIECE = 16 * 1024
# Little is on the way at any time, so that what was handed to the network has nearly arrived.
BUFFER = 64 * 1024


class SlowNetwork:
    """Listens on a port of its own and connects each caller to the server. A server that is gone hangs up."""

    def __init__(self, server: str) -> None:
        host, _, port = server.rpartition(":")
        self._server = (host, int(port))
        # Towards the server, in bytes per second; None is as fast as it goes.
        self.rate: float | None = None
        self.sent = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self.address = "{}:{}".format(*self._listener.getsockname())
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            caller, _ = self._listener.accept()
            threading.Thread(target=self._connect, args=[caller], daemon=True).start()

    def _connect(self, caller: socket.socket) -> None:
        try:
            server = socket.create_connection(self._server, timeout=5)
        except OSError:
            caller.close()
            return
        server.settimeout(None)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        threading.Thread(target=self._hand_on, args=[server, caller, False], daemon=True).start()
        self._hand_on(caller, server, True)

    def _hand_on(self, source: socket.socket, target: socket.socket, slowly: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                target.sendall(piece)
                if slowly:
                    self.sent += len(piece)
                    if rate := self.rate:
                        time.sleep(len(piece) / rate)
        # Whoever hangs up, hangs up for both.
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
