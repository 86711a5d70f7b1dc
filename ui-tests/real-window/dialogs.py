#!/usr/bin/python3
"""The system's dialogs for files, opened from the real window and answered as a person answers them; and what is said and
done where there are none.

    dialogs.py zenity|portal|silent|none --app target/debug/switchtower --pictures DIR [--theme dark|light]

zenity: no portal, but the program zenity. portal: the desktop's portal, and no zenity. silent: a portal that never
answers. none: neither.
"""

import argparse
import contextlib
import glob
import os
import re
import signal
import subprocess
import sys
import time

from session import Session, private_session, require, wait_until
from stage import Stage, make_key, start_here, usable

PORTAL, GTK_PORTAL = "/usr/libexec/xdg-desktop-portal", "/usr/libexec/xdg-desktop-portal-gtk"
ZENITY, XDOTOOL = "/usr/bin/zenity", "/usr/bin/xdotool"
PACKAGES = {
    ZENITY: "zenity",
    XDOTOOL: "xdotool",
    "minisign": "minisign",
    PORTAL: "xdg-desktop-portal",
    GTK_PORTAL: "xdg-desktop-portal-gtk",
}
# What the dialogs are called, and what the window says meanwhile.
FOLDER = ("Choose the folder your build writes, usually dist", "Choose the folder in your system’s dialog")
KEY_FILE = ("Choose a minisign or Tauri key file", "Choose the key file in your system’s dialog")
BACKUP = ("Where to write the encrypted backup", "Choose a place for the backup in your system’s dialog")
NO_DIALOG = "No dialog for choosing the folder could be opened"
PASSWORD = "correct horse battery"
NOTHING_LIVE = "nothing is live on staging yet: every file is new"


class Screen:
    """All windows, as a person at the machine sees and types into them."""

    def __init__(self, desktop, pictures: str) -> None:  # noqa: ANN001
        from Xlib import display

        self.desktop, self.pictures = desktop, pictures
        self.display = display.Display()
        self.root = self.display.screen().root

    def windows(self, title: str) -> list[int]:
        """The managed windows of this title."""
        found = []
        for xid in self._property(self.root, "_NET_CLIENT_LIST"):
            window = self.display.create_resource_object("window", xid)
            with contextlib.suppress(Exception):  # One that has just been closed.
                if bytes(self._property(window, "_NET_WM_NAME")).decode() == title:
                    found.append(xid)
        return found

    def is_active(self, xid: int) -> bool:
        return xid in self._property(self.root, "_NET_ACTIVE_WINDOW")

    def press_keys(self, *keys: str) -> None:
        subprocess.run([XDOTOOL, "key", *keys], check=True)

    def type(self, text: str) -> None:
        subprocess.run([XDOTOOL, "type", "--delay", "8", text], check=True)

    def settled(self) -> bytes:
        """What is seen once it stays as it is for a moment. Cursors blink, so it is not waited for long."""
        box = self.root.get_geometry()
        seen, since, end = b"", 0.0, time.monotonic() + 1.5
        while time.monotonic() < min(since + 0.3, end) or not seen:
            now = self.root.get_image(0, 0, box.width, box.height, 2, 0xFFFFFFFF).data
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(0.05)
        return seen

    def picture(self, name: str) -> None:
        """Takes a picture of the whole screen."""
        box = self.root.get_geometry()
        with open(os.path.join(self.pictures, f"{name}.png"), "wb") as file:
            file.write(self.desktop.png(box.width, box.height, self.settled()))
        self.desktop.say(f"   picture: {name}.png")

    def _property(self, window, name: str):  # noqa: ANN001, ANN202
        from Xlib import X

        found = window.get_full_property(self.display.intern_atom(name), X.AnyPropertyType)
        return found.value if found else []


class SystemDialog:
    """A dialog for files in front of the screen, of whatever program."""

    def __init__(self, screen: Screen, program: str, title: str, patience_s: float = 20.0) -> None:
        from window import Window

        self.screen, self.title = screen, title
        self.xid = wait_until(f"the dialog “{title}”", lambda: next(iter(screen.windows(title)), None), patience_s)
        wait_until(f"“{title}” in front", lambda: screen.is_active(self.xid))
        self.window = Window(program)
        screen.settled()
        self.seen_at = time.monotonic()

    def entries(self) -> list[str]:
        """What stands in its text fields."""
        nodes = self.window.find_all(re.compile(""), "text")
        return [node.text for node in nodes if "showing" in node.states]

    def wait_for_entry(self, what: str, fits, patience_s: float | None = None) -> None:  # noqa: ANN001
        self.window.wait(what, lambda: any(fits(text) for text in self.entries()), patience_s)

    def write(self, path: str) -> None:
        """Types a path: the dialogs of GTK take it wherever the focus is, and in place of a name that they propose."""

        def typed() -> bool:
            if any(self.entries()):
                self.screen.press_keys("ctrl+a")
            self.screen.type(path)
            # What comes while they still read a folder, they forget: whoever sees that types again.
            with contextlib.suppress(TimeoutError):
                # They may complete it.
                self.wait_for_entry(f"a field that holds {path}", lambda text: text.rstrip("/") == path, 3)
                return True
            return False

        self.window.wait(f"{path} typed", typed)

    def choose(self, path: str) -> None:
        self.write(path)
        self.screen.press_keys("Return")
        self.wait_gone()

    def cancel(self) -> None:
        self.window.press("Cancel")
        self.wait_gone()

    def escape(self) -> None:
        # As soon as a person can: a dialog that ends at once was none.
        wait_until("a dialog that was seen", lambda: time.monotonic() - self.seen_at > 0.5)
        self.screen.press_keys("Escape")
        self.wait_gone()

    def wait_gone(self) -> None:
        wait_until(f"“{self.title}” closed", lambda: not self.screen.windows(self.title))


