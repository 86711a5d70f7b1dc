#!/usr/bin/python3
"""Small plays in the real window, one for each promise that only the whole program can keep.

    scenes.py SCENE --app target/debug/switchtower --pictures DIR [--server target/debug/switchtower-server]
"""

import argparse
import contextlib
import glob
import json
import os
import re
import subprocess
import sys

from session import die_with_parent, private_session


class Stage:
    """What every scene has: a private session, a folder, and the app as often as it is started."""

    def __init__(self, desktop, folder: str, args: argparse.Namespace) -> None:  # noqa: ANN001
        self.desktop = desktop
        self.check = desktop.check
        self.folder = folder
        self.args = args

    @contextlib.contextmanager
    def app(self, *arguments: str):  # noqa: ANN201
        """The app, with the files of the last time. A picture is taken if the scene fails."""
        app = self.desktop.Desktop(self.args.app, os.path.join(self.folder, "home"), self.args.pictures, *arguments)
        try:
            yield app
        except BaseException:
            with contextlib.suppress(Exception):
                app.picture("failed")
            raise
        finally:
            if app.process.poll() is None:
                app.kill()

    def file(self, path: str, content: str = "") -> str:
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        return path

    def build(self, name: str) -> str:
        """A small web build."""
        self.file(f"{name}/index.html", f"<!doctype html><title>{name}</title><script src='./app.js'></script>\n")
        self.file(f"{name}/app.js", "document.title += ' runs';\n")
        return os.path.join(self.folder, name)


def create_app(app) -> None:  # noqa: ANN001
    app.press("Create an app…")
    app.write("Name", "Tidepool")
    app.press("Create Tidepool")
    app.see("No release on staging yet")


def start_here(app) -> None:  # noqa: ANN001
    app.press("Start a local server")
    create_app(app)


def refusals(stage: Stage) -> None:
    """What is no build is refused in words, while it hovers and when it is dropped; nothing is read."""
    one, two = stage.build("one"), stage.build("two")
    text = stage.file("notes.txt", "no web build\n")
    source = os.path.dirname(stage.file("source/src/main.ts", "export {}\n"))
    empty = os.path.join(stage.folder, "empty")
    os.mkdir(empty)
    with stage.app("--theme", "dark") as app:
        app.see("Start a local server")
        drag = app.drag(one)
        app.see("Nothing can be dropped now")
        app.see(re.compile("make an app first"))
        app.picture("refused-before-an-app")
        drag.leave()
        app.window.wait_gone("Nothing can be dropped now")
        start_here(app)

        drag = app.drag(text)
        app.see(re.compile("^This is a file"))
        app.picture("refused-file-hovers")
        stage.check(drag.drop(), "the drop was taken")
        app.see("This cannot be published")
        app.see(re.compile(r"notes\.txt"))
        app.picture("refused-file")

        drag = app.drag(one, two)
        app.see("These are 2 items")
        app.picture("refused-two-hover")
        stage.check(drag.drop(), "the drop was taken")
        app.see(re.compile("^2 items were dropped"))
        app.picture("refused-two")

        drag = app.drag(source)
        app.see("This folder has no index.html")
        app.picture("refused-folder-hovers")
        stage.check(drag.drop(), "the drop was taken")
        app.see(re.compile("Sign & publish to"), "button")
        app.see(re.compile("index.html", re.IGNORECASE))
        stage.check(not usable(app, re.compile("^Sign & publish to")), "a folder without a page cannot be published")
        app.picture("refused-folder")

        app.drop(empty)
        app.see(re.compile("no file|empty", re.IGNORECASE))
        app.picture("refused-empty")

        app.drop(one)
        app.see("Sign & publish to staging", "button")
        app.see("nothing is live on staging yet: every file is new")
        app.picture("accepted")
        stage.check(app.close() == 0, "closing the window ends the program well")


def settings(stage: Stage) -> None:
    """Theme, page, server, app and the window's size are there again after a restart."""
    with stage.app() as app:
        start_here(app)
        app.go("Settings")
        app.press("Light", "radio button")
        app.window.wait("the light theme chosen", lambda: is_checked(app, "Light"))
        address = app.see(re.compile(r"^http://127\.0\.0\.1:\d+$")).name
        app.resize(1234, 777)
        app.picture("settings-before")
        light = app.brightness()
        stage.check(light > 180, f"the window is light ({light:.0f} of 255)")
        stage.check(app.close() == 0, "closing the window ends the program well")
    with stage.app() as app:
        app.see("Appearance")
        app.window.wait("the app of the last time", lambda: app.window.has(re.compile("^This computer, Admin$")))
        stage.check(is_checked(app, "Light"), "the theme is remembered, and the page")
        stage.check(app.brightness() > 180, "the window is light again")
        stage.check(app.size() == (1234, 777), f"the window's size is remembered: {app.size()}")
        stage.check(app.see(re.compile(r"^http://127\.0\.0\.1:\d+$")).name == address, "the server inside has the address of the last time")
        app.go("Channels")
        app.see("staging, no release")
        app.see(re.compile("Created the app tidepool"))
        app.picture("settings-after")
        stage.check(app.close() == 0, "closing the window ends the program well")


