# SPDX-License-Identifier: MIT
# house.sh - the rooms of plugin/ (ARCHITECTURE.md): no file needs one that needs
# it, nor one of a room above its own; no function is longer than a screen. Who
# needs whom is read from the objects' symbols. TAP. Run by make check:
# $top_srcdir and $top_builddir are set.
rooms="base race options history net resolve historian trace connect lookup beside
dial upstream curl"
longest=60
. "$top_srcdir/tests/build/none.sh"

work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# objects: ROOM/FILE and the path of its object, those for the shared library
# where there is one. A build that was there before may have more of them than
# there are sources.
objects() {
  local c file o
  for c in "$top_srcdir"/plugin/*/*.c; do
    file=${c#"$top_srcdir"/plugin/}
    file=${file%.c}
    for o in "$top_builddir/plugin/${file%/*}"/.libs/*_la-"${file#*/}.o" \
             "$top_builddir/plugin/${file%/*}"/*_la-"${file#*/}.o"; do
      [ ! -f "$o" ] || { echo "$file $o"; break; }
    done
  done
}

# symbols: "FILE D NAME" for what an object defines, "FILE U NAME" for what it
# needs.
symbols() {
  while read -r file o; do
    nm "$o" | awk -v file="$file" '
      $(NF - 1) ~ /^[TDBRCVW]$/ { print file, "D", $NF }
      $(NF - 1) == "U" { print file, "U", $NF }'
  done
}

# arrows: "FILE NEEDS NAME", of two files of plugin/ each.
arrows() {
  awk '
    $2 == "D" { owner[$3] = $1 }
    $2 == "U" { file[++n] = $1; name[n] = $3 }
    END {
      for(i = 1; i <= n; i++)
        if(name[i] in owner && owner[name[i]] != file[i])
          print file[i], owner[name[i]], name[i]
    }'
}

# upwards: which of stdin's arrows lead to a room above.
upwards() {
  awk -v rooms="$rooms" '
    BEGIN { for(i = split(rooms, r, /[ \n]+/); i > 0; i--) floor[r[i]] = i }
    {
      split($1, a, "/"); split($2, b, "/")
      if(!(b[1] in floor))
        print $1 " needs " $2 ", which is in no room"
      else if(floor[a[1]] < floor[b[1]])
        print $1 " needs " $2 " (" $3 ")"
    }'
}

# included: "FILE HEADER #include" for each header of plugin/.
included() {
  local f
  (cd "$top_srcdir/plugin" || exit 1
   for f in */*.[ch]; do
     sed -n "s|^#include \"\([a-z]*/[a-z_0-9]*\.h\)\"|$f \1 #include|p" "$f"
   done)
}

# functions: "LINES FILE:LINE" for each function, longest first.
functions() {
  (cd "$top_srcdir" || exit 1
   awk '
     FNR == 1 { begun = 0 }
     /^[A-Za-z].*\(/ { head = FNR }
     /^{/ { begun = head }
     /^}/ && begun { print FNR - begun + 1, FILENAME ":" begun; begun = 0 }
   ' plugin/*/*.c | sort -rn)
}

objects >"$work/objects"
symbols <"$work/objects" >"$work/symbols"
arrows <"$work/symbols" >"$work/arrows"
functions >"$work/functions"
files=$(wc -l <"$work/objects")

none "there are objects to look at" < <([ "$files" -gt 20 ] || echo "$files")
none "no circle of files" < <(
  cut -d' ' -f1,2 "$work/arrows" | tsort 2>&1 >/dev/null |
    sed 's/^tsort: //; s/^-: //' | head -n 40)
none "no file needs a room above its own" < <(upwards <"$work/arrows")
none "no file includes a header of a room above its own" < <(
  included | upwards)
none "no function above $longest lines" < <(
  awk -v most="$longest" '$1 > most' "$work/functions")
echo "1..$n"

# The figures of the house.
{
  echo "files: $files"
  echo "lines: $(cat "$top_srcdir"/plugin/*/*.[ch] | wc -l)"
  echo "functions: $(wc -l <"$work/functions")"
  echo "longest function: $(head -n 1 "$work/functions")"
  echo "median: $(awk '{ l[NR] = $1 } END { print l[int((NR + 1) / 2)] }' \
    "$work/functions") lines"
} | sed 's/^/# /'
