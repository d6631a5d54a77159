/* SPDX-License-Identifier: MIT */
#include "svg.h"
#include "../plain.h"

#include <string.h>

const char he_svg_style[] =
  ".he text{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',"
  "sans-serif;fill:#1c2330}\n"
  ".he{background:#fff}\n"
  ".he .bg{fill:#fff}\n"
  ".he .note,.he .mono,.he .badge,.he .at{paint-order:stroke;stroke:#fff;"
  "stroke-width:4px;stroke-linejoin:round}\n"
  ".he .host{font-size:19px;font-weight:700}\n"
  ".he .what{font-size:14px;fill:#4a5568}\n"
  ".he .fine{font-size:12px;fill:#5b6576}\n"
  ".he .bad{fill:#b3261e}\n"
  ".he .mono{font:12px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,"
  "monospace}\n"
  ".he .badge{font-size:11px;font-weight:700}\n"
  ".he .badge6{fill:#1f5fd0}\n"
  ".he .badge4{fill:#a64b00}\n"
  ".he .badgeq{fill:#6b46c1}\n"
  ".he .note{font-size:12px;fill:#5b6576}\n"
  ".he .note.won{fill:#0c7a43;font-weight:700}\n"
  ".he .note.failed{fill:#b3261e}\n"
  ".he .tick{font-size:11px;fill:#5b6576}\n"
  ".he .at{font-size:12px;font-weight:700;fill:#0c7a43}\n"
  ".he .grid{stroke:#e2e6ec;stroke-width:1}\n"
  ".he .base{stroke:#9aa4b2;stroke-width:1}\n"
  ".he .rule{stroke:#d5dae1;stroke-width:1}\n"
  ".he .now{stroke:#0f9d58;stroke-width:1.5;stroke-dasharray:4 3}\n"
  ".he .q{fill:#8b6fd8}\n"
  ".he .b6{fill:#2f6fe0;stroke:#2f6fe0}\n"
  ".he .b4{fill:url(#hatch);stroke:#c2620a}\n"
  ".he .line4{stroke:#c2620a;stroke-width:3}\n"
  ".he .under4{fill:#fdeedd}\n"
  ".he .b6.quiet{fill:#a9c5f6;stroke:#a9c5f6}\n"
  ".he .b4.quiet{fill:url(#faint);stroke:#e3b88f}\n"
  ".he .faint4{stroke:#e3b88f;stroke-width:3}\n"
  ".he .q.quiet{fill:#d3c8f2}\n"
  ".he .winner{fill:none;stroke:#0f9d58;stroke-width:2.5}\n"
  ".he .cell{fill:#f4f6f9}\n"
  ".he .swon{fill:#0f9d58;stroke:#fff;stroke-width:2}\n"
  ".he .swon2{fill:none;stroke:#fff;stroke-width:2.2}\n"
  ".he .sfailed{fill:none;stroke:#c9302c;stroke-width:2.6}\n"
  ".he .sopen{fill:none;stroke:#6b7585;stroke-width:2}\n"
  ".he .sended{fill:none;stroke:#6b46c1;stroke-width:2}\n"
  ".he .dot{fill:#2f6fe0;fill-opacity:.55}\n"
  ".he .dota{fill:#6b7585;fill-opacity:.55}\n"
  ".he .mark{stroke:#1c2330;stroke-opacity:.55}\n"
  ".he .quick{fill:#0f9d58}\n"
  ".he .wide{display:none}\n"
  "@media (min-width:720px){.he .wide{display:inline}"
  ".he .narrow{display:none}}\n"
  "@media (prefers-color-scheme:dark){\n"
  ".he text{fill:#e8ecf3}\n"
  ".he{background:#10141b}\n"
  ".he .bg{fill:#10141b}\n"
  ".he .note,.he .mono,.he .badge,.he .at{stroke:#10141b}\n"
  ".he .what{fill:#b6c0cf}\n"
  ".he .fine,.he .note,.he .tick{fill:#a3aebf}\n"
  ".he .bad,.he .note.failed{fill:#ff8a80}\n"
  ".he .badge6{fill:#8db4ff}\n"
  ".he .badge4{fill:#ffb871}\n"
  ".he .badgeq{fill:#c3b0ff}\n"
  ".he .note.won,.he .at{fill:#5fd897}\n"
  ".he .grid{stroke:#252c38}\n"
  ".he .base{stroke:#566173}\n"
  ".he .rule{stroke:#2b3340}\n"
  ".he .now{stroke:#3ecf7f}\n"
  ".he .q{fill:#9f86ea}\n"
  ".he .b6{fill:#5b93f5;stroke:#5b93f5}\n"
  ".he .b4{stroke:#f09a45}\n"
  ".he .line4{stroke:#f09a45}\n"
  ".he .under4{fill:#2a2018}\n"
  ".he .b6.quiet{fill:#2c4a80;stroke:#2c4a80}\n"
  ".he .b4.quiet{stroke:#7d5530}\n"
  ".he .faint4{stroke:#7d5530}\n"
  ".he .q.quiet{fill:#4d4175}\n"
  ".he .winner{stroke:#3ecf7f}\n"
  ".he .cell{fill:#171d27}\n"
  ".he .swon{fill:#1fa865;stroke:#10141b}\n"
  ".he .sfailed{stroke:#ff7a70}\n"
  ".he .sopen{stroke:#a3aebf}\n"
  ".he .sended{stroke:#c3b0ff}\n"
  ".he .dot{fill:#5b93f5}\n"
  ".he .dota{fill:#a3aebf}\n"
  ".he .mark{stroke:#e8ecf3}\n"
  "}\n";

