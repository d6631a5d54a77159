# SPDX-License-Identifier: MIT
# able.sh - can the laboratory run here? ./run asks before it installs or
# builds anything, by means that every Debian has. tests/lab/lab.c meets the
# same obstacles later, and names them by the same words. Read by bash.

# in_namespaces COMMAND...: runs it in new namespaces, of the kind that
# fork_init() of tests/lab/lab.c makes.
in_namespaces() {
  if [ "$(id -u)" -eq 0 ] && unshare -m -p -n -f true 2>/dev/null; then
    unshare -m -p -n -f "$@"
  else
    unshare -U -r -m -p -n -f "$@"
  fi
}

# lab_obstacle: prints what keeps the laboratory from running here. Prints
# nothing where the laboratory can run, or where nobody can tell yet.
lab_obstacle() {
  local said file tun=/dev/net/tun
  command -v unshare >/dev/null || return 0
  said=$(LC_ALL=C in_namespaces true 2>&1) || {
    say "no new namespaces: ${said##*: }"
    return 0
  }
  # The laboratory puts its own files over these, or where these point to.
  for file in /etc/resolv.conf /etc/hosts /etc/nsswitch.conf; do
    [ -e "$file" ] || [ -L "$file" ] || {
      say "$file: No such file or directory"
      return 0
    }
  done
  # The shell's own <> would create what is not there.
  [ -e "$tun" ] || {
    say "$tun: No such file or directory"
    return 0
  }
  said=$(LC_ALL=C in_namespaces bash -c 'exec 3<>"$0"' "$tun" 2>&1) ||
    say "$tun: ${said##*: }"
}

# lab_advice COMMAND: what helps, for whoever called ./run COMMAND.
lab_advice() {
  if [ "$(id -u)" -ne 0 ]; then
    say "run: as root it may: sudo ./run $*"
  else
    say "run: a container needs a device and rights for it, as by" \
      "docker run --privileged"
  fi
}

# need_lab COMMAND: ends ./run COMMAND where the laboratory cannot run.
need_lab() {
  local why
  why=$(lab_obstacle)
  [ -n "$why" ] || return 0
  {
    say "run: the laboratory cannot run here: $why"
    say "run: nothing was installed or built"
    lab_advice "$*"
    [ "$1" != demo ] ||
      say "run: against real hosts, without a laboratory: ./run demo --live"
  } >&2
  exit 1
}
