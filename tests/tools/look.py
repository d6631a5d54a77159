# SPDX-License-Identifier: MIT
"""look.py CHROMIUM FILE WIDTH light|dark SHOT - looks at a picture of curl-he's.

Opens FILE (.svg or .html) in a headless Chromium that is WIDTH pixels wide, and
checks what can be seen: nothing reaches over the edge, no words lie upon
others, everything that has to be there is, and the screenshot, which is left at
SHOT, has the colours it should have. What is wrong is printed, a line each.
"""
import html
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

# Measures the page, and leaves what it found in it, as JSON.
SCRIPT = """
<script>
addEventListener('load', () => {
  const svg = document.querySelector('svg.he');
  const box = e => { const r = e.getBoundingClientRect();
    return [r.left, r.top, r.right, r.bottom].map(n => Math.round(n * 10) / 10);
  };
  const all = (q, f) => [...document.querySelectorAll(q)].map(f);
  const found = {
    inner: innerWidth, scroll: document.documentElement.scrollWidth,
    height: document.documentElement.scrollHeight, svg: box(svg),
    dark: matchMedia('(prefers-color-scheme: dark)').matches,
    texts: all('svg.he text', e => [e.textContent, box(e),
      e.getAttribute('class'), getComputedStyle(e).fontSize,
      getComputedStyle(e).display]).filter(t => t[4] != 'none'),
    bars: all('svg.he rect.bar', e => [e.getAttribute('class'), box(e)]),
    winners: all('svg.he rect.winner', box),
    lanes: all('svg.he g.lane', e => e.querySelector('title').textContent),
    cells: all('h1,h2,p,td,th,section', e => [e.tagName, box(e),
      e.scrollWidth - e.clientWidth])
  };
  const out = document.createElement('pre');
  out.id = 'found';
  out.hidden = true;
  out.textContent = JSON.stringify(found);
  parent.document.body.appendChild(out);
});
</script>
"""

wrong = []


def complain(*words):
    wrong.append(" ".join(str(w) for w in words))


def framed(text, width):
    """The page in a frame: a window may not be as narrow as is asked for."""
    return ('<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" '
            'content="light dark"><body style="margin:0"><iframe style="border:'
            '0;width:%dpx;height:900px" srcdoc="%s"></iframe>' % (
                width, html.escape(text)))


def page_of(path):
    """A copy of the page that may run the script; a page around an SVG."""
    text = open(path, encoding="utf-8").read()
    if path.endswith(".svg"):
        return ('<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">'
                + text + SCRIPT)
    text, n = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>\n', "",
                      text)
    if n != 1:
        complain("the page has no policy that forbids scripts")
    return text.replace("</body>", SCRIPT + "</body>")


def chromium(program, url, width, height, mode, *words):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        return subprocess.run(
            [program, "--headless", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
             "--disable-extensions", "--disable-background-networking",
             "--user-data-dir=" + home, "--virtual-time-budget=5000",
             "--blink-settings=preferredColorScheme=%d" % (mode == "light"),
             "--window-size=%d,%d" % (width, height), *words, url],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
            env=dict(os.environ, HOME=home)).stdout.decode("utf-8", "replace")


def measure(program, path, width, mode):
    with tempfile.NamedTemporaryFile("w", suffix=".html",
                                     encoding="utf-8") as copy:
        copy.write(framed(page_of(path), width))
        copy.flush()
        dom = chromium(program, "file://" + copy.name, 1200, 900, mode,
                       "--dump-dom")
    m = re.search(r'<pre id="found"[^>]*>(.*?)</pre>', dom, re.S)
    if not m:
        print("Chromium showed no page")
        sys.exit(1)
    return json.loads(html.unescape(m.group(1)))


def check_edges(found, width, mode):
    if found["inner"] != width:
        complain("the window is", found["inner"], "wide, not", width)
    if found["dark"] != (mode == "dark"):
        complain("the browser is not", mode)
    if found["scroll"] > width:
        complain("the page is", found["scroll"], "wide")
    left, _, right, bottom = found["svg"]
    for text, box, _, size, _ in found["texts"]:
        if box[0] < left - 0.6 or box[2] > right + 0.6 or box[3] > bottom:
            complain("over the edge:", text, box)
        if float(size.rstrip("px")) < 11:
            complain("too small to be read:", text, size)
    for what, box in found["bars"]:
        if box[0] < left or box[2] > right or box[2] - box[0] < 0.5:
            complain("no bar to be seen:", what, box)
    for tag, box, beyond in found["cells"]:
        if box[2] > width or beyond > 0:
            complain("over the edge:", tag, box)