double he_svg_wide(const char *plain, double pixels_a_column)
{
  return (double)he_columns(plain) * pixels_a_column;
}

void he_svg_text(struct svg *s, const char *class, const char *anchor,
                 const char *x, double y, const char *plain)
{
  fprintf(s->out, "<text class=\"%s\" text-anchor=\"%s\" x=\"%s\" "
          "y=\"%.1f\">", class, anchor, x, y);
  he_put_xml(s->out, plain);
  fputs("</text>\n", s->out);
}

/* The bytes of a line of at most `columns`: up to its last space, else behind
   its last sign, else as many as there is room for; no half character. */
static size_t svg_line(const char *text, size_t columns)
{
  size_t n = 0, space = 0, sign = 0;
  while(text[n]) {
    if(((unsigned char)text[n] & 0xc0) != 0x80 && !columns--)
      return space ? space : sign ? sign : n;
    if(text[n] == ' ')
      space = n;
    else if(strchr(".:-/", text[n]))
      sign = n + 1;
    n++;
  }
  return n;
}

static size_t svg_lines(const char *plain, size_t columns)
{
  size_t lines = 0;
  for(; *plain; lines++) {
    plain += svg_line(plain, columns);
    plain += *plain == ' ';
  }
  return lines;
}

static void svg_put_lines(struct svg *s, const char *class, double y,
                          double line, const char *plain, size_t columns)
{
  char piece[512];
  for(; *plain; y += line) {
    const size_t n = svg_line(plain, columns);
    snprintf(piece, sizeof(piece), "%.*s", (int)n, plain);
    he_svg_text(s, class, "start", "0", y, piece);
    plain += n;
    plain += *plain == ' ';
  }
}

/* Where it is narrow and where it is wide, the lines are others: both are in
   the picture, and one is seen. The last lines are in the same place. */
void he_svg_lines(struct svg *s, const char *class, double pixels_a_column,
                  double line, const char *plain)
{
  const size_t narrow = (size_t)(HE_SVG_NARROW / pixels_a_column);
  const size_t wide = (size_t)(HE_SVG_WIDE / pixels_a_column);
  const size_t many = svg_lines(plain, narrow), few = svg_lines(plain, wide);
  char both[64];
  if(many == few) {
    svg_put_lines(s, class, s->y + line, line, plain, narrow);
    s->y += line * (double)many;
    return;
  }
  snprintf(both, sizeof(both), "%s narrow", class);
  svg_put_lines(s, both, s->y + line, line, plain, narrow);
  s->y += line * (double)many;
  snprintf(both, sizeof(both), "%s wide", class);
  svg_put_lines(s, both, s->y - line * (double)(few - 1), line, plain, wide);
}

