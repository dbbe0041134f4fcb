#!/usr/bin/env python3
"""A form, and what was sent by it: urlencoded or multipart. Python 3.13 has no module `cgi` any more; this needs none."""

import email.parser
import email.policy
import os
import sys
from html import escape
from urllib.parse import parse_qsl

LIMIT = 1024 * 1024

FORM = """
<form method="post" enctype="{enctype}">
<label>Name <input name="name" required></label>
{more}
<button>Send as {enctype}</button>
</form>"""


def fields_of(content_type, body):
    """Names and values, in order; a file is its name and its length. The content type is that of a form."""
    if content_type.split(";")[0].strip().lower() != "multipart/form-data":
        return parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=100)
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    return [field_of(part) for part in message.iter_parts()]


def field_of(part):
    name = part.get_param("name", "", header="content-disposition")
    content = part.get_payload(decode=True) or b""
    if part.get_filename() is None:
        return name, content.decode(errors="replace")
    return name, f"{part.get_filename()} ({len(content)} bytes)"


def page(main):
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>A form</title>
<h1>A form</h1>
{main}
</html>
"""


def answer(method, content_type, length):
    """The status and the page."""
    if method != "POST":
        upload = '<label>File <input type="file" name="file"></label>'
        plain = FORM.format(enctype="application/x-www-form-urlencoded", more="")
        return "200 OK", page(plain + FORM.format(enctype="multipart/form-data", more=upload))
    if length > LIMIT:
        return "413 Content Too Large", page(f"<p>More than {LIMIT} bytes.</p>")
    fields = fields_of(content_type, sys.stdin.buffer.read(length))
    rows = "".join(f"<dt>{escape(name)}</dt>\n<dd>{escape(value)}</dd>\n" for name, value in fields)
    return "200 OK", page(f'<dl>\n{rows}</dl>\n<p><a href="{escape(os.environ["SCRIPT_NAME"])}">Again</a></p>')


status, html = answer(
    os.environ["REQUEST_METHOD"], os.environ.get("CONTENT_TYPE", ""), int(os.environ.get("CONTENT_LENGTH") or 0)
)
print(f"Status: {status}\nContent-Type: text/html; charset=utf-8\n", flush=True)
sys.stdout.buffer.write(html.encode(errors="replace"))
