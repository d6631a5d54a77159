/* SPDX-License-Identifier: MIT */
/* draw_svg.c - a report as one SVG picture. */
#include "draw.h"
#include "../plain.h"
#include "svg.h"

#include <stdlib.h>

static void draw_body(struct svg *s, const struct he_report *r)
{
  char line[64];
  if(r->summary)
    he_svg_summary(s, r->summary);
  if(r->alone && r->count)
    he_svg_compare(s, r);
  if(r->spread)
    he_svg_spread(s, r);
  for(size_t i = 0; i < r->count; i++)
    he_svg_story(s, r->stories[i], "", r->error);
  if(r->alone)
    he_svg_story(s, r->alone, "libcurl alone: ", r->alone_error);
  if(r->more) {
    snprintf(line, sizeof(line), "%lu more races are not drawn", r->more);
    he_svg_lines(s, "fine", 7, 20, line);
  }
  he_svg_legend(s);
}

/* How high the picture is, is known when it is done: so first its body. */
bool he_draw_svg(FILE *out, const struct he_report *r)
{
  char *body = NULL;
  size_t size = 0;
  struct svg s = { .out = open_memstream(&body, &size) };
  if(!s.out)
    return false;
  draw_body(&s, r);
  if(fclose(s.out)) {
    free(body);
    return false;
  }
  fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"he\" "
          "width=\"100%%\" height=\"%.0f\" role=\"img\">\n<title>", s.y + 10);
  he_put_xml(out, r->title);
  fprintf(out, "</title>\n<style>\n%s</style>\n", he_svg_style);
  fputs("<defs><pattern id=\"hatch\" width=\"7\" height=\"7\" "
        "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
        "<path class=\"line4\" d=\"M0 0v7\"/></pattern>"
        "<pattern id=\"faint\" width=\"7\" height=\"7\" "
        "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
        "<path class=\"faint4\" d=\"M0 0v7\"/></pattern></defs>\n"
        "<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n"
        "<svg x=\"3%\" width=\"94%\" overflow=\"visible\">\n", out);
  fwrite(body, 1, size, out);
  fputs("</svg>\n</svg>\n", out);
  free(body);
  return true;
}