def locked_keyring(stage: Stage) -> None:
    """A locked keyring is said where it matters, and everything that needs no key goes on."""
    build = stage.build("dist")
    with stage.app("--theme", "dark") as app:
        start_here(app)
        app.see("Keyring locked", "button")
        app.go("Keys")
        app.see("The keyring is locked")
        app.picture("keyring-locked")
        app.press("Try again")
        app.see("The keyring is locked")
        app.drop(build)
        app.see("nothing is live on staging yet: every file is new")
        stage.check(not usable(app, "Sign & publish to staging"), "nothing can be signed")
        app.press("Open keys")
        app.see("The keyring is locked")
        app.go("Publish")
        app.see("Sign & publish to staging", "button")
        app.picture("keyring-locked-review")
        stage.check(app.close() == 0, "closing the window ends the program well")


class Server:
    """A real server process of its own."""

    def __init__(self, program: str, data: str) -> None:
        self.program, self.data = program, data
        self.address = "127.0.0.1:0"
        self.start()
        command = [program, "token", "create", "--name", "Release desk", "--role", "admin", "--data", data]
        self.token = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def start(self) -> None:
        command = [self.program, "serve", "--listen", self.address, "--data", self.data]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=die_with_parent)
        ready = json.loads(self.process.stdout.readline())
        self.address = ready["url"].removeprefix("http://")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def lost_server(stage: Stage) -> None:
    """A server that goes away leaves the last state on the screen, and nothing can be pressed until it is back."""
    server = Server(stage.args.server, os.path.join(stage.folder, "server"))
    with stage.app("--theme", "dark") as app:
        app.see("Start a local server")
        app.write("Server address", f"http://{server.address}")
        app.see(re.compile("^A Switchtower server"))
        app.write("Access token", "swt_wrong", "password text")
        app.see(re.compile("starts with swt_|does not (know|accept|take)|unknown|not valid|no token", re.IGNORECASE), "label")
        app.picture("connect-wrong-token")
        app.write("Access token", server.token, "password text")
        app.see(re.compile("^Role: Admin, as Release desk"))
        app.picture("connect")
        app.press(f"Connect to {server.address}")
        create_app(app)
        server.kill()
        app.see(re.compile(f"^Can’t reach {server.address}"))
        app.see("No release on staging yet")
        stage.check(not usable(app, "Choose a build for staging…"), "publishing waits until the connection is back")
        app.picture("unreachable")
        app.go("Keys")
        app.see("Make the first key…", "button")
        app.go("Channels")
        server.start()
        app.press("Try now")
        app.window.wait_gone(re.compile(f"^Can’t reach {server.address}"))
        app.window.wait("the actions back", lambda: usable(app, "Choose a build for staging…"))
        app.picture("reachable-again")
        stage.check(app.close() == 0, "closing the window ends the program well")
    server.kill()


def usable(app, button: str | re.Pattern[str]) -> bool:  # noqa: ANN001
    return bool({"enabled", "sensitive"} & app.see(button, "button").states)


def is_checked(app, name: str) -> bool:  # noqa: ANN001
    return any("checked" in node.states for node in app.window.find_all(name, "radio button"))


SCENES = {"refusals": refusals, "settings": settings, "locked-keyring": locked_keyring, "lost-server": lost_server}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scene", choices=SCENES)
    parser.add_argument("--app", required=True, help="the program switchtower")
    parser.add_argument("--pictures", required=True, help="where the pictures go")
    parser.add_argument("--server", help="the program switchtower-server")
    args = parser.parse_args()

    # What is there afterwards is of this run.
    for old in glob.glob(os.path.join(args.pictures, "*.png")):
        os.remove(old)
    # The modules that talk to the desktop take their addresses from the environment when they are first used.
    with private_session(locked=args.scene == "locked-keyring") as session:
        os.environ.update(session.env)
        import desktop

        SCENES[args.scene](Stage(desktop, session.folder, args))
    return 0


if __name__ == "__main__":
    sys.exit(main())
