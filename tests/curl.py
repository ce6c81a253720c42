"""Lines of documentation that call ``curl``, pasted into a real shell; also on a machine that has no ``curl``."""

import os
import subprocess
import sys
from pathlib import Path

_STAND_IN = f"""#!{sys.executable}
import base64, sys, urllib.parse, urllib.request
arguments, headers, method, data, url, query = sys.argv[1:], {{}}, None, None, "", []
while arguments:
    word = arguments.pop(0)
    if word == "-H":
        name, _, value = arguments.pop(0).partition(": ")
        headers[name] = value
    elif word == "-X":
        method = arguments.pop(0)
    elif word == "-d":
        data = arguments.pop(0).encode()
    elif word == "-u":
        headers["Authorization"] = "Basic " + base64.b64encode(arguments.pop(0).encode()).decode()
    elif word == "--data-urlencode":
        name, _, value = arguments.pop(0).partition("=")
        query.append((name, value))
    elif word not in ("-s", "-G", "-sG"):
        url = word if "://" in word else "http://" + word
url += "?" + urllib.parse.urlencode(query) if query else ""
request = urllib.request.Request(url, data, headers, method=method)
sys.stdout.buffer.write(urllib.request.urlopen(request).read())
"""


def pasted(lines: str, folder: Path) -> str:
    """What a shell in ``folder`` prints when ``lines`` are pasted into it; they must all work."""
    stand_in = folder / "bin" / "curl"
    stand_in.parent.mkdir(exist_ok=True)
    stand_in.write_text(_STAND_IN)
    stand_in.chmod(0o755)
    path = f"{os.environ['PATH']}:{stand_in.parent}"
    done = subprocess.run(
        ["sh", "-euc", lines], cwd=folder, env={"PATH": path}, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout
