"""Sending a file to a Streamlit server, as the page's uploader does; for tests/support/tab.py."""

import secrets
import urllib.request

WITHIN = 60.0  # seconds
XSRF = "_streamlit_xsrf"  # a cookie, and what it holds against forged requests


def put(address: str, path: str, name: str, raw: bytes) -> None:
    """Send a file as a form, with the token against forged requests that the server gave; OSError if it is refused."""
    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=WITHIN) as answer:
        token = next(part for part in answer.headers["Set-Cookie"].split(";") if XSRF in part).partition("=")[2]
    border = secrets.token_hex(16)
    head = f'--{border}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'
    headers = {
        "Content-Type": f"multipart/form-data; boundary={border}",
        "Cookie": f"{XSRF}={token}",
        "X-Xsrftoken": token,
    }
    body = head.encode() + raw + f"\r\n--{border}--\r\n".encode()
    request = urllib.request.Request(address + path, body, headers, method="PUT")
    urllib.request.urlopen(request, timeout=WITHIN).close()
