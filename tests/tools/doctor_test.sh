# SPDX-License-Identifier: MIT
# doctor_test.sh - the table of symptoms of curl-he doctor is that of its man
# page; and what it says without a network. TAP. Run by make check: $top_srcdir
# and $top_builddir are set.
. "$top_srcdir/tests/tools/tap.sh"

# table: the symptoms of the man page's prose, as the command prints them.
table() {
  /usr/bin/python3 -c '
import json, re, sys
said = json.load(open(sys.argv[1]))
prose = open(sys.argv[2]).read()
prose = prose.split("\n.SH SYMPTOMS\n")[1].split("\n.SH ")[0]
prose = prose.replace("\\-", "-").replace("\\e", "\\").replace("\\&", "")
prose = re.sub(r"\\fI([A-Z]+)\\fP", r"{\1}", prose)
listed = []
for entry in prose.split("\n.IP ")[1:]:
    head, rest = entry.split("\n", 1)
    parts = [" ".join(p.split()) for p in rest.split("\n.br\n")]
    name, level = re.fullmatch(r"\"\\fB([a-z0-9-]+)\\fP \((\w+)\)\"",
                               head).groups()
    one = dict(symptom=name, level=level, text=parts[0], advice=parts[1])
    if len(parts) > 2:
        one["seen"] = parts[2].removeprefix("Seen as: ")
    listed.append(one)
for a, b in zip(said, listed):
    if a != b:
        print(a, b, sep="\n", file=sys.stderr)
sys.exit(said != listed)' "$files/out" "$top_srcdir/docs/commands/doctor.man" \
    2>"$files/err"
}

he doctor --symptoms --json
ok "the symptoms are listed" json 'len(j) > 30 and
  len(set(s["symptom"] for s in j)) == len(j)'
ok "the man page has the same, word for word" table
he doctor --symptoms
ok "a reader's list" both 0 "ipv6-silent (wrong)"
he doctor --timeout 0
ok "a limit out of range" is 2
he doctor --timeout 5x
ok "a limit that is none" is 2
for word in "" "a b" "host:0" "host:x" "[::1" "ftp://host/" "-"; do
  he doctor -- "$word"
  ok "'$word' is no host" is 2
done
export CURL_HE_CONFIG=
export CURL_HE=off CURL_HE_OPTIONS='* delay=xx' https_proxy=http://u:pw@proxy
he doctor
ok "a wrong configuration is wrong" both 1 "CURL_HE_OPTIONS"
ok "what configures it" says "curl-he is configured by CURL_HE_OPTIONS."
ok "CURL_HE=off" says "CURL_HE=off is in the environment"
ok "a proxy is named by its variable" says "The variable https_proxy"
ok "and not by its value" silent "pw"
ok "without a host nothing is sent" says "No packet was sent."
he doctor --json
ok "JSON: what is wrong" json 'j["wrong"] and "config-wrong" in
  [f["symptom"] for f in j["findings"] if f["level"] == "wrong"]'
ok "JSON: each libcurl has a version" json '
  all(l.get("version", "7").split(".")[0] in "78" for l in j["libcurls"])'
echo "1..$count"
