# SPDX-License-Identifier: MIT
"""web.py URL... - Tornado's HTTP client on libcurl: all at once."""
import os
import sys

from tornado.gen import multi
from tornado.httpclient import AsyncHTTPClient
from tornado.ioloop import IOLoop

AsyncHTTPClient.configure("tornado.curl_httpclient.CurlAsyncHTTPClient")


async def main():
    client = AsyncHTTPClient()
    limit = float(os.environ["HE_LIMIT"])
    try:
        for answer in await multi([
                client.fetch(url, ca_certs=os.environ["HE_LAB_CA"],
                             connect_timeout=limit, request_timeout=limit)
                for url in sys.argv[1:]]):
            sys.stdout.buffer.write(answer.body)
    except Exception as error:
        print(error, file=sys.stderr)
        sys.exit(getattr(error, "errno", None) or 1)


IOLoop.current().run_sync(main)
