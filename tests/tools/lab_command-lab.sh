# SPDX-License-Identifier: MIT
# lab_command-lab.sh - curl-he lab with clients whose behaviour is known. It makes
# its laboratories itself. TAP. Run by make check: $top_srcdir and $top_builddir
# are set.
set -u
export LC_ALL=C
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
top=$(cd "$top_builddir" && pwd)
command=$top/curl-he
[ -x "$command" ] || { echo "1..0 # SKIP built without curl-he"; exit 0; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 99
# Each client as if it were the first.
export CURL_HE_OPTIONS='* history=off' HOME=$dir
python=/usr/bin/python3
n=0

# ok WHAT COMMAND...
ok() {
  local what=$1
  n=$((n + 1))
  shift
  if "$@"; then
    echo "ok $n - $what"
  else
    echo "not ok $n - $what"
    head -n 40 out err 2>/dev/null | sed 's/^/# /'
  fi
}

# lab ARGUMENT...: sets status, out and err have what was said.
lab() {
  "$command" lab "$@" >out 2>err
  status=$?
}

# ended STATUS [TEXT]: how the last one ended, and with which words on stderr.
ended() {
  [ "$status" -eq "$1" ] || { echo "# status $status"; return 1; }
  [ $# -lt 2 ] || grep -qF -- "$2" err
}

# value SCENARIO EXPRESSION: of a JSON output, s being the scenario and r its
# first run.
value() {
  $python -c '
import json, sys
top = json.load(open("out"))
s = [s for s in top["scenarios"] if s["name"] == sys.argv[1]][0]
r = s["runs"][0]
print(eval("(" + sys.argv[2] + ")"))' "$@"
}

# holds SCENARIO EXPRESSION
holds() {
  [ "$(value "$@" 2>&1)" = True ] || {
    echo "# $*: $(value "$@" 2>&1 | tail -n 1)"
    return 1
  }
}

# -- what needs no laboratory --

lab --list
ok "the list has the scenarios" grep -q '^ *2 *v6-dead .*IPv6 black hole' out
lab --scenario nowhere curl
ok "a scenario that there is not" ended 2 "nowhere: there is no such scenario"
lab
ok "no client" ended 2 "no program"
lab --timeout 0 curl
ok "a time-out of nothing" ended 2 "--timeout 0"
lab --repeat many curl
ok "a count that is none" ended 2 "--repeat many"
lab -- ./nothing-here
ok "a client that there is not" ended 127 "./nothing-here: No such file"
echo 'v6-dead connect_ms<fast' >wrong
lab --expect wrong curl
ok "expectations that are wrong" ended 2 "wrong:1: connect_ms<fast"
lab --expect missing curl
ok "expectations that are missing" ended 2 "missing: No such file"

lab --scenario healthy true
if [ "$status" -eq 3 ]; then
  ok "it says what the laboratory lacks" grep -q '^curl-he: lab: ' err
  echo "1..$n # the laboratory cannot run here"
  exit 0
fi
ok "a client that connects nowhere" ended 0

# -- clients --

lab --json --scenario 1,v6-dead,3,11 curl -sS
ok "curl: status" ended 0
ok "curl, healthy: IPv6, one SYN" holds healthy \
  'r["order"] == "v6" and r["syns"] == 1 and r["winner"] == "v6"'
ok "curl, healthy: two round trips" holds healthy \
  '39 <= s["median"]["connect_ms"] < 900'
ok "curl, healthy: what it says" holds healthy \
  'r["said"] == "hello from 3fff:101::1\n" and r["exit"] == 0'
ok "curl, IPv6 dead: IPv4 after its 200 ms" holds v6-dead \
  'r["order"] == "v6,v4" and 190 <= r["delay_ms"] < 900'
ok "curl, IPv6 dead: one try is silent, the other is used" holds v6-dead \
  '[(a["end"], a["used"]) for a in r["attempts"]] ==
   [("silent", False), ("connected", True)]'
ok "curl, IPv6 refused: IPv4 at once" holds v6-refused \
  'r["order"] == "v6,v4" and 15 <= r["delay_ms"] < 180'
ok "curl, AAAA late: it waits" holds aaaa-late \
  '990 <= r["wait_ms"] < 3000 and r["aaaa_ms"] > 1000 and r["a_ms"] < 900'
ok "no socket is left" holds v6-dead 'r["left_after"] == 0'

case " ${HE_WITHOUT-} " in
*" lookup "* | *" interposition "*) ;;
*)
  lab --json -s v6-dead,aaaa-late "$command" run curl -sS
  ok "curl-he run curl: status" ended 0
  ok "curl-he run curl, IPv6 dead: IPv4 after 50 ms" holds v6-dead \
    'r["order"] == "v6,v4" and 45 <= r["delay_ms"] < 190'
  ok "curl-he run curl, AAAA late: it does not wait" holds aaaa-late \
    'r["winner"] == "v4" and r["wait_ms"] < 900'
esac

cat >client.py <<'END'
import asyncio, sys
async def main(host, port):
    r, w = await asyncio.open_connection(host, int(port),
                                         happy_eyeballs_delay=0.25)
    w.write(b"GET / HTTP/1.0\r\nHost: %s\r\n\r\n" % host.encode())
    print((await r.read()).decode().splitlines()[-1])
    w.close()
asyncio.run(main(sys.argv[1], sys.argv[2]))
END
lab --json -s v6-dead,four-and-four,11 $python client.py {host} {port}
ok "asyncio, IPv6 dead: IPv4 after 250 ms" holds v6-dead \
  'r["order"] == "v6,v4" and 240 <= r["delay_ms"] < 950 and r["exit"] == 0'
