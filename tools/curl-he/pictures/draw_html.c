/* SPDX-License-Identifier: MIT */
/* draw_html.c - a report as one page: the picture, and all numbers below. The
 * page loads nothing, and no script runs in it. */
#include "draw.h"
#include "../plain.h"
#include "sentences.h"

#include <string.h>

static const char head[] =
  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
  "<meta name=\"color-scheme\" content=\"light dark\">\n"
  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
  "style-src 'unsafe-inline'\">\n"
  "<style>\n"
  ":root{--back:#eef1f5;--card:#fff;--ink:#1c2330;--soft:#5b6576;"
  "--line:#dfe4ea;--good:#0c7a43;--bad:#b3261e}\n"
  "@media (prefers-color-scheme:dark){:root{--back:#0a0d12;--card:#10141b;"
  "--ink:#e8ecf3;--soft:#a3aebf;--line:#2b3340;--good:#5fd897;--bad:#ff8a80}}"
  "\n"
  "*{box-sizing:border-box}\n"
  "body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 "
  "system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\n"
  "main{max-width:1040px;margin:0 auto;padding:12px}\n"
  "header{padding:8px 4px 12px}\n"
  "h1{font-size:22px;line-height:1.25;margin:0;overflow-wrap:anywhere}\n"
  "h2{font-size:16px;margin:0 0 8px;overflow-wrap:anywhere}\n"
  "p{margin:4px 0;overflow-wrap:anywhere}\n"
  ".lead{color:var(--soft)}\n"
  ".good{color:var(--good);font-weight:600}.bad{color:var(--bad);"
  "font-weight:600}\n"
  "section{background:var(--card);border:1px solid var(--line);"
  "border-radius:10px;padding:14px;margin:0 0 12px;overflow:hidden}\n"
  "section.picture{padding:0}\n"
  "svg.he{display:block}\n"
  "table{border-collapse:collapse;width:100%;font-size:13px}\n"
  "th,td{text-align:left;vertical-align:top;padding:5px 8px 5px 0;"
  "border-top:1px solid var(--line);overflow-wrap:anywhere}\n"
  "th{color:var(--soft);font-weight:600;border-top:0}\n"
  ".mono{font:12px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace}\n"
  ".tag{font-weight:700;font-size:12px;white-space:nowrap}\n"
  "@media (max-width:600px){thead{display:none}tr{display:flex;"
  "flex-wrap:wrap;gap:0 10px;padding:6px 0;border-top:1px solid var(--line)}"
  "td{border:0;padding:0}table,tbody{display:block}}\n"
  "footer{color:var(--soft);font-size:12px;padding:0 4px 16px}\n"
  "</style>\n";

static void tag(FILE *out, const char *name, const char *class,
                const char *plain)
{
  fprintf(out, class ? "<%s class=\"%s\">" : "<%s>", name, class);
  he_put_xml(out, plain);
  fprintf(out, "</%s>", name);
}

static void table(FILE *out, const char *const *columns)
{
  fputs("<table>\n<thead><tr>", out);
  for(; *columns; columns++)
    tag(out, "th", NULL, *columns);
  fputs("</tr></thead>\n<tbody>\n", out);
}

static void end_table(FILE *out)
{
  fputs("</tbody>\n</table>\n", out);
}

/* -- one race in numbers -- */

static void html_asked(FILE *out, const struct he_asked *a)
{
  char text[200], time[HE_TIME_SIZE];
  fputs("<tr>", out);
  tag(out, "td", "tag", "DNS");
  tag(out, "td", "mono", he_say_question(a));
  snprintf(text, sizeof(text), "from %s", he_say_time(time, a->start));
  tag(out, "td", NULL, text);
  he_say_asked(text, sizeof(text), a);
  tag(out, "td", *a->error ? "bad" : NULL, text);
  fputs("</tr>\n", out);
}

static void html_tried(FILE *out, const struct he_story *s,
                       const struct he_tried *t)
{
  char bare[72], text[200], start[200];
  he_story_bare(bare, sizeof(bare), t->address);
  fputs("<tr>", out);
  tag(out, "td", "tag", he_say_family(t->family));
  tag(out, "td", "mono", bare);
  he_say_start(start, sizeof(start), t);
  tag(out, "td", NULL, start);
  he_say_tried(text, sizeof(text), s, t);
  tag(out, "td", t->won ? "good" : t->outcome == HE_FAILED ? "bad" : NULL,
      text);
  fputs("</tr>\n", out);
}

static void html_story(FILE *out, const struct he_story *s, const char *whose)
{
  static const char *const columns[] = { "", "Address", "Start", "Outcome",
                                         NULL };
  char line[320];
  fputs("<section>", out);
  snprintf(line, sizeof(line), "%s%s port %d", whose, s->host, s->port);
  tag(out, "h2", NULL, line);
  table(out, columns);
  for(size_t i = 0; i < s->nasked; i++)
    html_asked(out, &s->asked[i]);
  for(size_t i = 0; i < s->ntried; i++)
    html_tried(out, s, &s->tried[i]);
  end_table(out);
  fputs("</section>\n", out);
}

