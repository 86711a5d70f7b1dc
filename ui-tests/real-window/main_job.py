#!/usr/bin/python3
"""Does the main job by hand, in the real window: from the first run to a channel that was taken back, with pictures.

    main_job.py --app target/debug/switchtower --web-build DIR --pictures DIR [--theme dark|light]

The window is driven as a person drives it: buttons and fields through AT-SPI, folders dropped by XDND. After each step
the feed is asked as a device asks it. Anything unexpected ends the run with a message and an exit code other than 0.
"""

import argparse
import base64
import glob
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator

from session import private_session, require

CHANGED_TITLE = "Tidepool, with the tide tables of July"
ADDED_FILE = "assets/tide-tables-2026-07.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--app", required=True, help="the program switchtower")
    parser.add_argument("--web-build", required=True, help="a folder with index.html")
    parser.add_argument("--pictures", required=True, help="where the pictures go")
    parser.add_argument("--theme", choices=["dark", "light"], default="dark")
    args = parser.parse_args()

    # What is there afterwards is of this run.
    for old in glob.glob(os.path.join(args.pictures, "*.png")):
        os.remove(old)
    # The modules that talk to the desktop take their addresses from the environment when they are first used.
    require({"minisign": "minisign"})
    with private_session() as session:
        os.environ.update(session.env)
        import desktop

        MainJob(desktop, session.folder, args).run()
    return 0


