#!/usr/bin/python3
"""Signing without an open keyring, in the real window: a key in a password-protected file, made, used and backed up.

    key_files.py absent|locked --app target/debug/switchtower --pictures DIR [--theme dark|light]

absent: nothing on this computer keeps secrets. locked: a keyring is there, and nobody unlocks it.
"""

import argparse
import base64
import contextlib
import glob
import os
import re
import subprocess
import sys
from collections.abc import Iterator

from session import PACKAGES, Session, require
from stage import Stage, start_here, usable

PASSWORD = "four words of mine"
# Shorter: a text that shrinks while it is read cannot be read.
WRONG = "not these words"
FIELD = "Password that opens tidepool-prod"
ORDER = "Sign & publish to staging"
OPEN = f"Open tidepool-prod: {ORDER}"
TO_FILES = "Keep keys in password-protected files…"
MADE = re.compile("^tidepool-prod, .*, file, Active, not backed up$")


class WithoutKeyring(Session):
    """A session in which nothing keeps secrets, as on a server or a small desktop."""

    def _start_keyring(self) -> None:
        pass


@contextlib.contextmanager
def session_for(scene: str) -> Iterator[Session]:
    require(PACKAGES | {"minisign": "minisign"})
    session = WithoutKeyring("1600x1000") if scene == "absent" else Session("1600x1000", locked=True)
    try:
        session.start()
        yield session
    finally:
        session.stop()


def write_password(app, field: str, password: str) -> None:  # noqa: ANN001
    app.write(field, password, "password text")


def make_key_file(stage: Stage, app) -> str:  # noqa: ANN001
    """From the page that says what is the matter with the keyring to a key that the app trusts. Returns its public half."""
    app.press(TO_FILES)
    app.see("New signing key")
    stage.check("checked" in app.see(re.compile("^Password-protected file"), "radio button").states, "it goes into a file")
    stage.check(not usable_radio(app, "^OS keyring"), "it cannot go into the keyring")
    folder = app.see("Folder for key files", "entry").text
    stage.check(folder == os.path.join(stage.home, "data", "keys"), f"the folder is among the app's own data: {folder}")
    stage.check(not usable(app, "Make tidepool-prod"), "no key without a password")
    write_password(app, "New password", PASSWORD)
    write_password(app, "The same password again", WRONG)
    app.see("The two passwords are not the same.")
    stage.check(not usable(app, "Make tidepool-prod"), "the password is typed twice alike")
    write_password(app, "The same password again", PASSWORD)
    app.picture("new-key-file")
    app.press("Make tidepool-prod")
    app.see(MADE)
    key = os.path.join(folder, "tidepool-prod.key")
    stage.check((os.stat(folder).st_mode & 0o777, os.stat(key).st_mode & 0o777) == (0o700, 0o600), "folder and file are for their owner alone")
    line = app.see(re.compile('^"pubkey": "RW[0-9A-Za-z+/]{54}"$')).name
    return line.split('"')[3]


def usable_radio(app, name: str) -> bool:  # noqa: ANN001
    return bool({"enabled", "sensitive"} & app.see(re.compile(name), "radio button").states)


def address(app) -> str:  # noqa: ANN001
    app.go("Settings")
    return app.see(re.compile(r"^http://127\.0\.0\.1:\d+$")).name


def minisign(stage: Stage, *arguments: str, typed: str = "") -> None:
    done = subprocess.run(["minisign", *arguments], input=typed, capture_output=True, text=True)
    said = (done.stdout or done.stderr).strip().splitlines()
    stage.check(done.returncode == 0, f"minisign {arguments[0]}: {said[-1] if said else 'done'}")


def verify(stage: Stage, device, manifest: dict, public_key: str) -> None:  # noqa: ANN001
    """What a device downloads is signed with the key, as the real minisign program sees it."""
    bundle, signature = os.path.join(stage.folder, "bundle"), os.path.join(stage.folder, "bundle.minisig")
    with open(bundle, "wb") as file:
        file.write(device.download(manifest))
    with open(signature, "wb") as file:
        file.write(base64.b64decode(manifest["signature"]))
    minisign(stage, "-V", "-m", bundle, "-x", signature, "-P", public_key)


def sign_elsewhere(stage: Stage, key: str, public_key: str) -> None:
    """The file is minisign's own: the real program signs with it, given the same password."""
    data = stage.file("elsewhere.txt", "signed by another program\n")
    minisign(stage, "-S", "-s", key, "-m", data, typed=f"{PASSWORD}\n")
    minisign(stage, "-V", "-m", data, "-P", public_key)


