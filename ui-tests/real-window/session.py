#!/usr/bin/python3
"""A desktop session of its own: X server, window manager, message bus, accessibility, unlocked keyring, empty settings.

    session.py -- COMMAND …     runs the command in it and ends with its exit code
    session.py --serve          prints its environment as one JSON line and keeps it until standard input ends

Nothing of the person's own session is touched: folders, bus and display are private, and gone afterwards.
"""

import argparse
import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator

import gi
from Xlib import X, display

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

PACKAGES = {
    "Xvfb": "xvfb",
    "dbus-daemon": "dbus",
    "openbox": "openbox",
    "/usr/libexec/at-spi-bus-launcher": "at-spi2-core",
    "gnome-keyring-daemon": "gnome-keyring",
}
KEYRING_PASSWORD = "the keyring of a test session"
BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
PATIENCE_S = 20.0


def wait_until(what: str, condition: Callable[[], object], patience_s: float = PATIENCE_S) -> object:
    """Polls until the condition holds; its value is the answer."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise TimeoutError(f"{what} within {patience_s:.0f} s: did not happen")


def require(packages: dict[str, str]) -> None:
    """Ends with what to install when a program is missing; each program with the Debian package that brings it."""
    missing = [package for program, package in packages.items() if not shutil.which(program)]
    if missing:
        sys.exit(f"System packages are missing. `cargo xtask setup` installs them, or: apt install {' '.join(missing)}")


def die_with_parent() -> None:
    """For the child of a fork: it ends when we do, however we end."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Session:
    """The running parts and the environment that leads to them."""

    def __init__(self, size: str, locked: bool = False) -> None:
        self.folder = tempfile.mkdtemp(prefix="switchtower-session-")
        self.env = dict(os.environ)
        for name in ("WAYLAND_DISPLAY", "XAUTHORITY", "AT_SPI_BUS_ADDRESS", "NO_AT_BRIDGE", "GNOME_KEYRING_CONTROL"):
            self.env.pop(name, None)
        for variable, name in {
            "XDG_DATA_HOME": "data",
            "XDG_CONFIG_HOME": "config",
            "XDG_CACHE_HOME": "cache",
            "XDG_STATE_HOME": "state",
            "XDG_RUNTIME_DIR": "run",
        }.items():
            path = os.path.join(self.folder, name)
            os.mkdir(path, mode=0o700)
            self.env[variable] = path
        # No GPU is asked for: pictures are the same everywhere. WebKit's sandbox needs namespaces that containers lack.
        self.env |= {"LIBGL_ALWAYS_SOFTWARE": "1", "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        self.children: list[subprocess.Popen[bytes]] = []
        self.size = size
        self.locked = locked

    def start(self) -> None:
        self._start_display()
        self._start_bus()
        self._start_window_manager()
        self._start_accessibility()
        self._start_keyring()

    def stop(self) -> None:
        for child in reversed(self.children):
            child.terminate()
        for child in reversed(self.children):
            try:
                child.wait(timeout=3)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _spawn(self, *command: str, **options: object) -> subprocess.Popen[bytes]:
        log = open(os.path.join(self.folder, f"{os.path.basename(command[0])}.log"), "wb")
        options = {"env": self.env, "stdin": subprocess.DEVNULL, "stdout": log, "stderr": log} | options
        child = subprocess.Popen(command, preexec_fn=die_with_parent, **options)
        log.close()
        self.children.append(child)
        return child

    def _spawn_and_read(self, *command: str) -> str:
        """Starts a program that writes one line to a descriptor of ours (`{fd}` in its arguments) when it is ready."""
        reading, writing = os.pipe()
        self._spawn(*(word.format(fd=writing) for word in command), pass_fds=(writing,))
        os.close(writing)
        with os.fdopen(reading) as pipe:
            line = pipe.readline().strip()
        if not line:
            raise RuntimeError(f"{command[0]} did not start: {self._log(command[0])}")
        return line

    def _log(self, program: str) -> str:
        with open(os.path.join(self.folder, f"{os.path.basename(program)}.log"), errors="replace") as log:
            return log.read().strip()

    def _start_display(self) -> None:
        number = self._spawn_and_read("Xvfb", "-screen", "0", f"{self.size}x24", "-nolisten", "tcp", "-displayfd", "{fd}")
        self.env["DISPLAY"] = f":{number}"

    def _start_bus(self) -> None:
        # Nothing is started by the bus itself: no window of the system may ask for a password and wait for nobody.
        config = os.path.join(self.folder, "bus.conf")
        with open(config, "w") as file:
            file.write(BUS_CONFIG.format(folder=self.env["XDG_RUNTIME_DIR"]))
        self.env["DBUS_SESSION_BUS_ADDRESS"] = self._spawn_and_read(
            "dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--print-address={fd}"
        )
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.bus = Gio.DBusConnection.new_for_address_sync(self.env["DBUS_SESSION_BUS_ADDRESS"], flags, None, None)

    def _call(self, name: str, path: str, interface: str, method: str, args: GLib.Variant) -> GLib.Variant:
        return self.bus.call_sync(name, path, interface, method, args, None, Gio.DBusCallFlags.NO_AUTO_START, -1, None)

    def _is_owned(self, name: str) -> bool:
        bus = "org.freedesktop.DBus"
        return self._call(bus, "/", bus, "NameHasOwner", GLib.Variant("(s)", (name,))).unpack()[0]

    def _start_window_manager(self) -> None:
        self._spawn("openbox", "--sm-disable")
        screen = display.Display(self.env["DISPLAY"])
        check = screen.intern_atom("_NET_SUPPORTING_WM_CHECK")
        wait_until("a window manager", lambda: screen.screen().root.get_full_property(check, X.AnyPropertyType))
        screen.close()

    def _start_accessibility(self) -> None:
        # That it is switched on is a setting, and nothing keeps settings here.
        env = self.env | {"GSETTINGS_BACKEND": "memory"}
        self._spawn("/usr/libexec/at-spi-bus-launcher", "--launch-immediately", env=env)
        wait_until("the accessibility bus", lambda: self._is_owned("org.a11y.Bus"))
        enabled = GLib.Variant("(ssv)", ("org.a11y.Status", "IsEnabled", GLib.Variant("b", True)))
        self._call("org.a11y.Bus", "/org/a11y/bus", "org.freedesktop.DBus.Properties", "Set", enabled)

    def _start_keyring(self) -> None:
        daemon = self._spawn("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets", stdin=subprocess.PIPE)
        daemon.stdin.write(KEYRING_PASSWORD.encode())
        daemon.stdin.close()
        wait_until("the keyring", lambda: self._is_owned("org.freedesktop.secrets"))
        wait_until("an unlocked keyring", self._is_unlocked)
        if self.locked:
            # It is there now. Begun again without the password, as after a login without one, it stays locked.
            daemon.terminate()
            daemon.wait()
            self.children.remove(daemon)
            wait_until("no keyring", lambda: not self._is_owned("org.freedesktop.secrets"))
            self._spawn("gnome-keyring-daemon", "--foreground", "--components=secrets")
            wait_until("a locked keyring", lambda: self._is_owned("org.freedesktop.secrets"))

    def _is_unlocked(self) -> bool:
        wanted = GLib.Variant("(ss)", ("org.freedesktop.Secret.Collection", "Locked"))
        try:
            path = "/org/freedesktop/secrets/aliases/default"
            answer = self._call("org.freedesktop.secrets", path, "org.freedesktop.DBus.Properties", "Get", wanted)
        except GLib.Error:
            return False  # The collection is not there yet.
        return answer.unpack()[0] is False


@contextlib.contextmanager
def private_session(size: str = "1600x1000", locked: bool = False) -> Iterator[Session]:
    require(PACKAGES)
    session = Session(size, locked)
    try:
        session.start()
        yield session
    finally:
        session.stop()


def run(command: list[str], size: str = "1600x1000") -> int:
    """Runs a command in a session of its own; its exit code is the answer."""
    with private_session(size) as session:
        return subprocess.run(command, env=session.env, preexec_fn=die_with_parent).returncode


def serve(size: str) -> int:
    with private_session(size) as session:
        changed = {name: value for name, value in session.env.items() if os.environ.get(name) != value}
        print(json.dumps(changed), flush=True)
        sys.stdin.read()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="1600x1000", help="of the screen, in pixels")
    parser.add_argument("--serve", action="store_true", help="print the environment, wait for the end of input")
    parser.add_argument("command", nargs="*", help="what to run, after --")
    args = parser.parse_args()
    # Asked to end, the parts end as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if args.serve == bool(args.command):
        parser.error("give either --serve or a command")
    return serve(args.size) if args.serve else run(args.command, args.size)


if __name__ == "__main__":
    sys.exit(main())