class MainJob:
    """The steps, each one ending with a picture and with what a device is answered."""

    def __init__(self, desktop, folder: str, args: argparse.Namespace) -> None:  # noqa: ANN001
        self.desktop = desktop
        self.say, self.check = desktop.say, desktop.check
        self.begun = time.monotonic()
        self.number = 0
        # What is dropped is called dist, as build tools call it.
        self.first_build = self._copy(args.web_build, os.path.join(folder, "tidepool", "dist"))
        self.second_build = self._copy(args.web_build, os.path.join(folder, "tidepool-next", "dist"))
        change(self.second_build)
        self.work = folder
        home = os.path.join(folder, "home")
        self.app = desktop.Desktop(args.app, home, args.pictures, "--theme", args.theme)
        self.say(f"first frame after {self.app.first_frame_ms} ms")

    @staticmethod
    def _copy(source: str, target: str) -> str:
        shutil.copytree(source, target)
        return target

    def run(self) -> None:
        try:
            self.steps()
        except BaseException:
            self.app.picture("failed")
            raise
        finally:
            if self.app.process.poll() is None:
                self.app.kill()

    def steps(self) -> None:
        app = self.app
        self.step("First run")
        app.see("Welcome to Switchtower")
        self.picture("first-run")

        self.step("Start a local server")
        app.press("Start a local server")
        app.see("Create an app…", "button")
        self.picture("no-app")

        self.step("Create an app")
        app.press("Create an app…")
        app.write("Name", "Tidepool")
        self.check(app.see("Slug", "entry").text == "tidepool", "the slug follows the name")
        self.picture("create-app")
        app.press("Create Tidepool")
        app.see("No release on staging yet")
        self.picture("channels-empty")
        self.device = self.desktop.Device(self.address(), "tidepool")
        self.offers_nothing("hotfix", "staging", "beta", "production")

        self.step("Make a signing key that the app trusts")
        app.go("Keys")
        app.press("Make the first key…")
        self.check("checked" in app.see("Let Tidepool trust it", "check box").states, "the app is to trust it")
        self.picture("new-key")
        app.press("Make tidepool-prod")
        app.see(re.compile("^tidepool-prod, .*, Active, not backed up$"))
        self.picture("keys")

        self.step("Drag a build over the window, and drop it")
        drag = app.drag(self.first_build)
        app.see(re.compile("^Drop to review"))
        app.see(re.compile("index.html at the root"))
        self.picture("drop")
        self.check(drag.drop(), "the drop was taken")
        self.reviewed("staging is empty")
        app.write("Notes", "The first release over the air.")
        self.picture("review-first")

        self.step("Sign and publish it to staging")
        self.publish("1.0.0", "staging")
        self.picture("published-first")
        first = self.offers("staging", "1.0.0", 1)
        self.holds(first, self.first_build)
        self.offers_nothing("hotfix", "beta", "production")
        self.check(self.device.ask("staging", current=1).status == 204, "a device that has it is offered nothing")
        self.check(self.device.ask("staging", binary_version="0.9.0").status == 204, "an older binary is offered nothing")

        self.step("Promote it to beta")
        app.press("Watch staging")
        self.promote("Promote 1.0.0 to beta…", "1.0.0", "beta")
        self.same(self.offers("beta", "1.0.0", 1), first, "the same bytes and signature as on staging")

        self.step("Promote it to production, a protected channel")
        app.press("Promote 1.0.0 to production…")
        app.see("Promote to production")
        outcome = "Promote 1.0.0 to production"
        app.see(re.compile("binary that it needs|keeps no record"))
        self.check(not self.usable(outcome), "it is locked until the channel's name is typed")
        app.write(f"Type production to unlock {outcome}", "production")
        self.picture("promote-protected")
        app.press(outcome)
        app.see(re.compile("^Promoted 1.0.0 to production"))
        self.same(self.offers("production", "1.0.0", 1), first, "the same bytes and signature as on beta")

        self.step("Review a second build against what is live")
        app.drop(self.second_build)
        self.reviewed("2 files differ")
        app.write("Notes", "Tide tables for July.")
        self.picture("review-changes")

        self.step("Publish it and promote it to beta")
        second_version = app.see("Version", "entry").text
        self.check(second_version == "1.0.1-ota.1", f"the next version is proposed: {second_version}")
        self.publish(second_version, "staging")
        self.picture("published-second")
        second = self.offers("staging", second_version, 2)
        self.holds(second, self.second_build)
        self.check(CHANGED_TITLE.encode() in dict(files_of(self.device.download(second)))["index.html"], "a device gets the changed page")
        app.press("Watch staging")
        self.promote("Promote staging to beta…", second_version, "beta")
        self.same(self.offers("beta", second_version, 2), second, "the same bytes and signature as on staging")
        self.picture("channels")

        self.step("Roll beta back to the release before")
        app.press("Roll back beta…")
        outcome = "Roll back beta to 1.0.0"
        app.window.find_enabled(outcome)
        app.write("Reason", "Tide tables show last year's dates")
        self.picture("roll-back")
        app.press(outcome)
        app.see(re.compile("^Rolled back beta to 1.0.0"))
        self.picture("rolled-back")
        again = self.offers("beta", "1.0.0", 3)
        self.check(again["url"] == first["url"], "the first release's own bytes, under a new number")
        self.check(self.offers("beta", "1.0.0", 3, current=2)["signature"] == first["signature"], "with its own signature, also for devices that have the second")
        self.offers("staging", second_version, 2)

        self.step("Roll beta back to the built-in assets")
        app.press("Roll back beta…")
        app.see("Roll back beta")
        app.press(re.compile("^Built-in assets"), "radio button")
        outcome = "Roll back beta to built-in assets"
        app.window.find_enabled(outcome)
        app.write("Reason", "Start again from what the store ships")
        self.picture("roll-back-built-in")
        app.press(outcome)
        app.see(re.compile("^Rolled back beta to its built-in assets"))
        self.picture("channels-built-in")
        status, built_in = self.device.ask("beta", current=3)
        self.check(status == 200 and built_in["sequence"] == 4, "a device on beta is offered sequence 4")
        self.check(list(files_of(self.device.download(built_in))) == [], "a signed bundle without files")
        self.verify(built_in)
        self.offers("production", "1.0.0", 1)

        self.step("The other screens, and a small window")
        app.go("Settings")
        app.see("Appearance")
        self.picture("settings")
        app.go("Channels")
        app.resize(960, 640)
        app.see(re.compile("^Log verified to"))
        self.picture("small-window")
        app.resize(1440, 900)

        self.step("Left alone")
        app.see(re.compile("^Activity log verified to"))
        # Toasts go first: they are drawn while they count down.
        app.window.wait("no toast left", lambda: not app.window.has(re.compile("^Rolled back beta to its built-in")))
        cpu, memory = app.cpu_percent(3), app.memory_mb()
        self.say(f"   idle: {cpu:.1f}% of one core, {memory:.0f} MB resident, first frame after {app.first_frame_ms} ms")
        self.check(cpu < 10, "the idle window draws no more than once a second")
        self.check(app.close() == 0, "closing the window ends the program well")
        self.say(f"The main job is done, in {time.monotonic() - self.begun:.1f} s")

    # Parts of steps.

    def step(self, name: str) -> None:
        self.say(f"{time.monotonic() - self.begun:5.1f} s  {name}")

    def picture(self, name: str) -> None:
        self.number += 1
        self.app.picture(f"{self.number:02}-{name}")

    def address(self) -> str:
        """The server's address, from where a person reads it."""
        self.app.go("Settings")
        address = self.app.see(re.compile(r"^http://127\.0\.0\.1:\d+$")).name
        self.app.go("Channels")
        self.app.see("No release on staging yet")
        return address

    def reviewed(self, compared: str) -> None:
        """Waits until the dropped build is packed and compared."""
        self.app.see(compared, patience_s=60)
        self.app.window.find_enabled("Sign & publish to staging")

    def publish(self, version: str, channel: str) -> None:
        self.app.press(f"Sign & publish to {channel}")
        self.app.see(f"{version} is live on {channel}", patience_s=60)
        self.app.see(re.compile("^It asks: 200"))

    def promote(self, button: str, version: str, channel: str) -> None:
        self.app.press(button)
        self.app.see(f"Promote to {channel}")
        self.app.window.find_enabled(f"Promote {version} to {channel}")
        self.picture(f"promote-to-{channel}")
        self.app.press(f"Promote {version} to {channel}")
        self.app.see(re.compile(f"^Promoted {re.escape(version)} to {channel}"))

    def usable(self, button: str) -> bool:
        node = self.app.see(button, "button")
        return bool({"enabled", "sensitive"} & node.states)

    # What devices get.

    def offers(self, channel: str, version: str, sequence: int, current: int = 0) -> dict:
        status, manifest = self.device.ask(channel, current)
        offered = manifest and (manifest["version"], manifest["sequence"])
        self.check((status, offered) == (200, (version, sequence)), f"{channel} offers {version} #{sequence} to a device with #{current} (answer: {status}, {offered})")
        return manifest

    def offers_nothing(self, *channels: str) -> None:
        for channel in channels:
            self.check(self.device.ask(channel).status == 204, f"{channel} offers nothing")

    def same(self, one: dict, other: dict, what: str) -> None:
        self.check(all(one[name] == other[name] for name in ("url", "signature", "sequence")), what)

    def holds(self, manifest: dict, folder: str) -> None:
        """The download is signed with our key and holds the files of the folder, byte for byte."""
        self.verify(manifest)
        downloaded = dict(files_of(self.device.download(manifest)))
        self.check(downloaded == dict(files_in(folder)), f"it holds the {len(downloaded)} files of the folder, byte for byte")

    def verify(self, manifest: dict) -> None:
        """With the real minisign program, and the public key as the window shows it."""
        if not hasattr(self, "public_key"):
            self.app.go("Keys")
            line = self.app.see(re.compile('^"pubkey": "RW[0-9A-Za-z+/]{54}"$')).name
            self.public_key = line.split('"')[3]
            self.app.go("Publish")
        bundle, signature = (os.path.join(self.work, name) for name in ("bundle", "bundle.minisig"))
        with open(bundle, "wb") as file:
            file.write(self.device.download(manifest))
        with open(signature, "wb") as file:
            file.write(base64.b64decode(manifest["signature"]))
        verified = subprocess.run(["minisign", "-V", "-m", bundle, "-x", signature, "-P", self.public_key], capture_output=True, text=True)
        self.check(verified.returncode == 0, f"minisign verifies it with the key that Keys shows ({(verified.stdout or verified.stderr).strip().splitlines()[-1]})")


def change(build: str) -> None:
    """Makes the next version of a build: another title, one more file."""
    page = os.path.join(build, "index.html")
    with open(page, encoding="utf-8") as file:
        text = file.read()
    changed = re.sub("<title>.*?</title>", f"<title>{CHANGED_TITLE}</title>", text, count=1, flags=re.DOTALL)
    assert changed != text, "the entry page has no title to change"
    with open(page, "w", encoding="utf-8") as file:
        file.write(changed)
    added = os.path.join(build, ADDED_FILE)
    os.makedirs(os.path.dirname(added), exist_ok=True)
    with open(added, "w", encoding="utf-8") as file:
        file.write('{"2026-07-01":["03:12","09:40"],"2026-07-02":["04:01","10:31"]}\n')


def files_of(bundle: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(bundle), mode="r:gz") as archive:
        for entry in archive:
            yield entry.name, archive.extractfile(entry).read()


def files_in(folder: str) -> Iterator[tuple[str, bytes]]:
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                yield os.path.relpath(path, folder), file.read()


if __name__ == "__main__":
    sys.exit(main())