/* "50 ms" of 50000; "2 s" */
static void svg_tick(char *out, size_t size, int64_t us, int64_t span)
{
  if(!us)
    snprintf(out, size, "0");
  else if(span >= 10000000)
    snprintf(out, size, "%g s", (double)us / 1000000);
  else
    snprintf(out, size, "%g ms", (double)us / 1000);
}

void he_svg_axis(struct svg *s, const struct he_axis *a, double height)
{
  for(int64_t us = 0; us <= a->span; us += a->step) {
    const double at = he_axis_at(a, us);
    char x[24], text[48];
    snprintf(x, sizeof(x), "%.3f%%", at);
    svg_tick(text, sizeof(text), us, a->span);
    fprintf(s->out, "<line class=\"%s\" x1=\"%s\" x2=\"%s\" y1=\"%.1f\" "
            "y2=\"%.1f\"/>\n", us ? "grid" : "base", x, x, us ? s->y - height :
            s->y, s->y + 4);
    he_svg_text(s, "tick", !us ? "start" : at > 92 ? "end" : "middle", x,
                s->y + 17, text);
  }
  fprintf(s->out, "<line class=\"base\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" "
          "y2=\"%.1f\"/>\n", s->y, s->y);
}

void he_svg_sign(struct svg *s, const char *which, double percent, double y)
{
  fprintf(s->out, "<svg x=\"%.3f%%\" y=\"%.1f\" width=\"1\" height=\"1\" "
          "overflow=\"visible\">", percent, y);
  if(!strcmp(which, "won"))
    fputs("<circle class=\"swon\" r=\"9\"/><path class=\"swon2\" "
          "d=\"M-4 0l3 3.2 5-6.2\"/>", s->out);
  else if(!strcmp(which, "failed"))
    fputs("<path class=\"sfailed\" d=\"M-5-5L5 5M5-5L-5 5\"/>", s->out);
  else if(!strcmp(which, "open"))
    fputs("<path class=\"sopen\" d=\"M2-6l7 6-7 6\"/>", s->out);
  else
    fputs("<path class=\"sended\" d=\"M0-8v16\"/>", s->out);
  fputs("</svg>\n", s->out);
}

void he_svg_legend(struct svg *s)
{
  static const struct {
    const char *x, *class, *sign, *text;
    double dx, dy;
  } items[] = {
    { "0", "b6", NULL, "IPv6", 0, 0 }, { "34%", "b4", NULL, "IPv4", 0, 0 },
    { "67%", "q", NULL, "DNS", 0, 0 }, { "0", NULL, "won", "winner", 13, 24 },
    { "34%", NULL, "failed", "failed", 13, 24 },
    { "67%", "b6 quiet", "open", "no answer", 27, 24 }
  };
  s->y += 8;
  fprintf(s->out, "<line class=\"rule\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" "
          "y2=\"%.1f\"/>\n", s->y, s->y);
  for(size_t i = 0; i < sizeof(items) / sizeof(*items); i++) {
    fprintf(s->out, "<svg x=\"%s\" y=\"%.1f\" width=\"33%%\" height=\"24\" "
            "overflow=\"visible\">", items[i].x, s->y + 18 + items[i].dy);
    if(items[i].class)
      fprintf(s->out, "<rect class=\"%s\" x=\"1\" y=\"%d\" width=\"26\" "
              "height=\"%d\" rx=\"3\"/>", items[i].class,
              *items[i].class == 'q' ? -3 : -6,
              *items[i].class == 'q' ? 6 : 12);
    if(items[i].sign) {
      fprintf(s->out, "<g transform=\"translate(%g,0)\">", items[i].dx);
      he_svg_sign(s, items[i].sign, 0, 0);
      fputs("</g>", s->out);
    }
    he_svg_text(s, "fine", "start", "42", 4, items[i].text);
    fputs("</svg>\n", s->out);
  }
  s->y += 54;
}