class Play:
    """One way in which a system has dialogs, or has none."""

    def __init__(self, stage: Stage, session: Session, args: argparse.Namespace) -> None:
        self.stage, self.session, self.way = stage, session, args.way
        self.check = stage.check
        self.screen = Screen(stage.desktop, args.pictures)
        self.number = 0
        # What the app finds on its PATH is what we put there.
        self.programs = os.path.join(session.folder, "programs")
        os.mkdir(self.programs)
        self.zenity = os.path.join(self.programs, "zenity")
        if args.way in ("zenity", "silent"):
            os.symlink(ZENITY, self.zenity)
        self.program = "zenity"
        if args.way in ("portal", "silent"):
            # The portal's dialogs are windows of its GTK part.
            self.program = "xdg-desktop-portal-gtk" if args.way == "portal" else "zenity"
            self.start_gtk_portal()
            self.portal = session._spawn(PORTAL)
            wait_until("the portal", lambda: session._is_owned("org.freedesktop.portal.Desktop"))
        self.build = stage.build("dist")
        self.key = os.path.join(stage.folder, "keys", "old.key")
        os.mkdir(os.path.dirname(self.key))
        public = os.path.join(stage.folder, "keys", "old.pub")
        subprocess.run(["minisign", "-G", "-W", "-p", public, "-s", self.key], check=True, capture_output=True)
        self.backup = os.path.join(stage.folder, "stick", "tidepool-prod.key")
        os.mkdir(os.path.dirname(self.backup))

    def run(self) -> None:
        os.environ["PATH"] = self.programs
        with self.stage.themed() as app:
            self.app = app
            start_here(app)
            app.go("Publish")
            {"zenity": self.dialogs, "portal": self.portals, "silent": self.silent, "none": self.none}[self.way]()
            self.check(app.close() == 0, "closing the window ends the program well")

    # The scenes.

    def dialogs(self) -> None:
        """Folder, place of a backup, key file: cancelled, closed from the window, chosen."""
        app = self.app
        dialog = self.open("Choose a build…", FOLDER)
        self.picture("folder-dialog")
        # A second press while it is open.
        app.window.find("Choose a build…", "button").press()
        dialog.write(self.build)
        self.picture("folder-typed")
        self.check(len(self.screen.windows(FOLDER[0])) == 1, "there is one dialog, however often the button is pressed")
        dialog.cancel()
        self.nothing_read(FOLDER)
        dialog = self.open("Choose a build…", FOLDER)
        app.press("Close your system’s dialog")
        dialog.wait_gone()
        self.nothing_read(FOLDER)
        self.open("Choose a build…", FOLDER).choose(self.build)
        self.reviewed()
        self.picture("folder-chosen")
        dialog = self.open("Choose another build", FOLDER)
        dialog.escape()
        app.window.wait_gone(FOLDER[1])
        self.reviewed()

        self.begin_backup()
        dialog = self.open("Choose where it goes…", BACKUP)
        dialog.wait_for_entry("a proposed name", lambda text: text == "tidepool-prod.key")
        self.picture("backup-dialog")
        dialog.escape()
        app.window.wait_gone(BACKUP[1])
        self.check(app.see("File", "entry").text == "", "no place was chosen")
        self.open("Choose where it goes…", BACKUP).choose(self.backup)
        self.holds("File", self.backup)
        self.back_up()

        app.press("Import…")
        dialog = self.open("Choose a key file…", KEY_FILE)
        self.picture("key-file-dialog")
        dialog.cancel()
        app.window.wait_gone(KEY_FILE[1])
        self.check(app.see("Key file", "entry").text == "", "no file was chosen")
        self.open("Choose a key file…", KEY_FILE).choose(self.key)
        self.holds("Key file", self.key)
        self.import_key()

    def portals(self) -> None:
        """The same, and a portal that breaks: before a dialog is wanted, and while one is open."""
        self.dialogs()
        app = self.app
        app.go("Publish")
        self.end(self.gtk_portal)
        app.press("Choose another build")
        app.see(re.compile("^The desktop’s portal could not open one, and the program zenity is not installed"))
        self.picture("portal-broken")
        app.press("Not now")
        self.reviewed()
        self.start_gtk_portal()
        self.open("Choose another build", FOLDER)
        self.end(self.portal)
        self.end(self.gtk_portal)
        app.see(re.compile("^The desktop’s portal ended meanwhile, and the program zenity is not installed"))
        self.picture("portal-ended")
        app.press("Not now")
        self.reviewed()

    def silent(self) -> None:
        """A portal that never answers is given up; zenity steps in, and without it the window says what to do."""
        app = self.app
        self.portal.send_signal(signal.SIGSTOP)
        self.open("Choose a build…", FOLDER).choose(self.build)
        self.reviewed()
        os.remove(self.zenity)
        app.press("Choose another build")
        app.see(re.compile("^The desktop’s portal did not answer within 8 seconds, and the program zenity is not installed"))
        self.picture("portal-silent")
        app.press("Not now")
        self.reviewed()
        # It can end now.
        self.portal.send_signal(signal.SIGCONT)

    def none(self) -> None:
        """Every path can be written instead."""
        app = self.app
        app.press("Choose a build…")
        app.see(NO_DIALOG)
        app.see("The desktop offers none, and the program zenity is not installed.")
        self.picture("no-dialog")
        app.press("Not now")
        self.nothing_read(FOLDER)
        # On the page itself, with a slip of the finger first.
        app.write("Path of the folder", f"{self.build}t")
        app.press("Read what this path names")
        app.see("This cannot be published")
        self.picture("wrong-path")
        app.write("Path of the folder", f"  '{self.build}'")
        app.press("Read what this path names")
        self.reviewed()
        self.picture("read-by-path")
        # In the dialog, from everywhere.
        app.press("Put this build away")
        app.go("Channels")
        app.press("Choose a build for staging…")
        app.see(NO_DIALOG)
        self.picture("no-dialog-on-channels")
        app.write("Path of the folder", f"file://{self.build}")
        app.press("Read what this path names")
        self.reviewed()
        # Dropping works while it is shown.
        app.press("Choose another build")
        app.see(NO_DIALOG)
        app.drop(self.build)
        app.window.wait_gone(NO_DIALOG)
        self.reviewed()

        self.begin_backup()
        app.press("Choose where it goes…")
        app.see(re.compile("^No dialog could be opened. The desktop offers none"))
        app.write("File", self.backup)
        self.picture("backup-by-path")
        self.back_up()
        app.press("Import…")
        app.press("Choose a key file…")
        app.see(re.compile("^No dialog could be opened. The desktop offers none"))
        app.write("Key file", self.key)
        self.picture("key-file-by-path")
        self.import_key()

    # Parts of scenes.

    def start_gtk_portal(self) -> None:
        """The part of the portal that shows the dialogs."""
        self.gtk_portal = self.session._spawn(GTK_PORTAL)
        wait_until("the portal's GTK part", lambda: self.session._is_owned("org.freedesktop.impl.portal.desktop.gtk"))

    def end(self, part: subprocess.Popen) -> None:
        part.kill()
        part.wait()
        self.session.children.remove(part)

    def picture(self, name: str) -> None:
        self.number += 1
        self.screen.picture(f"{self.number:02}-{name}")

    def open(self, button: str, dialog: tuple[str, str]) -> SystemDialog:
        """Presses a button; the window waits, and the system's dialog is there."""
        title, waiting = dialog
        self.app.press(button)
        self.app.see(waiting)
        return SystemDialog(self.screen, self.program, title)

    def nothing_read(self, dialog: tuple[str, str]) -> None:
        self.app.window.wait_gone(dialog[1])
        self.app.see("Publish a build")
        self.check(usable(self.app, "Choose a build…"), "a closed dialog changes nothing")

    def reviewed(self) -> None:
        self.app.see("Sign & publish to staging", "button")
        self.app.see(NOTHING_LIVE)

    def begin_backup(self) -> None:
        make_key(self.app)
        self.app.press("Back up tidepool-prod…")

    def holds(self, field: str, path: str) -> None:
        self.app.window.wait(f"{field} holding {path}", lambda: self.app.see(field, "entry").text == path)

    def back_up(self) -> None:
        app = self.app
        for field in ("New password", "The same password again"):
            app.write(field, PASSWORD, "password text")
        app.press("Back up tidepool-prod")
        app.see(re.compile("^tidepool-prod, .*, Active, backed up"), patience_s=60)
        with open(self.backup) as file:
            self.check(file.readline().startswith("untrusted comment:"), "the backup is a minisign key file, where it was wanted")

    def import_key(self) -> None:
        app = self.app
        app.press("Import old")
        app.see(re.compile("^old, "), patience_s=60)
        self.picture("imported")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("way", choices=["zenity", "portal", "silent", "none"])
    parser.add_argument("--app", required=True, help="the program switchtower")
    parser.add_argument("--pictures", required=True, help="where the pictures go")
    parser.add_argument("--theme", choices=["dark", "light"], default="dark")
    args = parser.parse_args()

    # What is there afterwards is of this run.
    os.makedirs(args.pictures, exist_ok=True)
    for old in glob.glob(os.path.join(args.pictures, "*.png")):
        os.remove(old)
    require(PACKAGES)
    with private_session() as session:
        os.environ.update(session.env)
        # The modules that talk to the desktop take their addresses from the environment when they are first used.
        import desktop

        Play(Stage(desktop, session.folder, args), session, args).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
