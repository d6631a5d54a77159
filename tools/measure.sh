# SPDX-License-Identifier: MIT
# measure.sh - one cold start of he-rest, for the two demos. Read by bash.
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT

# What the API says to these does not matter: the connection was made.
export CLOUDFLARE_API_TOKEN=demo TELEGRAM_BOT_TOKEN=1:demo

# ask NAME BASE API OPTION...: a new process, one request; what it says goes to
# a file of that name. libcurl gives the first address of a family half of the
# connect time-out, so that has to be said.
ask() {
  local name=$1 base=$2 api=$3 verb=verify
  shift 3
  [ "$api" = cloudflare ] || verb=me
  build/examples/rest/he-rest --base "$base" --connect-timeout 40 --timing \
    "$@" "$api" "$verb" >/dev/null 2>"$files/$name" || true
}

# connected NAME: "MS ADDRESS" of that request; nothing where it failed.
connected() {
  awk '$1 == "dns" && $4 == "connect" && $(NF - 1) == "address" &&
    $NF != "(none)" { printf "%.1f %s\n", $2 + $5, $NF }' "$files/$1"
}

# row TITLE WIDTH ALONE HE: a line of the table; these two are "MS ADDRESS".
row() {
  awk -v title="$1" -v width="$2" -v alone="$3" -v he="$4" 'BEGIN {
    a = split(alone, A, " ")
    h = split(he, H, " ")
    faster = (a && h && H[1] > 0) ? sprintf("%.1f x", A[1] / H[1]) : "-"
    printf("%-" width "s %12s %12s %10s  %s\n", title,
      (a ? A[1] " ms" : "fails"), (h ? H[1] " ms" : "fails"), faster, H[2])
  }'
}

heading() {
  printf "%-$2s %12s %12s %10s  %s\n" "$1" libcurl curl-he faster "connected to"
}
