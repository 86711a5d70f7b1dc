"""Drags files over a window of another program and drops them, by the XDND protocol (version 5)."""

import os
import re
import select
import time
from collections.abc import Iterator
from urllib.parse import quote

from Xlib import X, Xatom, display, error
from Xlib.protocol import event
from Xlib.xobject.drawable import Window as XWindow

from session import wait_until


class Drag:
    """One drag, from entering the window to the drop or to leaving it."""

    def __init__(self, title: str, paths: list[str]) -> None:
        self._display = display.Display()
        self._root = self._display.screen().root
        self._target = wait_until(f"a window “{title}” that takes drops", lambda: self._find(re.compile(title)))
        self._source = self._root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
        self._source.set_selection_owner(self._atom("XdndSelection"), X.CurrentTime)
        self._uris = "".join(f"file://{quote(os.path.abspath(path))}\r\n" for path in paths).encode()
        offered = self._target.get_full_property(self._atom("XdndAware"), X.AnyPropertyType).value[0]
        self._send("XdndEnter", min(5, offered) << 24, self._atom("text/uri-list"), 0, 0)

    def hover(self, x: int, y: int) -> bool:
        """Moves to a place inside the window; whether the program would take a drop there."""
        origin = self._target.translate_coords(self._root, 0, 0)
        place = (x - origin.x) << 16 | (y - origin.y)
        self._send("XdndPosition", 0, place, X.CurrentTime, self._atom("XdndActionCopy"))
        status = self._wait_for("XdndStatus")
        return bool(status and status[1] & 1)

    def drop(self) -> bool:
        """Lets go; whether the program says that it took the files."""
        self._send("XdndDrop", 0, X.CurrentTime, 0, 0)
        finished = self._wait_for("XdndFinished")
        self._display.close()
        return bool(finished and finished[1] & 1)

    def leave(self) -> None:
        """Moves out of the window without dropping."""
        self._send("XdndLeave", 0, 0, 0, 0)
        # Closing with answers unread would throw the message away.
        self._display.sync()
        self._display.close()

    def _atom(self, name: str) -> int:
        return self._display.intern_atom(name)

    def _find(self, title: re.Pattern[str]) -> XWindow | None:
        aware = self._atom("XdndAware")
        for window in self._windows(self._root):
            try:
                name = window.get_wm_name() or ""
                text = name if isinstance(name, str) else name.decode(errors="replace")
                if title.search(text) and window.get_full_property(aware, X.AnyPropertyType):
                    return window
            except error.BadWindow:
                continue
        return None

    def _windows(self, parent: XWindow) -> Iterator[XWindow]:
        yield parent
        try:
            children = parent.query_tree().children
        except error.BadWindow:
            return
        for child in children:
            yield from self._windows(child)

    def _send(self, kind: str, *data: int) -> None:
        words = [value & 0xFFFFFFFF for value in (self._source.id, *data)]
        message = event.ClientMessage(window=self._target, client_type=self._atom(kind), data=(32, words))
        self._target.send_event(message, event_mask=0)
        self._display.flush()

    def _wait_for(self, kind: str, patience_s: float = 5.0) -> list[int] | None:
        """Answers the target's questions until its message of this kind comes."""
        wanted = self._atom(kind)
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            while self._display.pending_events():
                got = self._display.next_event()
                if got.type == X.SelectionRequest:
                    self._answer(got)
                elif got.type == X.ClientMessage and got.client_type == wanted:
                    return list(got.data[1])
            select.select([self._display.fileno()], [], [], 0.02)
        return None

    def _answer(self, request: event.SelectionRequest) -> None:
        """Hands the list of files to the target."""
        place = request.property or request.target
        if request.target == self._atom("text/uri-list"):
            request.requestor.change_property(place, request.target, 8, self._uris)
        elif request.target == self._atom("TARGETS"):
            request.requestor.change_property(place, Xatom.ATOM, 32, [self._atom("text/uri-list")])
        else:
            place = X.NONE
        answer = event.SelectionNotify(
            time=request.time, requestor=request.requestor, selection=request.selection, target=request.target, property=place
        )
        request.requestor.send_event(answer, event_mask=0)
        self._display.flush()
