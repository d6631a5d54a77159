# SPDX-License-Identifier: MIT
# clients.sh - programs as they are, with the preload module and without. Read
# by the tests beside it and by ./run bench --clients, inside the laboratory.
#
# A test names pairs of runs: both() runs one command without the module in the
# background, for libcurl alone waits long there, and then with it. When
# together() is over, same(), good() and quick() look at what came of a pair.
# Environment: $top_srcdir, $top_builddir.
clients_dir=${top_srcdir:-.}/tests/preload/clients
module=${top_builddir:-.}/.libs/libcurl-he-preload.so
[ "${module#/}" != "$module" ] || module=$PWD/$module
[ -f "$module" ] || { echo "no $module" >&2; exit 99; }
files=$(mktemp -d) || exit 99
trap 'rm -rf "$files"' EXIT
export LC_ALL=C.UTF-8
# What a client waits for a transfer at most, in seconds: libcurl alone needs
# 21 in scenario 6.
export HE_LIMIT=40
count=0

# ok WHAT COMMAND...
ok() {
  count=$((count + 1))
  what=$1
  shift
  if "$@"; then
    echo "ok $count - $what"
  else
    echo "not ok $count - $what"
    show "$files/${what%%:*}" | sed 's/^/# /'
  fi
}

# show PAIR: what came of it.
show() {
  for f in "$1" "$1-he"; do
    [ ! -f "$f.status" ] ||
      echo "status $(cat "$f.status"), $(cat "$f.ms") ms," \
        "$(wc -c <"$f.out") bytes"
    [ ! -f "$f.err" ] || tail -n 5 "$f.err"
  done
}

# skip WHAT: a client that is not installed.
skip() {
  count=$((count + 1))
  echo "ok $count - $1 # SKIP not installed"
}

# plan: the end of a test.
plan() {
  echo "1..$count"
}

# -- the clients --

python() {
  # Debian's modules are for Debian's Python.
  script=$clients_dir/$1.py
  shift
  /usr/bin/python3 "$script" "$@"
}

# has CLIENT: can it run here?
has() {
  case $1 in
    curl | parallel) curl --version ;;
    py_easy | py_multi | py_loop) /usr/bin/python3 -c 'import pycurl' ;;
    py_tornado) /usr/bin/python3 -c 'import tornado.curl_httpclient' ;;
    py_ctypes) /usr/bin/python3 -c 'import ctypes
ctypes.CDLL("libcurl.so.4")' ;;
    py_flavours) /usr/bin/python3 -c 'import ctypes
ctypes.CDLL("libcurl.so.4"), ctypes.CDLL("libcurl-gnutls.so.4")' ;;
    php_*) php -r 'exit(function_exists("curl_init") ? 0 : 1);' ;;
    perl) perl -MWWW::Curl::Easy -e 1 ;;
    lua) lua5.1 -e 'require "curl"' ;;
    tcl) echo 'exit [catch {package require TclCurl}]' | tclsh ;;
    curlpp) compile_curlpp ;;
    cmake) cmake --version ;;
    *) return 1 ;;
  esac >/dev/null 2>&1
}

# run CLIENT URL...: fetches each, and prints them one after the other.
run() {
  client=$1
  shift
  case $client in
    curl) curl -sS --cacert "$HE_LAB_CA" --max-time "$HE_LIMIT" "$@" ;;
    parallel) curl -sS --cacert "$HE_LAB_CA" --max-time "$HE_LIMIT" \
      --no-progress-meter --parallel "$@" ;;
    py_easy) python easy "$@" ;;
    py_multi) python multi "$@" ;;
    py_loop) python loop "$@" ;;
    py_tornado) python web "$@" ;;
    py_ctypes) python foreign libcurl.so.4 -- "$@" ;;
    py_flavours) python foreign libcurl.so.4 libcurl-gnutls.so.4 -- "$@" ;;
    php_easy) php "$clients_dir/easy.php" "$@" ;;
    php_multi) php "$clients_dir/multi.php" "$@" ;;
    perl) perl "$clients_dir/easy.pl" "$@" ;;
    lua) lua5.1 "$clients_dir/easy.lua" "$@" ;;
    tcl) tclsh "$clients_dir/easy.tcl" "$@" ;;
    curlpp) "$files/curlpp" "$@" ;;
    cmake) run_cmake "$@" ;;
  esac
}

compile_curlpp() {
  [ -x "$files/curlpp" ] ||
    g++ -o "$files/curlpp" "$clients_dir/easy.cpp" -lcurlpp -lcurl
}

run_cmake() {
  for url in "$@"; do
    file=$(mktemp "$files/download.XXXXXX") || return 99
    cmake -D URL="$url" -D FILE="$file" -P "$clients_dir/download.cmake" ||
      return
    cat "$file"
    rm -f "$file"
  done
}

# -- pairs --

# timed PAIR COMMAND...: its output, exit status and milliseconds. What it says
# has no milliseconds, which differ from run to run.
timed() {
  to=$1
  shift
  start=$(date +%s%N)
  ("$@") >"$to.out" 2>"$to.said" </dev/null
  echo $? >"$to.status"
  echo $((($(date +%s%N) - start) / 1000000)) >"$to.ms"
  LD_PRELOAD='' sed -E 's/[0-9]+ (ms|milliseconds)/N \1/g' "$to.said" \
    >"$to.err"
}

