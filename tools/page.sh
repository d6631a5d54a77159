# SPDX-License-Identifier: MIT
# page.sh - the table of docs/COMPATIBILITY.md, which ./run compat writes: a row
# a version of libcurl, between two marker lines. Read by bash.

page=docs/COMPATIBILITY.md
page_begin="<!-- ./run compat writes from here -->"
page_end="<!-- to here -->"

# page_ready: has the page both marker lines, once, and in that order?
page_ready() {
  [ "$(grep -xF -e "$page_begin" -e "$page_end" "$page")" = "$page_begin
$page_end" ]
}

# page_timings: of what bench --json says, on stdin, a line a scenario: its
# number, the best possible, curl_easy_perform() with curl-he, libcurl alone. In
# ms; a dash for what failed.
page_timings() {
  awk '
    function value(key) {
      if(!match($0, "\"" key "\":[^,]*"))
        return ""
      return substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3)
    }
    {
      n = value("scenario")
      mode = value("mode")
      ms[n, mode] = value("failed") > 0 ? "–" : int(value("median_ms") + 0.5)
      if(mode == "\"curl\"") {
        order[++rows] = n
        best[n] = value("best_cold_ms")
      }
    }
    END {
      for(i = 1; i <= rows; i++) {
        n = order[i]
        print n, best[n], ms[n, "\"easy\""], ms[n, "\"curl\""]
      }
    }
  '
}

# page_head TIMINGS: the table's first two lines. TIMINGS is a file of
# page_timings.
page_head() {
  local n best
  printf '| libcurl | measured | passed | failed | skipped |'
  while read -r n best _; do printf ' %s (%s) |' "$n" "$best"; done <"$1"
  printf '\n|---|---|---|---|---|'
  while read -r _; do printf -- '---|'; done <"$1"
  printf '\n'
}

# page_row VERSION TIMINGS PASSED FAILED SKIPPED
page_row() {
  local with alone
  printf '| %s | %s | %d | %d | %d |' "$1" "$(date -u +%Y-%m-%d)" \
    "$3" "$4" "$5"
  while read -r _ _ with alone; do
    printf ' %s (%s) |' "$with" "$alone"
  done <"$2"
  printf '\n'
}

# page_rows_but VERSION HEAD: the page's rows of other versions. None where the
# table has other columns than HEAD.
page_rows_but() {
  grep -qxF "$2" "$page" || return 0
  awk -v begin="$page_begin" -v end="$page_end" -v version="$1" '
    $0 == end { on = 0 }
    on && /^\| [0-9]/ && $2 != version
    $0 == begin { on = 1 }' "$page"
}

# page_write VERSION TIMINGS PASSED FAILED SKIPPED: that version's row is new,
# the others stay.
page_write() {
  local new head
  new=$(mktemp -d) || return 1
  head=$(page_head "$2")
  {
    say "$head"
    { page_rows_but "$1" "${head%%$'\n'*}"; page_row "$@"; } | sort -V
  } >"$new/table"
  awk -v begin="$page_begin" -v end="$page_end" -v table="$new/table" '
    $0 == end { on = 0 }
    !on
    $0 == begin { on = 1; while((getline line <table) > 0) print line }
  ' "$page" >"$new/page" && cat "$new/page" >"$page"
  rm -r "$new"
}
