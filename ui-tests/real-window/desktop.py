"""The desktop app as a person has it: started, looked at, pressed, dropped on, closed. And the devices that ask its server."""

import hashlib
import json
import os
import re
import struct
import subprocess
import time
import urllib.request
import zlib
from typing import NamedTuple

from Xlib import X, display
from Xlib.error import BadWindow
from Xlib.protocol import event

from session import die_with_parent, wait_until
from window import Node, Window
from xdnd import Drag

TITLE = "Switchtower"


def say(text: str) -> None:
    print(text, flush=True)


def check(holds: object, what: str) -> None:
    """Says what was checked, or fails with it."""
    if not holds:
        raise AssertionError(what)
    say(f"      ok: {what}")


class Answer(NamedTuple):
    """What a device was answered: the status, and the manifest if there is an update."""

    status: int
    manifest: dict | None


class Device:
    """Asks the feed as an unmodified hotswap client does: plain HTTP, no token."""

    def __init__(self, server: str, app: str) -> None:
        self.feed = f"{server}/feeds/hotswap/{app}"

    def ask(self, channel: str, current: int = 0, binary_version: str = "1.0.0") -> Answer:
        query = f"binary_version={binary_version}&platform=android&arch=aarch64&channel={channel}"
        with urllib.request.urlopen(f"{self.feed}/{current}?{query}", timeout=10) as response:
            body = response.read()
            if response.status == 204:
                check(body == b"", "“no update” has no body")
                return Answer(204, None)
            return Answer(response.status, json.loads(body))

    @staticmethod
    def download(manifest: dict) -> bytes:
        with urllib.request.urlopen(manifest["url"], timeout=60) as response:
            bundle = response.read()
        check(len(bundle) == manifest["bundle_size"], f"the download has the {len(bundle):,} bytes that were announced")
        check(hashlib.sha256(bundle).hexdigest() in manifest["url"], "its SHA-256 is the one in its address")
        return bundle


