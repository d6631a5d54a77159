# SPDX-License-Identifier: MIT
"""easy.py URL... - pycurl's easy interface: one handle for all, one after
the other. The exit status is the last one's error."""
import io
import os
import sys

import pycurl

handle = pycurl.Curl()
status = 0
for url in sys.argv[1:]:
    body = io.BytesIO()
    handle.reset()
    handle.setopt(pycurl.URL, url)
    handle.setopt(pycurl.CAINFO, os.environ["HE_LAB_CA"])
    handle.setopt(pycurl.TIMEOUT, int(os.environ["HE_LIMIT"]))
    handle.setopt(pycurl.WRITEDATA, body)
    try:
        handle.perform()
        status = 0
    except pycurl.error as error:
        print(*error.args, file=sys.stderr)
        status = error.args[0]
    sys.stdout.buffer.write(body.getvalue())
sys.exit(status)