def check_overlaps(found):
    texts = found["texts"]
    for i, (one, a, *_) in enumerate(texts):
        for other, b, *_ in texts[i + 1:]:
            if min(a[2], b[2]) - max(a[0], b[0]) > 1 and \
               min(a[3], b[3]) - max(a[1], b[1]) > 3:
                complain("one upon the other:", one, "and", other)


def check_contents(found):
    texts = [t[0] for t in found["texts"]]
    for word in ("IPv6", "IPv4", "DNS", "winner", "failed", "no answer", "0"):
        if word not in texts:
            complain("no word:", word)
    for kind in ("b6", "b4", "q"):
        if not any(kind in bar[0].split() for bar in found["bars"]):
            complain("no bar:", kind)
    won = [t for t in found["texts"] if "won" in (t[2] or "").split()]
    if not won or len(won) != len(found["winners"]):
        complain("not every winner is marked, or named")
    if not any("winner" in lane for lane in found["lanes"]):
        complain("no lane tells of a winner")


def pixels(path):
    """The rows of an 8-bit PNG, as lists of (r, g, b)."""
    data = open(path, "rb").read()
    at, idat = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colours = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            idat += body
        at += 12 + size
    each = {2: 3, 6: 4}[colours]
    raw, stride, rows = zlib.decompress(idat), width * each, []
    if depth != 8:
        raise ValueError("depth %d" % depth)
    before = bytearray(stride)
    for y in range(height):
        start = y * (stride + 1)
        kind = raw[start]
        line = bytearray(raw[start + 1:start + 1 + stride])
        for x in range(stride) if kind else ():
            a = line[x - each] if x >= each else 0
            b, c = before[x], before[x - each] if x >= each else 0
            if kind == 1:
                line[x] = (line[x] + a) & 255
            elif kind == 2:
                line[x] = (line[x] + b) & 255
            elif kind == 3:
                line[x] = (line[x] + (a + b) // 2) & 255
            else:
                pa, pb, pc = abs(b - c), abs(a - c), abs(a + b - 2 * c)
                near = a if pa <= pb and pa <= pc else b if pb <= pc else c
                line[x] = (line[x] + near) & 255
        rows.append([tuple(line[i:i + 3]) for i in range(0, stride, each)])
        before = line
    return rows


def check_shot(path, mode):
    count = {}
    rows = pixels(path)
    for row in rows:
        for p in row:
            count[p] = count.get(p, 0) + 1
    back = max(count, key=count.get)
    light = sum(back) / 3
    if len(count) < 50:
        complain("the screenshot is almost empty:", len(count), "colours")
    if count[back] > 0.99 * len(rows) * len(rows[0]):
        complain("the screenshot is blank")
    if light > 40 if mode == "dark" else light < 230:
        complain("the background is", back)
    green = [p for p in count if p[1] > p[0] + 60 and p[1] > p[2] + 30]
    blue = [p for p in count if p[2] > p[0] + 60 and p[2] > p[1] + 30]
    orange = [p for p in count if p[0] > p[2] + 90 and 60 < p[1] < p[0] - 40]
    for name, them in (("winner's green", green), ("IPv6's blue", blue),
                       ("IPv4's orange", orange)):
        if sum(count[p] for p in them) < 20:
            complain("no", name)


def main():
    program, path, width, mode, shot = sys.argv[1:]
    path, width = os.path.abspath(path), int(width)
    found = measure(program, path, width, mode)
    check_edges(found, width, mode)
    check_overlaps(found)
    check_contents(found)
    chromium(program, "file://" + path, width, min(found["height"], 4000), mode,
             "--screenshot=" + shot)
    check_shot(shot, mode)
    for line in wrong:
        print(line)
    sys.exit(bool(wrong))


main()
