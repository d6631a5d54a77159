# SPDX-License-Identifier: MIT
# svcb_compare.py PROGRAM CORPUS - what PROGRAM (svcb_show) makes of HTTPS
# records, beside what dnspython makes of them. TAP.
import os
import random
import struct
import subprocess
import sys
import time

import dns.exception
import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

NAME = dns.name.from_text("he.test.")
HTTPS = dns.rdatatype.HTTPS
HOSTS = set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
IDS = {b"http/1.1": 1, b"h2": 2, b"h3": 4}
MOST, HINTS, ECH = 8, 8, 1024


def check(r, rdata=None):
    """RFC 9460 where dnspython 2.3 takes more: a name that is compressed, a key
    twice, a list without an element."""
    for key in r.params:
        p = r.params[key]
        for name in ("keys", "ids", "addresses", "ech"):
            if hasattr(p, name) and not getattr(p, name):
                raise dns.exception.FormError
    if rdata is not None and r.to_wire() != rdata:
        raise dns.exception.FormError


def host(name):
    """As text; "" where it is none."""
    shown = text(name)
    return shown if set(shown.lower()) <= HOSTS else ""


def text(name):
    return name.to_text(omit_final_dot=True)


def bits(keys):
    return sum(1 << k for k in keys if k < 7)


def hints(params, key, which):
    p = params.get(key)
    return " v%s" % which + ("=" + ",".join(p.addresses[:HINTS]) if p else "")


def show_record(r):
    p = {int(k): v for k, v in r.params.items()}
    mandatory = [int(k) for k in p[0].keys] if 0 in p else []
    alpn = 0 if 2 in p else 1
    for one in p[1].ids if 1 in p else ():
        alpn |= IDS.get(one, 8)
    target = host(r.target) or "?"
    ech = p[5].ech if 5 in p and len(p[5].ech) <= ECH else b""
    return " | %d %s keys=%x mandatory=%x%s alpn=%x%s%s%s ech=%s" % (
        r.priority, target, bits(p), bits(mandatory),
        "+" if any(k > 6 for k in mandatory) else "", alpn,
        " port=%d" % p[3].port if 3 in p else "", hints(p, 4, 4),
        hints(p, 6, 6), ech.hex())


def show(records, owner, ttl):
    alias = [r for r in records if r.priority == 0]
    named = [host(r.target) for r in alias if r.target != dns.name.root]
    line = "%s ttl=%d alias=%s" % (text(owner), ttl, named[0] if named else "")
    if not alias:
        records = sorted(records, key=lambda r: r.priority)
        line += "".join(map(show_record, records[:MOST]))
    return line


def of_message(wire):
    """By dnspython: a whole answer."""
    try:
        m = dns.message.from_wire(wire, one_rr_per_rrset=True)
    except (dns.exception.DNSException, ValueError, struct.error):
        return "bad"
    owner, ttl, records = NAME, 1 << 32, []
    for _ in range(17):
        next_one = [a for a in m.answer
                    if a.name == owner and a.rdtype == dns.rdatatype.CNAME]
        if not next_one:
            break
        owner, ttl = next_one[0][0].target, min(ttl, next_one[0].ttl)
    else:
        return "bad"
    if [(q.name, q.rdtype) for q in m.question] != [(NAME, HTTPS)]:
        return "bad"
    for a in m.answer:
        if a.name == owner and a.rdtype == HTTPS:
            records.append(a[0])
            ttl = min(ttl, a.ttl)
    try:
        for r in records:
            check(r)
            # what was compressed, or was there twice, is not there as written
            if r.to_wire() not in wire:
                return "bad"
    except dns.exception.DNSException:
        return "bad"
    return show(records, owner, 0 if ttl == 1 << 32 else ttl)


def message(rdata):
    head = struct.pack(">HHHHHH", 1, 0x8180, 1, 1, 0, 0)
    return (head + NAME.to_wire() + struct.pack(">HH", 65, 1) + b"\xc0\x0c" +
            struct.pack(">HHIH", 65, 1, 60, len(rdata)) + rdata)


