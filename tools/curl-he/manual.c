/* SPDX-License-Identifier: MIT */
/* manual.c - curl-he manual, which the build calls: writes the man pages.
 * Name, synopsis and options are the table's. The prose is the file NAME.man
 * of docs/commands, where there is one: what stands there before the first .SH
 * goes into the description, the sections go behind the options. */
#include "command.h"

#include <curl_he/curl_he.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATE "30 Nov 2026"    /* when what the pages say last changed */
#define PROSE (256 * 1024)    /* a file of prose is shorter */

/* A table's words, as troff has them. */
static void text(FILE *out, const char *words)
{
  for(const char *at = words; *at; at++) {
    if(*at == '-')
      fputs("\\-", out);
    else if(*at == '\\')
      fputs("\\e", out);
    else if(at == words && (*at == '.' || *at == '\''))
      fprintf(out, "\\&%c", *at);
    else
      fputc(*at, out);
  }
}

static void one_line(FILE *out, const char *before, const char *words,
                     const char *after)
{
  fputs(before, out);
  text(out, words);
  fputs(after, out);
}

/* -- the prose -- */

/* What the file has; "" where there is none. NULL, which was said: it cannot
   be read. The caller's, to be freed. */
static char *prose_of(const char *folder, const char *name)
{
  char path[PATH_MAX];
  char *all = calloc(1, PROSE);
  FILE *in;
  snprintf(path, sizeof(path), "%s/%s.man", folder, name);
  in = all ? fopen(path, "r") : NULL;
  if(!in) {
    if(all && errno == ENOENT)
      return all;
    he_say("manual: %s: %s", path, strerror(errno));
    free(all);
    return NULL;
  }
  if(fread(all, 1, PROSE, in) == PROSE || ferror(in)) {
    he_say("manual: %s: it is too long, or cannot be read", path);
    free(all);
    all = NULL;
  }
  fclose(in);
  return all;
}

/* Where the first section begins. */
static const char *sections_of(const char *prose)
{
  const char *at = strstr(prose, "\n.SH");
  if(!strncmp(prose, ".SH", 3))
    return prose;
  return at ? at + 1 : prose + strlen(prose);
}

static bool has_section(const char *prose, const char *name)
{
  char head[64];
  snprintf(head, sizeof(head), ".SH \"%s\"", name);
  return strstr(prose, head) != NULL;
}

/* -- the sections that all pages have -- */

static void head(FILE *out, const char *page, const char *help)
{
  fprintf(out, ".\\\" Made by: curl-he manual\n.TH ");
  fprintf(out, "%s 1 \"" DATE "\" \"curl-he " CURL_HE_VERSION
          "\" \"curl-he Manual\"\n.SH NAME\n", page);
  text(out, page);
  one_line(out, " \\- ", help, "\n.SH SYNOPSIS\n");
}

static void options(FILE *out, const struct he_command *c)
{
  fputs(".SH OPTIONS\n", out);
  for(const struct he_flag *f = c->flags; f->name; f++) {
    fputs(".IP \"", out);
    if(f->letter)
      fprintf(out, "\\fB\\-%c\\fP, ", f->letter);
    one_line(out, "\\fB\\-\\-", f->name, "\\fP");
    if(f->argument)
      one_line(out, " \\fI", f->argument, "\\fP");
    fputs("\"\n", out);
    text(out, f->help);
    fputc('\n', out);
  }
  fputs(".IP \"\\fB\\-h\\fP, \\fB\\-\\-help\\fP\"\nprint this\n", out);
}

static void statuses(FILE *out, bool program)
{
  fprintf(out, ".SH \"EXIT STATUS\"\n"
          ".IP %d\nit worked\n.IP %d\nit was tried, and did not work\n"
          ".IP %d\nthe command line is wrong\n", HE_EXIT_OK, HE_EXIT_FAILED,
          HE_EXIT_USAGE);
  if(program)
    fprintf(out, ".IP %d\nthe program is there, and cannot be run\n"
            ".IP %d\nthere is no such program\n.PP\n"
            "A program that was run has its own.\n", HE_EXIT_NOT_RUN,
            HE_EXIT_NOT_FOUND);
}

/* The help's sentences begin large, and end with a dot; a NAME does not. */
static void summary_of(const char *help, char *out, size_t size)
{
  snprintf(out, size, "%s", help);
  if(*out >= 'A' && *out <= 'Z' && out[1] >= 'a' && out[1] <= 'z')
    *out = (char)(*out + 'a' - 'A');
  if(*out && out[strlen(out) - 1] == '.')
    out[strlen(out) - 1] = 0;
}

