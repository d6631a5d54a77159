# SPDX-License-Identifier: MIT
"""loop.py URL... - pycurl's multi interface in asyncio's event loop: libcurl
says which sockets to watch (CURLMOPT_SOCKETFUNCTION), and for how long."""
import asyncio
import io
import os
import sys

import pycurl


class Loop:
    def __init__(self, urls):
        self.loop = asyncio.get_running_loop()
        self.done = self.loop.create_future()
        self.timer = None
        self.watched = set()
        self.multi = pycurl.CurlMulti()
        self.multi.setopt(pycurl.M_SOCKETFUNCTION, self.watch)
        self.multi.setopt(pycurl.M_TIMERFUNCTION, self.wait)
        self.handles = [self.transfer(url) for url in urls]
        self.left = len(self.handles)
        self.status = 0
        self.nudge()

    def nudge(self):
        """libcurl may lose a timer. Tornado looks once a second, too."""
        self.loop.call_later(1, self.nudge)
        self.multi.socket_all()
        self.look()

    def transfer(self, url):
        handle = pycurl.Curl()
        handle.body = io.BytesIO()
        handle.setopt(pycurl.URL, url)
        handle.setopt(pycurl.CAINFO, os.environ["HE_LAB_CA"])
        handle.setopt(pycurl.TIMEOUT, int(os.environ["HE_LIMIT"]))
        handle.setopt(pycurl.WRITEDATA, handle.body)
        self.multi.add_handle(handle)
        return handle

    def watch(self, what, socket, multi, data):
        if socket in self.watched:
            self.loop.remove_reader(socket)
            self.loop.remove_writer(socket)
            self.watched.discard(socket)
        if what in (pycurl.POLL_IN, pycurl.POLL_INOUT):
            self.watched.add(socket)
            self.loop.add_reader(socket, self.act, socket, pycurl.CSELECT_IN)
        if what in (pycurl.POLL_OUT, pycurl.POLL_INOUT):
            self.watched.add(socket)
            self.loop.add_writer(socket, self.act, socket, pycurl.CSELECT_OUT)

    def wait(self, milliseconds):
        if self.timer:
            self.timer.cancel()
        self.timer = None
        if milliseconds >= 0:
            self.timer = self.loop.call_later(
                milliseconds / 1000, self.act, pycurl.SOCKET_TIMEOUT, 0)

    def act(self, socket, events):
        self.multi.socket_action(socket, events)
        self.look()

    def look(self):
        good, bad = self.multi.info_read()[1:]
        for handle, number, message in bad:
            print(number, message, file=sys.stderr)
            self.status = number
        self.left -= len(good) + len(bad)
        if not self.left and not self.done.done():
            self.done.set_result(None)


async def main():
    loop = Loop(sys.argv[1:])
    await loop.done
    for handle in loop.handles:
        loop.multi.remove_handle(handle)
        sys.stdout.buffer.write(handle.body.getvalue())
    return loop.status


sys.exit(asyncio.run(main()))