ok "asyncio: families alternate" holds four-and-four \
  'r["order"].startswith("v6.1,v4.1,v6.2,v4.2") and r["winner"] == "v4.4"'

ok "asyncio: what kind of client it is" holds v6-dead \
  '240 <= top["summary"]["attempt_delay_ms"] < 950 and
   top["summary"]["families"] == "6 4 6 4 6 4 6 4" and
   top["summary"]["aaaa_late"]["waits"] and top["summary"]["prefers"] is None'

lab --json -s v6-dead -t 1.5 $python -c 'import http.client
http.client.HTTPConnection("{host}").request("GET", "/")'
ok "http.client, IPv6 dead: it is killed with its IPv6" holds v6-dead \
  'r["order"] == "v6" and r["killed"] and r["left"] == 1 and
   s["median"]["connect_ms"] is None'

lab --json -s healthy --https curl -sS
ok "https: the certificate is trusted" holds healthy \
  'r["exit"] == 0 and s["url"] == "https://s1.lab.test/"'
lab --json -s v6-large-lost -t 2 curl -sS
ok "https, large packets lost: IPv6 connects, and is not answered" \
  holds v6-large-lost 'r["winner"] == "v6" and r["killed"] and
    r["first_byte_ms"] is None and s["url"].startswith("https:")'
lab --json -s healthy --no-url sh -c 'echo "$HE_LAB_URL $HE_LAB_PORT $# $1"' \
  a '<{url}>'
ok "placeholders, and the environment" holds healthy \
  'r["said"] == "http://s1.lab.test/ 80 1 <http://s1.lab.test/>\n"'
lab --json -s healthy -- echo -n
ok "without a placeholder the URL is appended" holds healthy \
  'r["said"] == "http://s1.lab.test/"'
lab --json -s healthy --no-url -- echo -n
ok "or not" holds healthy 'r["said"] == ""'
lab --json -s healthy --no-url sh -c 'printf "\377\0end"; exit 9'
ok "output that is no text, and a status" holds healthy \
  'r["said"].endswith("?end") and r["exit"] == 9'

# -- a client that hangs --

mark=999$$
lab -s healthy -t 0.5 -- sh -c "setsid sleep $mark & sleep $mark; true"
# No process has the mark in its arguments, but for who looks for it.
gone() {
  local i
  for i in 1 2 3 4 5 6 7 8 9 10; do
    grep -qs "sleep.[9]${mark#9}" /proc/[0-9]*/cmdline || return 0
    sleep 0.1
  done
  return 1
}
ok "the limit is told" grep -q 'more than 0.5 s' out
ok "it is killed, and that is said" grep -q '^ *1 *healthy .* killed$' out
ok "with its children" gone
ok "which is not a failure of the command" ended 0
lab -s healthy -t 5 -- sh -c "setsid sleep $mark & true"
ok "a client that leaves children behind: they end, too" gone
ok "and nobody waits for them" grep -q '^ *1 *healthy .* 0 *$' out

# -- expectations --

cat >good <<'END'
# curl waits for 200 ms
*        exit=0 left=0
v6-dead  connect_ms<=2000 connect_ms>=190 order=v6,v4 syns<=4
END
lab --expect good curl -sS
ok "what is expected, is met" ended 0
ok "only the scenarios that are named were run" test \
  "$(grep -cE '^ +[0-9]+ +[a-z]' out)" = 1
ok "and how many" grep -q '^good: 6 of 6 met' out
printf 'v6-dead connect_ms<=100 winner=v4\n' >bad
lab --expect bad curl -sS
ok "what is not met: status 1, and what was instead" ended 1 \
  "bad:1: v6-dead: not connect_ms<=100: "
lab --json --expect bad curl -sS
ok "in JSON, too" holds v6-dead \
  '[c["met"] for c in top["expect"]] == [False, True]'
lab --expect bad -s healthy curl -sS
ok "nothing to check is not met" ended 1 "nothing in it is about"
lab --expect <(cat good) curl -sS
ok "expectations from a pipe" ended 0
lab --json -s healthy --repeat 3 curl -sS
ok "three runs" holds healthy 'len(s["runs"]) == 3'
lab -v -s v6-dead curl -sS
ok "with -v the addresses" grep -q '  v6 *3fff:102::1 *1 SYN, silent' out
ok "no line is longer than 100 columns" awk 'length > 100 { exit 1 }' out

# -- users --

# as_user COMMAND...: as a user who is not root, with a TUN device that is for
# everybody, as Debian has it.
as_user() {
  unshare -m sh -c 'mount -t tmpfs none /dev/net &&
    mknod -m 666 /dev/net/tun c 10 200 &&
    exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"' sh "$@"
}
if as_user unshare -U -r -m -n true 2>/dev/null && as_user test -x "$command"
then
  as_user "$command" lab --json -s v6-dead curl -qsS >out 2>err
  status=$?
  ok "as a user who is not root" ended 0
  ok "which sees the same" holds v6-dead \
    'r["order"] == "v6,v4" and r["exit"] == 0'
fi
if unshare -m true 2>/dev/null; then
  unshare -m sh -c 'mount -t tmpfs none /dev/net && "$@"' sh \
    "$command" lab -s healthy curl >out 2>err
  status=$?
  ok "without a TUN device: what is missing" ended 3 "there is no /dev/net/tun"
fi
echo "1..$n"
