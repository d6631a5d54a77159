# SPDX-License-Identifier: MIT
# setup.sh - the Debian packages that each command takes, and no others.
# Silent when they are there. Read by bash.

# packages_of PART: build, the library; client, the examples' JSON; lab, what
# the laboratory runs; live, real hosts; loops and tests, the other examples
# and all test programs; check, what the tests run; clients, the programs
# as they are under the preload module; dialers, whom ./run bench --connect
# looks at; askers, whom ./run bench --resolve looks at; full, the other builds;
# count, what ./run bench --cost counts with.
packages_of() {
  case $1 in
    build) say gcc libc6-dev make pkg-config autoconf automake libtool \
             libcurl4-openssl-dev libc-ares-dev libssl-dev ;;
    client) say libjansson-dev ;;
    lab) say nginx-light libnginx-mod-http-js dnsdist nsd openssl iproute2 ;;
    live) say ca-certificates ;;
    loops) say libevent-dev libuv1-dev ;;
    tests) say libcmocka-dev libcurl3-gnutls ;;
    check) say curl ca-certificates tinyproxy python3-pyftpdlib python3-aiosmtpd \
             groff-base zsh \
             fish python3-jsonschema python3-prometheus-client \
             python3-dnspython ;;
    pictures) say chromium fonts-dejavu-core ;;
    clients) say git fcgiwrap php-cli php-curl python3-pycurl \
               python3-tornado libwww-curl-perl lua5.1 lua-curl tclcurl \
               g++ libcurlpp-dev cmake ;;
    askers) say dnsperf knot-dnsutils ;;
    dialers) say python3 golang-go nodejs ;;
    full) say clang valgrind xz-utils ;;
    count) say valgrind strace ;;
    *) die "setup: no such part: $1" ;;
  esac
}

# missing_of PART...: their packages that are not installed.
missing_of() {
  local part package
  for part in "$@"; do
    for package in $(packages_of "$part"); do
      [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = \
        installed ] || say "$package"
    done
  done
}

# setup PART...: installs what is missing of them.
setup() {
  local missing root=
  # Elsewhere than on Debian ./configure says what it lacks.
  command -v dpkg-query >/dev/null || return 0
  missing=$(missing_of "$@" | sort -u | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null ||
      die "please install, as root: apt-get install $missing"
    root="sudo -n"
  fi
  say "installing: $missing"
  # shellcheck disable=SC2086
  quiet build/log/apt $root bash tools/install.sh $missing
}