with_module() {
  export LD_PRELOAD="$module"
  timed "$@"
}

# both PAIR COMMAND...
both() {
  pair=$1
  shift
  (timed "$files/$pair" "$@") &
  (with_module "$files/$pair-he" "$@")
}

# both_behind PAIR COMMAND...: for what waits long with the module, too.
both_behind() {
  pair=$1
  shift
  (timed "$files/$pair" "$@") &
  (with_module "$files/$pair-he" "$@") &
}

# together: waits for what is in the background.
together() {
  wait
}

# same PAIR: output, messages and exit status are those without the module.
same() {
  for part in out err status; do
    cmp -s "$files/$1.$part" "$files/$1-he.$part" || return 1
  done
}

# good PAIR FILE: with the module it printed the file, and no message.
good() {
  [ "$(cat "$files/$1-he.status")" -eq 0 ] &&
    [ ! -s "$files/$1-he.err" ] && cmp -s "$2" "$files/$1-he.out"
}

# rescued PAIR FILE: libcurl alone failed each time; with the module no transfer
# did.
rescued() {
  [ "$(cat "$files/$1.status")" -ne 0 ] && good "$@"
}

# bears PAIR: libcurl alone failed; with the module it failed as that did, or
# was good.
bears() {
  [ "$(cat "$files/$1.status")" -ne 0 ] &&
    { cmp -s "$files/$1.status" "$files/$1-he.status" ||
      [ "$(cat "$files/$1-he.status")" -eq 0 ]; }
}

# quick PAIR [TIMES]: with the module it took at most one TIMESth of what it
# took without, where IPv6 is broken.
quick() {
  echo "# $1: $(cat "$files/$1.ms") ms, $(cat "$files/$1-he.ms") ms with the" \
    "module"
  [ $(($(cat "$files/$1-he.ms") * ${2:-2})) -lt "$(cat "$files/$1.ms")" ]
}

# -- clients in the scenarios --

# scheme of a scenario: 25 is about TLS.
url() {
  case $1 in
    25) echo "https://mtu.lab.test$2" ;;
    *) echo "http://s$1.lab.test$2" ;;
  esac
}

# fetch SCENARIO CLIENT...: a big file, by the pairs CLIENT-SCENARIO. Who can
# fetches it twice: one after the other, or both at once.
fetch() {
  n=$1
  shift
  big=$(url "$n" /big)
  for name in "$@"; do
    case $name in
      cmake | curlpp | php_easy | py_flavours)
        both "$name-$n" run "$name" "$big" ;;
      *) both "$name-$n" run "$name" "$big" "$big" ;;
    esac
  done
}

# Scenario 25: what connects and never answers wastes all the time that a client
# has, where its transfers are a multi handle's. So these are not timed, and all
# run at once.
fetch_tls() {
  HE_LIMIT=3
  big=$(url 25 /big)
  for name in "$@"; do
    case $name in
      py_flavours) both_behind "$name-25" run "$name" "$big" ;;
      *) both_behind "$name-25" run "$name" "$big" "$big" ;;
    esac
  done
  HE_LIMIT=40
}

# expected CLIENT: what fetch() makes it print.
expected() {
  case $1 in
    cmake | curlpp | php_easy) echo "$files/one" ;;
    *) echo "$files/two" ;;
  esac
}

# less_time CLIENT SCENARIO: it takes less than libcurl alone, which waits for a
# second. Noise may take as long, once.
less_time() {
  quick "$1-$2" 1 || {
    fetch "$2" "$1"
    together
    quick "$1-$2" 1
  }
}

# looked_at CLIENT: the tests of what came of it.
looked_at() {
  for n in 1 2 6 11 13; do
    ok "$1-$n: the same output, messages and exit status" same "$1-$n"
  done
  for n in 1 2 6 11 13; do
    ok "$1-$n: all of the file" good "$1-$n" "$(expected "$1")"
  done
  case $1 in
    *multi | *loop | *tornado | parallel | cmake | py_flavours)
      ok "$1-25: not worse than libcurl alone" bears "$1-25" ;;
    *) ok "$1-25: the same transfer succeeds" rescued "$1-25" \
         "$files/two" ;;
  esac
  for n in 6 13; do
    ok "$1-$n: in a fraction of the time" quick "$1-$n"
  done
  ok "$1-11: in less time" less_time "$1" 11
}

# fetch_all CLIENT...: all scenarios, those first in which libcurl alone waits
# long.
fetch_all() {
  clients=
  for name in "$@"; do
    if has "$name"; then clients="$clients $name"; else skip "$name"; fi
  done
  curl -sS -o "$files/one" http://s1.lab.test/big
  cat "$files/one" "$files/one" >"$files/two"
  # shellcheck disable=SC2086
  fetch_tls $clients
  for n in 6 13 11 2 1; do
    # shellcheck disable=SC2086
    fetch "$n" $clients
  done
  together
  for name in $clients; do
    looked_at "$name"
  done
}
