/* SPDX-License-Identifier: MIT */
/* trace.c - curl-he trace: what the trace of any program tells. */
#include "../command.h"
#include "../number.h"
#include "../plain.h"
#include "gallery.h"
#include "outfile.h"
#include "perfetto.h"
#include "pictures.h"
#include "reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RACES 5                 /* drawn, where nothing is said */
#define COMPLAINTS 5            /* damaged lines that are told one by one */

static struct {
  struct he_pictures pictures;
  const char *perfetto;
  const char *race;
  const char *host;
  long races;
} asked = { .races = RACES };

struct work {
  struct he_summary summary;
  struct he_gallery gallery;
  struct he_outfile file;       /* of --perfetto */
  struct he_perfetto perfetto;
  const char *name;             /* of the trace; as it is, not plain */
};

static bool trace_chosen(const struct he_story *s)
{
  return (!asked.race || !strcmp(asked.race, s->id)) &&
         (!asked.host || !strcasecmp(asked.host, s->host));
}

static bool trace_take(const struct he_story *s, void *data)
{
  struct work *w = data;
  if(!trace_chosen(s))
    return true;
  if(asked.perfetto)
    he_perfetto_story(&w->perfetto, s);
  return he_summary_add(&w->summary, s) && he_gallery_add(&w->gallery, s);
}

static void trace_damaged(unsigned long line, const char *why, void *data)
{
  struct work *w = data;
  if(w->summary.damaged <= COMPLAINTS)
    he_say("trace: %s: line %lu is damaged: %s", w->name, line, why);
}

static void trace_report(struct he_report *r, struct work *w)
{
  const char *slash = strrchr(w->name, '/');
  const char *last = slash && slash[1] ? slash + 1 : w->name;
  memset(r, 0, sizeof(*r));
  r->command = "trace";
  he_plain_string(r->title, sizeof(r->title), last);
  r->summary = &w->summary;
  r->stories = (const struct he_story *const *)w->gallery.stories;
  r->count = w->gallery.count;
  r->more = w->gallery.seen - w->gallery.count;
}

/* Reads it all. False: why was said. */
static bool trace_read(struct work *w, const char *path)
{
  const struct he_reader reader = { trace_take, trace_damaged, w,
                                    &w->summary };
  const bool from_stdin = !strcmp(path, "-");
  FILE *in = from_stdin ? stdin : fopen(path, "re");
  int error = in ? he_reading_run(in, &reader) : errno;
  if(in && !from_stdin)
    fclose(in);
  if(error == ECANCELED)
    error = ENOMEM;
  if(error) {
    he_say("trace: %s: %s", w->name, strerror(error));
    return false;
  }
  if(w->summary.damaged > COMPLAINTS)
    he_say("trace: %s: %lu more lines are damaged", w->name,
           w->summary.damaged - COMPLAINTS);
  if(!w->summary.spread.races)
    he_say("trace: %s: there is no %srace in it", w->name,
           asked.race || asked.host ? "such " : "");
  return w->summary.spread.races;
}

static bool trace_draw(struct work *w)
{
  struct he_report r;
  he_spread_sort(&w->summary.spread);
  he_gallery_sort(&w->gallery);
  trace_report(&r, w);
  return he_pictures_write(&asked.pictures, &r);
}

static bool trace_all(struct work *w, const char *path)
{
  bool good;
  if(asked.perfetto) {
    if(!he_outfile_open(&w->file, "trace", asked.perfetto))
      return false;
    he_perfetto_begin(&w->perfetto, w->file.stream);
  }
  good = trace_read(w, path);
  if(asked.perfetto) {
    const bool whole = he_perfetto_end(&w->perfetto) && good;
    good = he_outfile_close(&w->file, whole) && good;
  }
  if(asked.perfetto && !strcmp(asked.perfetto, "-"))
    asked.pictures.quiet = true;
  return good && trace_draw(w);
}

static int trace_run(int argc, char **argv)
{
  struct work *w;
  int status = HE_EXIT_FAILED;
  if(argc != 1) {
    he_say("trace: %s; see curl-he trace --help", argc ? "one file at a time" :
           "no file");
    return HE_EXIT_USAGE;
  }
  if(!he_pictures_fit(&asked.pictures, "trace", asked.perfetto))
    return HE_EXIT_USAGE;
  w = calloc(1, sizeof(*w));
  if(!w) {
    he_say("trace: out of memory");
    return status;
  }
  w->name = strcmp(argv[0], "-") ? argv[0] : "standard input";
  w->gallery.limit = (size_t)asked.races;
  if(trace_all(w, argv[0]))
    status = HE_EXIT_OK;
  he_gallery_free(&w->gallery);
  he_summary_free(&w->summary);
  free(w);
  return status;
}

static bool trace_set(const struct he_flag *flag, const char *word)
{
  if(he_pictures_set(&asked.pictures, flag->name, word))
    return true;
  if(!strcmp(flag->name, "perfetto"))
    asked.perfetto = word;
  else if(!strcmp(flag->name, "race"))
    asked.race = word;
  else if(!strcmp(flag->name, "host"))
    asked.host = word;
  else
    return he_number_flag("trace", flag, word, 1, HE_GALLERY_MAX,
                          &asked.races);
  return true;
}

static const struct he_flag flags[] = {
  HE_PICTURE_FLAGS,
  { "perfetto", 0, "FILE", "write all races as trace events, for "
    "ui.perfetto.dev and the Firefox Profiler; - is stdout" },
  { "race", 'r', "ID", "look at this race alone" },
  { "host", 0, "HOST", "look at the races to this host alone" },
  { "races", 'n', "N", "draw the N races that took longest [5]" },
  { NULL, 0, NULL, NULL }
};

const struct he_command he_command_trace = {
  .name = "trace",
  .operands = "FILE",
  .help = "Draws the races in a trace file, and sums them up.",
  .flags = flags,
  .run = trace_run,
  .set = trace_set
};