def absent(stage: Stage) -> None:
    """Without any keyring: first run, key, wrong password, publication, a second one without a question, backup, restart."""
    build = stage.build("dist")
    with stage.themed() as app:
        app.see("Start a local server")
        app.see("In files that only their password opens")
        app.picture("first-run")
        start_here(app)
        device = stage.desktop.Device(address(app), "tidepool")
        app.go("Keys")
        app.see("This computer has no keyring that answers")
        app.picture("no-keyring")
        public_key = make_key_file(stage, app)
        app.picture("key-file")
        key = os.path.join(stage.home, "data", "keys", "tidepool-prod.key")
        sign_elsewhere(stage, key, public_key)

        app.drop(build)
        app.see("nothing is live on staging yet: every file is new")
        app.write("Notes", "Signed with a file.")
        app.window.find_enabled(ORDER)
        app.picture("review")
        app.press(ORDER)
        write_password(app, FIELD, WRONG)
        app.press(OPEN)
        app.see(re.compile("^The password does not open this key"))
        app.picture("wrong-password")
        stage.check(device.ask("staging").status == 204, "nothing was published")
        app.press("Not now")
        app.window.wait_gone(FIELD)
        stage.check(app.see("Notes", "entry").text == "Signed with a file.", "the form is kept")
        app.press(ORDER)
        stage.check(app.see(FIELD, "password text").text == "", "what was typed is gone")
        write_password(app, FIELD, PASSWORD)
        app.press("Remember until I close Switchtower", "check box")
        app.picture("password")
        app.press(OPEN)
        app.see("1.0.0 is live on staging", patience_s=60)
        app.see(re.compile("^It asks: 200"))
        app.picture("published")
        status, manifest = device.ask("staging")
        stage.check((status, manifest["version"]) == (200, "1.0.0"), "a device is offered the release")
        verify(stage, device, manifest, public_key)

        stage.file("dist/app.js", "document.title += ' again';\n")
        app.drop(build)
        app.window.find_enabled(ORDER)
        app.press(ORDER)
        app.see(re.compile("^1.0.1-ota.1 is live on staging$"), patience_s=60)
        verify(stage, device, device.ask("staging", current=1).manifest, public_key)

        app.go("Keys")
        app.see("Remembered until you close Switchtower")
        back_up(stage, app, public_key)
        app.picture("backed-up")
        stage.check(app.close() == 0, "closing the window ends the program well")
    nowhere(stage)
    with stage.themed() as app:
        app.see(re.compile("^tidepool-prod, .*, file, Active, backed up$"))
        app.see("Asked for when it signs")
        app.picture("after-a-restart")
        stage.check(app.close() == 0, "closing the window ends the program well")


def back_up(stage: Stage, app, public_key: str) -> None:  # noqa: ANN001
    """By its path: a copy under the key's own password, which is asked for although it is remembered."""
    copy = os.path.join(stage.folder, "tidepool-prod.backup")
    app.press("Back up tidepool-prod…")
    app.write("File", copy)
    field = "Password of tidepool-prod"
    write_password(app, field, WRONG)
    app.press("Back up tidepool-prod")
    app.see(re.compile("^The password does not open this key"))
    stage.check(not os.path.exists(copy), "nothing was written")
    write_password(app, field, PASSWORD)
    app.press("Back up tidepool-prod")
    app.see(re.compile("^Backed up tidepool-prod, restored the copy and checked it"))
    app.see(re.compile("^tidepool-prod, .*, file, Active, backed up$"))
    sign_elsewhere(stage, copy, public_key)


def nowhere(stage: Stage) -> None:
    """No file of the app holds a password that was typed."""
    for parent, _, names in os.walk(stage.home):
        for name in names:
            with open(os.path.join(parent, name), "rb") as file:
                content = file.read()
            if PASSWORD.encode() in content or WRONG.encode() in content:
                raise AssertionError(f"a password stands in {os.path.join(parent, name)}")
    stage.check(True, "no file of the app holds a password")


def locked(stage: Stage) -> None:
    """With a keyring that nobody unlocks: it says so, and the file beside it signs."""
    build = stage.build("dist")
    with stage.themed() as app:
        start_here(app)
        device = stage.desktop.Device(address(app), "tidepool")
        app.see("Keyring locked", "button")
        app.go("Keys")
        app.see("The keyring is locked")
        app.picture("keyring-locked")
        public_key = make_key_file(stage, app)
        app.see(re.compile("^The OS keyring is locked"))
        app.picture("keyring-locked-key-file")
        app.drop(build)
        app.window.find_enabled(ORDER)
        app.press(ORDER)
        write_password(app, FIELD, PASSWORD)
        app.press(OPEN)
        app.see("1.0.0 is live on staging", patience_s=60)
        verify(stage, device, device.ask("staging").manifest, public_key)
        app.picture("keyring-locked-published")
        stage.check(app.close() == 0, "closing the window ends the program well")


SCENES = {"absent": absent, "locked": locked}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scene", choices=SCENES)
    parser.add_argument("--app", required=True, help="the program switchtower")
    parser.add_argument("--pictures", required=True, help="where the pictures go")
    parser.add_argument("--theme", choices=["dark", "light"], default="dark")
    args = parser.parse_args()

    # What is there afterwards is of this run.
    for old in glob.glob(os.path.join(args.pictures, "*.png")):
        os.remove(old)
    # The modules that talk to the desktop take their addresses from the environment when they are first used.
    with session_for(args.scene) as session:
        os.environ.update(session.env)
        import desktop

        SCENES[args.scene](Stage(desktop, session.folder, args))
    return 0


if __name__ == "__main__":
    sys.exit(main())