/* -- many races -- */

static void html_spread(FILE *out, const struct he_spread *s,
                        const char *title)
{
  static const char *const columns[] = { "", "Winner", "Times", NULL };
  char line[160];
  fputs("<section>", out);
  tag(out, "h2", NULL, title);
  if(s->count)
    he_say_spread(line, sizeof(line), s);
  tag(out, "p", NULL, s->count ? line : "No connection came about.");
  if(s->nwinners)
    table(out, columns);
  for(size_t i = 0; i < s->nwinners; i++) {
    fputs("<tr>", out);
    tag(out, "td", "tag", he_say_family(s->winners[i].family));
    tag(out, "td", "mono", s->winners[i].address);
    fprintf(out, "<td>won %lu of %lu</td></tr>\n", s->winners[i].count,
            s->races);
  }
  if(s->nwinners)
    end_table(out);
  fputs("</section>\n", out);
}

static void html_silent(FILE *out, const struct he_summary *s)
{
  static const char *const columns[] = { "", "Address", "Host", "Tried",
                                         "Longest silence", NULL };
  struct he_silent silent[100];
  const size_t all = he_summary_silent(s, silent, 100);
  char time[HE_TIME_SIZE], text[64];
  if(!all)
    return;
  fputs("<section>", out);
  tag(out, "h2", NULL, "Addresses that never answered");
  table(out, columns);
  for(size_t i = 0; i < all && i < 100; i++) {
    fputs("<tr>", out);
    tag(out, "td", "tag", he_say_family(silent[i].known->family));
    tag(out, "td", "mono", silent[i].known->address);
    tag(out, "td", NULL, silent[i].host->host);
    tag(out, "td", NULL, he_say_times(text, sizeof(text), "tried",
                                      silent[i].known->tries));
    snprintf(text, sizeof(text), "silent for %s",
             he_say_time(time, silent[i].known->longest_us));
    tag(out, "td", NULL, text);
    fputs("</tr>\n", out);
  }
  end_table(out);
  if(all > 100)
    fprintf(out, "<p>And %zu more.</p>", all - 100);
  fputs("</section>\n", out);
}

static void html_history(FILE *out, const struct he_report *r)
{
  static const char *const columns[] = { "", "Address", "What is known",
                                         NULL };
  char line[200];
  if(!r->asked_history)
    return;
  fputs("<section>", out);
  tag(out, "h2", NULL, "What history now says");
  if(!r->nrecalled)
    tag(out, "p", NULL, "Nothing of this host.");
  else {
    table(out, columns);
    for(size_t i = 0; i < r->nrecalled; i++) {
      const struct he_recalled *m = &r->recalled[i];
      fputs("<tr>", out);
      tag(out, "td", "tag", he_say_family(m->family));
      tag(out, "td", "mono", m->address);
      he_say_remembered(line, sizeof(line), m);
      tag(out, "td", m->verdict == CURL_HE_VERDICT_BAD ? "bad" : NULL, line);
      fputs("</tr>\n", out);
    }
    end_table(out);
  }
  fputs("</section>\n", out);
}

static void html_header(FILE *out, const struct he_report *r)
{
  char line[400], was[HE_TIME_SIZE], limit[HE_TIME_SIZE];
  fputs("<header>", out);
  tag(out, "h1", NULL, r->title);
  if(r->count == 1 && !r->summary) {
    he_say_story(line, sizeof(line), r->stories[0]);
    tag(out, "p", "lead", line);
  }
  if(r->slo_us) {
    snprintf(line, sizeof(line), "Objective %s: connect %s, the limit is %s",
             he_report_met(r) ? "met" : "missed",
             he_say_time(was, r->slo_was_us), he_say_time(limit, r->slo_us));
    tag(out, "p", he_report_met(r) ? "good" : "bad", line);
  }
  fputs("</header>\n", out);
}

bool he_draw_html(FILE *out, const struct he_report *r)
{
  bool drawn;
  fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
        "<meta charset=\"utf-8\">\n", out);
  tag(out, "title", NULL, r->title);
  fputs(head, out);
  fputs("</head>\n<body>\n<main>\n", out);
  html_header(out, r);
  fputs("<section class=\"picture\">\n", out);
  drawn = he_draw_svg(out, r);
  fputs("</section>\n", out);
  if(r->summary)
    html_silent(out, r->summary);
  if(r->spread)
    html_spread(out, r->spread, "All connects");
  if(r->alone_spread)
    html_spread(out, r->alone_spread, "All connects of libcurl alone");
  if(r->summary)
    html_spread(out, &r->summary->spread, "Who won");
  for(size_t i = 0; i < r->count; i++)
    html_story(out, r->stories[i], "");
  if(r->alone)
    html_story(out, r->alone, "libcurl alone: ");
  html_history(out, r);
  fputs("<footer>curl-he " CURL_HE_VERSION "</footer>\n</main>\n</body>\n"
        "</html>\n", out);
  return drawn;
}
