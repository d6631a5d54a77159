# SPDX-License-Identifier: MIT
"""multi.py URL... - pycurl's multi interface: all at once."""
import io
import os
import sys

import pycurl


def transfer(url):
    handle = pycurl.Curl()
    handle.body = io.BytesIO()
    handle.setopt(pycurl.URL, url)
    handle.setopt(pycurl.CAINFO, os.environ["HE_LAB_CA"])
    handle.setopt(pycurl.TIMEOUT, int(os.environ["HE_LIMIT"]))
    handle.setopt(pycurl.WRITEDATA, handle.body)
    return handle


multi = pycurl.CurlMulti()
handles = [transfer(url) for url in sys.argv[1:]]
for handle in handles:
    multi.add_handle(handle)
running = 1
status = 0
while running:
    running = multi.perform()[1]
    multi.select(1.0)
for handle, number, message in multi.info_read()[2]:
    print(number, message, file=sys.stderr)
    status = number
for handle in handles:
    multi.remove_handle(handle)
    sys.stdout.buffer.write(handle.body.getvalue())
sys.exit(status)
