/* SPDX-License-Identifier: MIT */
#include "pictures.h"
#include "outfile.h"

#include <string.h>

bool he_pictures_set(struct he_pictures *p, const char *flag,
                     const char *argument)
{
  if(!strcmp(flag, "svg"))
    p->svg = argument;
  else if(!strcmp(flag, "html"))
    p->html = argument;
  else if(!strcmp(flag, "json"))
    p->json = true;
  else
    return false;
  return true;
}

static bool pictures_is_stdout(const char *path)
{
  return path && !strcmp(path, "-");
}

bool he_pictures_fit(const struct he_pictures *p, const char *command,
                     const char *other)
{
  if(pictures_is_stdout(p->svg) + pictures_is_stdout(p->html) +
     pictures_is_stdout(other) < 2)
    return true;
  he_say("%s: -: one file only can be standard output", command);
  return false;
}

static bool pictures_draw(struct he_outfile *f, const struct he_report *r,
                          bool (*draw)(FILE *, const struct he_report *))
{
  const bool drawn = draw(f->stream, r);
  if(!drawn)
    he_say("%s: out of memory", r->command);
  return he_outfile_close(f, drawn);
}

static bool pictures_file(const char *path, const struct he_report *r,
                          bool (*draw)(FILE *, const struct he_report *))
{
  struct he_outfile f;
  return !path || (he_outfile_open(&f, r->command, path) &&
                   pictures_draw(&f, r, draw));
}

static bool pictures_text(FILE *out, const struct he_report *r)
{
  struct he_terminal t;
  he_terminal_look(&t);
  he_draw_text(out, r, &t);
  return true;
}

bool he_pictures_write(const struct he_pictures *p, const struct he_report *r)
{
  const bool taken = p->quiet || pictures_is_stdout(p->svg) ||
                     pictures_is_stdout(p->html);
  const bool svg = pictures_file(p->svg, r, he_draw_svg);
  const bool html = pictures_file(p->html, r, he_draw_html);
  const bool text = taken ||
    pictures_file("-", r, p->json ? he_draw_json : pictures_text);
  return svg && html && text;
}