static void see_also(FILE *out, const char *self)
{
  fputs(".SH \"SEE ALSO\"\n", out);
  if(strcmp(self, "curl-he"))
    fputs(".BR curl\\-he (1),\n", out);
  else {
    for(size_t i = 0; he_commands[i]; i++) {
      if(!he_commands[i]->hidden)
        one_line(out, ".BR curl\\-he\\-", he_commands[i]->name, " (1),\n");
    }
  }
  fputs(".BR libcurl\\-he (3),\n.BR libcurl\\-he\\-config (5)\n", out);
}

/* -- the pages -- */

static void page_of_command(FILE *out, const struct he_command *c,
                            const char *prose)
{
  const char *sections = sections_of(prose);
  char page[64], summary[256];
  snprintf(page, sizeof(page), "curl-he-%s", c->name);
  summary_of(c->help, summary, sizeof(summary));
  head(out, page, summary);
  one_line(out, "\\fBcurl\\-he ", c->name, "\\fP [\\fIOPTION\\fP...]");
  one_line(out, " ", c->operands, "\n.SH DESCRIPTION\n");
  if(sections == prose)
    one_line(out, "", c->help, "\n");
  fwrite(prose, 1, (size_t)(sections - prose), out);
  options(out, c);
  fputs(sections, out);
  if(!has_section(prose, "EXIT STATUS"))
    statuses(out, c->program);
  if(!has_section(prose, "SEE ALSO"))
    see_also(out, page);
}

static void page_of_all(FILE *out, const char *prose)
{
  const char *sections = sections_of(prose);
  head(out, "curl-he", "Happy Eyeballs (RFC 8305) for programs as they are");
  fputs("\\fBcurl\\-he\\fP \\fICOMMAND\\fP [\\fIOPTION\\fP...]\n.br\n"
        "\\fBcurl\\-he\\fP \\fICOMMAND\\fP \\fB\\-\\-help\\fP\n.br\n"
        "\\fBcurl\\-he\\fP \\fB\\-\\-help\\fP | \\fB\\-\\-version\\fP\n"
        ".SH DESCRIPTION\n", out);
  fwrite(prose, 1, (size_t)(sections - prose), out);
  fputs(".SH COMMANDS\n", out);
  for(size_t i = 0; he_commands[i]; i++) {
    if(he_commands[i]->hidden)
      continue;
    one_line(out, ".IP \\fBcurl\\-he\\-", he_commands[i]->name, "\\fP(1)\n");
    one_line(out, "", he_commands[i]->help, "\n");
  }
  fputs(sections, out);
  if(!has_section(prose, "EXIT STATUS"))
    statuses(out, false);
  if(!has_section(prose, "SEE ALSO"))
    see_also(out, "curl-he");
}

/* c: NULL is the page of all. */
static bool write_page(const char *from, const char *to,
                       const struct he_command *c)
{
  char *prose = prose_of(from, c ? c->name : "curl-he");
  char path[PATH_MAX];
  FILE *out;
  bool ok;
  if(!prose)
    return false;
  snprintf(path, sizeof(path), "%s/curl-he%s%s.1", to, c ? "-" : "",
           c ? c->name : "");
  out = fopen(path, "w");
  if(out && c)
    page_of_command(out, c, prose);
  else if(out)
    page_of_all(out, prose);
  free(prose);
  ok = out && !ferror(out);
  ok = out && !fclose(out) && ok;
  if(!ok)
    he_say("manual: %s: %s", path, strerror(errno));
  return ok;
}

static int run(int argc, char **argv)
{
  if(argc != 2) {
    he_say("manual: a folder with prose, and one for the pages");
    return HE_EXIT_USAGE;
  }
  if(!write_page(argv[0], argv[1], NULL))
    return HE_EXIT_FAILED;
  for(size_t i = 0; he_commands[i]; i++) {
    if(!he_commands[i]->hidden && !write_page(argv[0], argv[1],
                                              he_commands[i]))
      return HE_EXIT_FAILED;
  }
  return HE_EXIT_OK;
}

static const struct he_flag flags[] = {
  { NULL, 0, NULL, NULL }
};

const struct he_command he_command_manual = {
  .name = "manual",
  .operands = "FOLDER FOLDER",
  .hidden = true,
  .help = "Writes the man pages, of a folder's prose, into a folder.",
  .flags = flags,
  .run = run
};
