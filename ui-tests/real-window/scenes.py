#!/usr/bin/python3
"""Small plays in the real window, one for each promise that only the whole program can keep.

    scenes.py SCENE --app target/debug/switchtower --pictures DIR [--server target/debug/switchtower-server] [--theme light]
"""

import argparse
import glob
import os
import re
import sys

from connect import connect_app
from people import conflict, expired_token
from publishing import cancelled, interrupted
from session import private_session
from stage import Stage, create_app, is_checked, make_key, start_here, usable


def refusals(stage: Stage) -> None:
    """What is no build is refused in words, while it hovers and when it is dropped; nothing is read."""
    one, two = stage.build("one"), stage.build("two")
    text = stage.file("notes.txt", "no web build\n")
    source = os.path.dirname(stage.file("source/src/main.ts", "export {}\n"))
    empty = os.path.join(stage.folder, "empty")
    os.mkdir(empty)
    with stage.themed() as app:
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
    with stage.themed() as app:
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


def lost_server(stage: Stage) -> None:
    """A server that goes away leaves the last state on the screen; what is local goes on, what changes channels waits."""
    server = stage.server()
    build = stage.build("dist")
    with stage.themed() as app:
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
        make_key(app)
        app.go("Channels")
        app.see("No release on staging yet")

        server.kill()
        app.see(re.compile(f"^Can’t reach {server.address}"))
        app.see("No release on staging yet")
        app.picture("unreachable")
        stage.check(usable(app, "Choose a build for staging…"), "a build can be chosen: reading it is local work")
        app.drop(build)
        app.see("Sign & publish to staging", "button")
        app.write("Notes", "Read while the server was away.")
        app.see(re.compile("not compared"))
        stage.check(not usable(app, "Sign & publish to staging"), "publishing waits until the connection is back")
        app.picture("unreachable-review")
        app.go("Keys")
        app.see(re.compile("^tidepool-prod, "))
        app.go("Publish")
        app.press("Try now")
        app.see(re.compile("^Trying again in 1[0-9] s"))
        app.see(re.compile(f"^Can’t reach {server.address}"))

        # It is found again without being asked for.
        server.start()
        app.window.wait_gone(re.compile(f"^Can’t reach {server.address}"))
        app.see("staging is empty")
        app.window.wait("the actions back", lambda: usable(app, "Sign & publish to staging"))
        stage.check(app.see("Notes", "entry").text == "Read while the server was away.", "what was typed is kept")
        app.picture("reachable-again")
        app.press("Sign & publish to staging")
        app.see("1.0.0 is live on staging", patience_s=60)
        stage.check(server.live("staging") == ("web", "1.0.0", 1), "the server offers it on staging")
        stage.check(app.close() == 0, "closing the window ends the program well")
    server.kill()


SCENES = {
    "refusals": refusals,
    "settings": settings,
    "locked-keyring": locked_keyring,
    "lost-server": lost_server,
    "cancelled-publish": cancelled,
    "interrupted-upload": interrupted,
    "conflict": conflict,
    "connect": connect_app,
    "expired-token": expired_token,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scene", choices=SCENES)
    parser.add_argument("--app", required=True, help="the program switchtower")
    parser.add_argument("--pictures", required=True, help="where the pictures go")
    parser.add_argument("--server", help="the program switchtower-server")
    parser.add_argument("--theme", choices=["dark", "light"], default="dark")
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
