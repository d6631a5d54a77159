#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""smtpd.py DIR ADDRESS PORT... - SMTP servers at ports of an address of this
machine, with the certificate in DIR: 465 speaks TLS at once, 587 by STARTTLS.
"broken" in the place of 465: it takes connections, and never comes to TLS.
Writes DIR/ready, and what each mail says into DIR/mail. Ends with its input."""
import asyncio
import ssl
import sys

from aiosmtpd.smtp import SMTP


class Writer:
    """Keeps what comes: the port, and the text."""

    def __init__(self, path, port):
        self.path = path
        self.port = port

    async def handle_DATA(self, _server, _session, envelope):
        with open(self.path, "a", encoding="utf-8") as mail:
            mail.write(f"port {self.port}\n")
            mail.write(f"{envelope.mail_from} {envelope.rcpt_tos}\n")
            mail.write(envelope.content.decode())
        return "250 taken"


async def hang_up(reader, writer):
    """Ends a connection when it has said something."""
    await reader.read(1000)
    writer.close()


async def serve(folder, address, port):
    """One server."""
    if port == "broken":
        await asyncio.start_server(hang_up, address, 465)
        return
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
    writer = Writer(f"{folder}/mail", port)
    later = {"tls_context": tls, "require_starttls": True}
    await asyncio.get_running_loop().create_server(
        lambda: SMTP(writer, **({} if port == "465" else later)),
        address, int(port), ssl=tls if port == "465" else None)


async def main():
    """Until the end of the input."""
    folder, address = sys.argv[1:3]
    for port in sys.argv[3:]:
        await serve(folder, address, port)
    with open(f"{folder}/ready", "w", encoding="utf-8"):
        pass
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