class Desktop:
    """A running Switchtower inside a private session, with files of its own."""

    def __init__(self, program: str, home: str, pictures: str, *arguments: str) -> None:
        self.home = home
        self.pictures = pictures
        os.makedirs(home, exist_ok=True)
        os.makedirs(pictures, exist_ok=True)
        # TMPDIR: whatever is packed goes away with the session.
        env = dict(os.environ, SWITCHTOWER_HOME=home, HOME=home, TMPDIR=home, TZ="UTC")
        self.log = os.path.join(home, "switchtower.log")
        begun = time.monotonic()
        with open(self.log, "ab") as log:
            command = [program, *arguments]
            self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent)
        self._display = display.Display()
        # Out of the way: what the pointer happens to rest on would be lit.
        self._root().warp_pointer(0, 0)
        self.xid = wait_until("a mapped window", self._find_window)
        wait_until("a first frame", self._is_painted)
        self.first_frame_ms = round((time.monotonic() - begun) * 1000)
        # Programs are listed by the name of their file.
        self.window = Window(os.path.basename(program))

    # What a person does.

    def press(self, name: str | re.Pattern[str], role: str = "button") -> None:
        self.window.press(name, role)

    def go(self, page: str) -> None:
        """Opens a page by the rail."""
        self.window.press(page, "page tab")

    def write(self, field: str | re.Pattern[str], text: str, role: str = "entry") -> None:
        self.window.find_enabled(field, role).set_text(text)

    def see(self, what: str | re.Pattern[str], role: str | None = None, patience_s: float | None = None) -> Node:
        """Waits until it is on the screen."""
        self.fail_if_ended()
        return self.window.find(what, role, patience_s)

    def drag(self, *paths: str) -> Drag:
        """Holds files over the window, as a file manager does."""
        drag = Drag(f"^{TITLE}$", list(paths))
        check(drag.hover(*self.middle()), f"the window takes a drag of {', '.join(map(os.path.basename, paths))}")
        return drag

    def drop(self, *paths: str) -> None:
        drag = self.drag(*paths)
        check(drag.drop(), "the drop was taken")

    def resize(self, width: int, height: int) -> None:
        self._window().configure(width=width, height=height)
        self._display.sync()
        wait_until(f"a window of {width} × {height}", lambda: self.size() == (width, height))

    def close(self) -> int:
        """Closes the window by its title bar, and waits for the end of the program."""
        protocols, delete = (self._display.intern_atom(name) for name in ("WM_PROTOCOLS", "WM_DELETE_WINDOW"))
        message = event.ClientMessage(window=self._window(), client_type=protocols, data=(32, [delete, X.CurrentTime, 0, 0, 0]))
        self._window().send_event(message)
        # Leaving with answers unread would throw the message away.
        self._display.sync()
        code = self.process.wait(timeout=10)
        self._display.close()
        return code

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    # What a person sees.

    def picture(self, name: str) -> None:
        """Takes a picture of the window, once it no longer changes."""
        pixels = self._settled()
        width, height = self.size()
        with open(os.path.join(self.pictures, f"{name}.png"), "wb") as file:
            file.write(png(width, height, pixels))
        say(f"   picture: {name}.png")

    def brightness(self) -> float:
        """The mean of all colours in sight, 0 to 255."""
        pixels = self._pixels()
        return sum(sum(pixels[channel::4]) for channel in range(3)) / (len(pixels) * 0.75)

    def middle(self) -> tuple[int, int]:
        width, height = self.size()
        place = self._window().translate_coords(self._root(), 0, 0)
        return -place.x + width // 2, -place.y + height // 2

    # What the system knows of the process.

    def fail_if_ended(self) -> None:
        if self.process.poll() is not None:
            with open(self.log, errors="replace") as log:
                raise RuntimeError(f"Switchtower ended with {self.process.returncode}:\n{log.read()}")

    def memory_mb(self) -> float:
        with open(f"/proc/{self.process.pid}/status") as status:
            resident = next(line for line in status if line.startswith("VmRSS:"))
        return int(resident.split()[1]) / 1000

    def cpu_percent(self, seconds: float) -> float:
        """The share of one core that it uses while nobody touches it."""
        before, begun = self._cpu_ticks(), time.monotonic()
        time.sleep(seconds)
        used = (self._cpu_ticks() - before) / os.sysconf("SC_CLK_TCK")
        return 100 * used / (time.monotonic() - begun)

    def _cpu_ticks(self) -> int:
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    # The X11 side of the window.

    def _root(self):  # noqa: ANN202
        return self._display.screen().root

    def _window(self):  # noqa: ANN202
        return self._display.create_resource_object("window", self.xid)

    def _find_window(self) -> int | None:
        self.fail_if_ended()
        for xid in self._property(self._root(), "_NET_CLIENT_LIST"):
            window = self._display.create_resource_object("window", xid)
            try:
                # By its process: the window of an app that has just ended may still be listed.
                if self.process.pid in self._property(window, "_NET_WM_PID") and window.get_attributes().map_state == X.IsViewable:
                    return xid
            except BadWindow:
                continue
        return None

    def _property(self, window, name: str) -> list[int]:  # noqa: ANN001
        found = window.get_full_property(self._display.intern_atom(name), X.AnyPropertyType)
        return list(found.value) if found else []

    def size(self) -> tuple[int, int]:
        box = self._window().get_geometry()
        return box.width, box.height

    def _pixels(self) -> bytes:
        width, height = self.size()
        return self._window().get_image(0, 0, width, height, X.ZPixmap, 0xFFFFFFFF).data

    def _is_painted(self) -> bool:
        self.fail_if_ended()
        pixels = self._pixels()
        return pixels.count(pixels[:4]) * 4 < len(pixels)

    def _settled(self) -> bytes:
        """What is seen once two looks are the same. Ages count on and cursors blink, so it is not waited for long."""
        end = time.monotonic() + 0.6
        before = self._pixels()
        while time.monotonic() < end:
            time.sleep(0.1)
            now = self._pixels()
            if now == before:
                break
            before = now
        return before


def png(width: int, height: int, bgrx: bytes) -> bytes:
    """A picture as a file, from the pixels that an X server gives."""
    rgb = bytearray(3 * width * height)
    rgb[0::3], rgb[1::3], rgb[2::3] = bgrx[2::4], bgrx[1::4], bgrx[0::4]
    rows = b"".join(b"\0" + rgb[start : start + 3 * width] for start in range(0, len(rgb), 3 * width))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
