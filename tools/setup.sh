# SPDX-License-Identifier: MIT
# setup.sh - the Debian packages that building and testing take. Silent when
# they are there.

packages="build-essential pkg-config autoconf automake libtool xz-utils
  libcurl4-openssl-dev libcurl3-gnutls libssl-dev liblmdb-dev libjansson-dev
  libcmocka-dev libevent-dev libuv1-dev strace
  clang valgrind nginx-light libnginx-mod-http-js dnsdist nsd tinyproxy
  openssl iproute2 ca-certificates curl procps groff-base python3-pyftpdlib"

missing_packages() {
  local package
  for package in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = \
      installed ] || say "$package"
  done
}

setup() {
  local missing root=
  # Elsewhere than on Debian ./configure says what it lacks.
  command -v dpkg-query >/dev/null || return 0
  missing=$(missing_packages | tr '\n' ' ')
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

setup
