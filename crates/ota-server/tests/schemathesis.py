"""Holds the admin API to its OpenAPI document with Schemathesis: no 5xx, no status, type or shape that it does not name.

Run by `cargo xtask test`; by hand, with Schemathesis in the Python that runs this:
    python crates/ota-server/tests/schemathesis.py --server target/debug/switchtower-server
Derandomised: the same document gets the same requests.
"""

import argparse
import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

DOCUMENT = pathlib.Path(__file__).parent.parent / "openapi.json"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
# Of both passes together.
LONGEST_SECONDS = 120


def ask(url, token, method, path, body):
    """Sends JSON as an admin and reads JSON."""
    request = urllib.request.Request(
        url + path,
        method=method,
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def seed(url, token):
    """An app, a draft and an announced upload, so that requests come past the 404s. Gives the draft's id."""
    ask(url, token, "POST", "/v1/apps", {"slug": "acme"})
    draft = ask(url, token, "POST", "/v1/apps/acme/releases", {"version": "9.9.9", "min_binary_version": "1.0.0"})
    encoded = lambda content: base64.b64encode(content).decode()
    signature = f"untrusted comment: none\n{encoded(b'ED' + bytes(72))}\ntrusted comment: none\n{encoded(bytes(64))}\n"
    upload = {"sha256": "00" * 32, "size_bytes": 1000, "signature": signature}
    ask(url, token, "POST", f"/v1/apps/acme/releases/{draft['id']}/artifacts/tar_gz", upload)
    return draft["id"]


def known(release):
    """Parts of paths that exist, and headers that fit."""
    values = {
        "path.app": "acme",
        "path.channel": "staging",
        "path.release": release,
        "path.kind": "tar_gz",
        "header.If-Match": "1",
        "header.Upload-Offset": "0",
    }
    return "[parameters]\n" + "".join(f'"{name}" = "{value}"\n' for name, value in values.items())


def hold(name, config, url, token, arguments, until):
    """One pass over all operations. Gives whether the server kept to the document."""
    print(f"-- {name}", flush=True)
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(config),
        "run", str(DOCUMENT), "--url", url, "--header", f"Authorization: Bearer {token}",
        "--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing",
        "--max-examples", "60", "--generation-deterministic", "--warnings", "off", "--no-color",
        # A stream without an end.
        "--exclude-path", "/v1/events", *arguments,
    ]
    try:
        return subprocess.run(command, timeout=max(1, until - time.monotonic())).returncode == 0
    except subprocess.TimeoutExpired:
        print(f"the passes took longer than {LONGEST_SECONDS} s", flush=True)
        return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True, type=pathlib.Path)
    program = parser.parse_args().server
    until = time.monotonic() + LONGEST_SECONDS
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        data = folder / "data"
        made = subprocess.run(
            [program, "token", "create", "--data", data, "--name", "schemathesis", "--role", "admin"],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        token = made.stdout.strip()
        log = (folder / "log").open("w")
        server = subprocess.Popen(
            [program, "serve", "--data", data, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=log, text=True,
        )
        try:
            url = json.loads(server.stdout.readline())["url"]
            anything, there = folder / "anything.toml", folder / "there.toml"
            anything.write_text("")
            kept = hold("any names", anything, url, token, [], until)
            # The pass before may have made an app of any name, and removed any.
            there.write_text(known(seed(url, token)))
            kept &= hold("names that exist", there, url, token, ["--exclude-method", "DELETE"], until)
            if server.poll() is not None:
                print("the server ended", flush=True)
                kept = False
        finally:
            server.terminate()
            server.wait(20)
            log.close()
        if not kept:
            print((folder / "log").read_text()[-4000:], flush=True)
        return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
