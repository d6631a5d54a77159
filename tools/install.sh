#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# install.sh PACKAGE... - installs Debian packages, as root, and sees to it
# that the servers among them are started neither now nor at the next boot:
# the tests start them by hand.
set -eu
export DEBIAN_FRONTEND=noninteractive
servers="nginx nsd dnsdist tinyproxy fcgiwrap"

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

new=
for server in $servers; do
  [ -e "/usr/sbin/$server" ] || [ -e "/usr/bin/$server" ] ||
    new="$new $server.service"
done

install() {
  apt-get -y -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 \
    install --no-install-recommends "$@"
}
# Without package lists, or with old ones, the first attempt fails.
install "$@" || { apt-get -q update; install "$@"; }

if command -v systemctl >/dev/null; then
  for unit in $new; do
    systemctl disable "$unit" || true
  done
fi