def of_rdata(rdata):
    """By dnspython: one record, in a message of its own."""
    try:
        r = dns.rdata.from_wire(dns.rdataclass.IN, HTTPS, rdata, 0, len(rdata))
        check(r, rdata)
    except (dns.exception.DNSException, ValueError, struct.error):
        # what stands behind an alias is no business of a client's
        try:
            target, size = dns.name.from_wire(rdata, 2)
        except (dns.exception.DNSException, IndexError):
            return "bad"
        if rdata[:2] != b"\0\0" or any(x > 63 for x in lengths(rdata)):
            return "bad"
        alias = "" if target == dns.name.root else host(target)
        return "he.test ttl=60 alias=%s" % alias
    return show([r], NAME, 60)


def lengths(rdata):
    """The labels' length bytes of a record's target."""
    at, found = 2, []
    while at < len(rdata):
        found.append(rdata[at])
        if rdata[at] in (0,) or rdata[at] > 63:
            break
        at += 1 + rdata[at]
    return found


def param(key, value, rnd):
    length = len(value) if rnd.random() < .97 else rnd.randrange(40)
    return struct.pack(">HH", key, length) + value


def some(key, rnd):
    n = rnd.randrange(4) if rnd.random() < .2 else rnd.randrange(1, 4)
    if key == 0:
        keys = sorted(rnd.sample(range(1, 9), n))
        return b"".join(struct.pack(">H", k) for k in keys)
    if key == 1:
        ids = [rnd.choice([b"h2", b"h3", b"http/1.1", b"x"]) for _ in range(n)]
        return b"".join(bytes([len(i)]) + i for i in ids)
    if key == 2:
        return b"" if rnd.random() < .9 else b"\0"
    size = {3: 2, 4: 4 * n, 6: 16 * n}.get(key, rnd.randrange(1, 30))
    return rnd.randbytes(size if rnd.random() < .95 else rnd.randrange(40))


def by_chance(rnd):
    keys = [k for k in (0, 1, 2, 3, 4, 5, 6, 7, 65535) if rnd.random() < .35]
    if rnd.random() < .05:
        rnd.shuffle(keys)
    target = rnd.choice([b"\0", b"\3svc\2he\4test\0", b"\1a\0"])
    if rnd.random() < .05:
        target = rnd.choice([b"\xc0\x0c", b"\2a", b"\4a\\ b\0", b""])
    rdata = struct.pack(">H", rnd.choice([0, 1, 1, 2, 7])) + target
    rdata += b"".join(param(k, some(k, rnd), rnd) for k in keys)
    if rnd.random() < .2 and rdata:
        at = rnd.randrange(len(rdata))
        rdata = rdata[:at] + rnd.randbytes(1) + rdata[at + 1:]
    return rdata


def ours(program, messages):
    data = b"".join(struct.pack(">I", len(m)) + m for m in messages)
    out = subprocess.run([program], input=data, stdout=subprocess.PIPE,
                         check=True).stdout
    return out.decode().splitlines()


def compare(number, what, program, inputs, theirs):
    got = ours(program, [m for _, m in inputs])
    wrong = [] if len(got) == len(inputs) else ["%d lines" % len(got)]
    for (name, m), mine, other in zip(inputs, got, theirs):
        if mine.lower() != other.lower():
            wrong += [name + ": " + m.hex(), "  curl-he: " + mine,
                      "  dnspython: " + other]
    for line in wrong[:30]:
        print("#", line)
    print("%sok %d - %s" % ("not " if wrong else "", number, what))
    return got


def main():
    program, corpus = sys.argv[1:]
    seed = int(os.environ.get("HE_SEED") or time.time())
    rounds = int(os.environ.get("HE_ROUNDS") or 5000)
    print("# HE_SEED=%d" % seed)
    rnd = random.Random(seed)
    inputs = []
    for name in sorted(os.listdir(corpus)):
        with open(os.path.join(corpus, name), "rb") as f:
            inputs.append((name, f.read()))
    theirs = [of_message(m) for _, m in inputs]
    got = compare(1, "the corpus", program, inputs, theirs)
    rdata = [by_chance(rnd) for _ in range(rounds)]
    got += compare(2, "records made by chance", program,
                   [(str(i), message(r)) for i, r in enumerate(rdata)],
                   [of_rdata(r) for r in rdata])
    good = sum(line != "bad" for line in got)
    enough = len(inputs) >= 12 and rounds / 10 < good < len(got) * 9 / 10
    print("# %d of %d were understood" % (good, len(got)))
    print("%sok 3 - some of each" % ("" if enough else "not "))
    print("1..3")


main()
