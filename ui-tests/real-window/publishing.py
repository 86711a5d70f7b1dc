"""Scenes of publishing over a slow network: cancelled in the middle, and a server that dies in the middle."""

import contextlib
import os
import re
from collections.abc import Iterator

from slow_network import SlowNetwork
from stage import Server, Stage, connect, create_app, make_key

MEGABYTES = 60


@contextlib.contextmanager
def at_the_review(stage: Stage) -> Iterator[tuple]:
    """The app with a big build under review and its form filled in, behind a network that can be made slow."""
    server = stage.server()
    network = SlowNetwork(server.address)
    build = stage.big_build("dist", MEGABYTES)
    with stage.themed() as app:
        connect(app, network.address, server.token)
        create_app(app)
        make_key(app)
        app.drop(build)
        app.see("staging is empty", patience_s=60)
        app.write("Version", "2.5.0-ota.3")
        app.write("Notes", "Tide charts for the whole coast.")
        yield app, server, network
        stage.check(app.close() == 0, "closing the window ends the program well")
    server.kill()


class Progress:
    """The percentages that the window shows of a step."""

    def __init__(self, app) -> None:  # noqa: ANN001
        self.app = app
        self.seen: dict[str, list[int]] = {}

    def wait(self, step: str, least: int = 0) -> int:
        """Waits until a step shows this share, and notes all shares on the way."""
        return self.app.window.wait(f"{step} at {least} percent", lambda: self._look(step, least), 60)

    def _look(self, step: str, least: int) -> int | None:
        # One look at the window gives all steps.
        found = None
        for node in self.app.window.find_all(re.compile(r"^\w+, \d+ percent$")):
            name, share = re.fullmatch(r"(\w+), (\d+) percent", node.name).groups()
            seen = self.seen.setdefault(name, [])
            if not seen or seen[-1] != int(share):
                seen.append(int(share))
            if name == step and int(share) >= least:
                found = int(share) or None
        return found

    def in_between(self, step: str) -> list[int]:
        return [share for share in self.seen.get(step, []) if 0 < share < 100]


def cancelled(stage: Stage) -> None:
    """Percentages are seen while a build is packed and sent; cancelled in the middle, nothing is left of it."""
    with at_the_review(stage) as (app, server, network):
        network.rate = MEGABYTES * 1e6 / 12
        app.press("Sign & publish to staging")
        progress = Progress(app)
        progress.wait("Bundling")
        app.picture("bundling")
        progress.wait("Uploading", 20)
        app.go("Channels")
        app.see(re.compile(r"^Uploading 2\.5\.0-ota\.3 · \d+%$"), "button")
        app.picture("uploading-elsewhere")
        app.go("Publish")
        progress.wait("Uploading", 45)
        app.see("Cancel upload", "button")
        app.picture("uploading")
        for step in ("Bundling", "Uploading"):
            shares = progress.in_between(step)
            stage.check(shares and shares == sorted(shares), f"{step} went up by what was measured: {shares}")
        stage.check([release["state"] for release in server.releases()] == ["draft"], "the server has a draft")
        stage.check(parts(server) > 0, f"{parts(server):,} bytes have arrived")

        app.press("Cancel upload")
        app.see("Sign & publish to staging", "button")
        app.see(re.compile("^Cancelled. .*staging offers what it offered before"))
        app.picture("cancelled")
        stage.check(server.releases() == [], "the server has no release and no draft")
        stage.check(parts(server) == 0, "nothing is left of the bytes that arrived")
        stage.check(server.live("staging") is None, "staging offers nothing, as before")
        device = stage.desktop.Device(f"http://{server.address}", "tidepool")
        stage.check(device.ask("staging").status == 204, "a device is offered nothing")
        left = [name for name in os.listdir(stage.home) if name.startswith("switchtower-publish-")]
        stage.check(not left, "this computer keeps no half-sent bundle")
        form_is_kept(stage, app)

        network.rate = None
        app.press("Sign & publish to staging")
        app.see("2.5.0-ota.3 is live on staging", patience_s=60)
        app.see(re.compile("^It asks: 200"))
        app.picture("published")
        stage.check(server.live("staging") == ("web", "2.5.0-ota.3", 1), "the server offers it on staging")
        manifest = device.ask("staging").manifest
        stage.check(len(device.download(manifest)) > MEGABYTES * 1_000_000, "a device gets all of it")


def interrupted(stage: Stage) -> None:
    """The server dies in the middle of an upload and is started again: the app says so, waits, and sends the rest."""
    with at_the_review(stage) as (app, server, network):
        network.rate = MEGABYTES * 1e6 / 12
        app.press("Sign & publish to staging")
        progress = Progress(app)
        progress.wait("Uploading", 40)
        server.kill()
        arrived = parts(server)
        stage.check(arrived > 0, f"{arrived:,} bytes had arrived when it died")
        app.see(re.compile(f"^Can’t reach {network.address}"))
        waiting = re.compile(r"Trying again in .*, from where it was$")
        app.window.wait("the step saying that it waits", lambda: any(waiting.search(node.description) for node in app.window.find_all(re.compile("^Uploading"))))
        app.see("Cancel upload", "button")
        app.picture("server-gone")
        stage.check(server.process.poll() is not None, "the server is still gone")

        network.rate, before = None, network.sent
        server.start()
        app.see("2.5.0-ota.3 is live on staging", patience_s=90)
        app.window.wait_gone(re.compile("^Can’t reach"))
        app.see(re.compile("^It asks: 200"))
        app.picture("published")
        total = server.releases()[0]["artifacts"][0]["size_bytes"]
        sent = network.sent - before
        stage.check(sent < total - arrived + 3_000_000, f"only the rest was sent: {sent:,} of {total:,} bytes")
        stage.check(server.live("staging") == ("web", "2.5.0-ota.3", 1), "the server offers it on staging")
        device = stage.desktop.Device(f"http://{server.address}", "tidepool")
        stage.check(len(device.download(device.ask("staging").manifest)) == total, "a device gets all of it")


def parts(server: Server) -> int:
    """Bytes of unfinished uploads on the server's disk."""
    return sum(
        os.path.getsize(os.path.join(parent, name)) for parent, _, names in os.walk(server.data) for name in names if name.endswith(".part")
    )


def form_is_kept(stage: Stage, app) -> None:  # noqa: ANN001
    stage.check(app.see("Version", "entry").text == "2.5.0-ota.3", "the version is still there")
    stage.check(app.see("Notes", "entry").text == "Tide charts for the whole coast.", "the notes are still there")
