/* SPDX-License-Identifier: MIT */
/* report.c - lines to processes and connects, and these to sentences. */
#include "report.h"
#include "base/report.h"
#include "command.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What is beyond is counted, and not told one by one. */
#define PROCESSES 256
#define CONNECTS 1024
#define FIELDS 7              /* of the longest line */

struct process {
  char *id, *program;
  char *libcurl, *why;        /* NULL: not reported */
  unsigned handles, connects, raced;
};

struct connect {
  const struct process *process;
  char *handle, *host, *port, *text;
  bool raced, told;
};

struct report {
  struct process processes[PROCESSES];
  size_t process_count, more;
  struct connect connects[CONNECTS];
  size_t connect_count;
};

/* -- lines -- */

static struct process *process_of(struct report *r, char *const *field)
{
  struct process *p;
  for(size_t i = r->process_count; i > 0; i--) {
    p = &r->processes[i - 1];
    if(!strcmp(p->id, field[1]) && !strcmp(p->program, field[2]))
      return p;
  }
  if(r->process_count == PROCESSES) {
    r->more++;
    return NULL;
  }
  p = &r->processes[r->process_count];
  p->id = strdup(field[1]);
  p->program = strdup(field[2]);
  if(!p->id || !p->program) {
    free(p->id);
    free(p->program);
    r->more++;
    return NULL;
  }
  r->process_count++;
  return p;
}

static void connect_free(struct connect *c)
{
  free(c->handle);
  free(c->host);
  free(c->port);
  free(c->text);
}

static void add_connect(struct report *r, struct process *p,
                        char *const *field, bool raced)
{
  struct connect *c = &r->connects[r->connect_count];
  p->connects++;
  p->raced += raced;
  if(r->connect_count == CONNECTS)
    return;
  *c = (struct connect){
    .process = p, .handle = strdup(field[3]), .host = strdup(field[4]),
    .port = strdup(field[5]), .text = strdup(field[6]), .raced = raced };
  if(c->handle && c->host && c->port && c->text)
    r->connect_count++;
  else
    connect_free(c);
}

/* A race that had begun stands aside: the last one of that handle. */
static void put_aside(struct report *r, struct process *p, char *const *field)
{
  for(size_t i = r->connect_count; i > 0; i--) {
    struct connect *c = &r->connects[i - 1];
    if(c->process == p && !strcmp(c->handle, field[3]) &&
       !strcmp(c->host, field[4]) && !strcmp(c->port, field[5])) {
      char *text = c->raced ? strdup(field[6]) : NULL;
      if(text) {
        p->raced--;
        c->raced = false;
        free(c->text);
        c->text = text;
      }
      return;
    }
  }
}

static void set(char **text, const char *a, const char *b, const char *c)
{
  if(!*text && asprintf(text, "%s%s%s", a, b, c) < 0)
    *text = NULL;
}

static void take(struct report *r, char *const *field, size_t n)
{
  struct process *p = n >= 3 ? process_of(r, field) : NULL;
  if(!p)
    return;
  if(!strcmp(field[0], HE_REPORT_LIBCURL) && n == 6) {
    char *more = p->libcurl;
    p->libcurl = NULL;
    if(asprintf(&p->libcurl, "%s%slibcurl %s, %s: %s", more ? more : "",
                more ? "; " : "", field[4], field[5], field[3]) < 0)
      p->libcurl = NULL;
    free(more);
  }
  else if(!strcmp(field[0], HE_REPORT_UNSERVED) && n == 4)
    set(&p->why, field[3], "", "");
  else if(!strcmp(field[0], HE_REPORT_HANDLE) && n == 4)
    p->handles++;
  else if(!strcmp(field[0], HE_REPORT_RACED) && n == FIELDS)
    add_connect(r, p, field, true);
  else if(!strcmp(field[0], HE_REPORT_ALONE) && n == FIELDS)
    add_connect(r, p, field, false);
  else if(!strcmp(field[0], HE_REPORT_ASIDE) && n == FIELDS)
    put_aside(r, p, field);
}

static size_t split(char *line, char *field[FIELDS])
{
  size_t n = 1;
  line[strcspn(line, "\n")] = 0;
  field[0] = line;
  for(char *c = line; *c; c++) {
    if(*c == '\t' && n < FIELDS) {
      *c = 0;
      field[n++] = c + 1;
    }
  }
  return n;
}

/* -- sentences -- */

static const char *plural(unsigned n)
{
  return n == 1 ? "" : "s";
}

static bool same(const struct connect *a, const struct connect *b)
{
  return a->process == b->process && a->raced == b->raced &&
         !strcmp(a->host, b->host) && !strcmp(a->port, b->port) &&
         !strcmp(a->text, b->text);
}

static void tell_connect(struct report *r, size_t which)
{
  const struct connect *c = &r->connects[which];
  const bool six = strchr(c->host, ':') && *c->host != '[';
  unsigned times = 1;
  char often[32] = "";
  for(size_t i = which + 1; i < r->connect_count; i++) {
    if(!r->connects[i].told && same(c, &r->connects[i])) {
      r->connects[i].told = true;
      times++;
    }
  }
  if(times > 1)
    snprintf(often, sizeof(often), " (%u times)", times);
  he_say("  %s%s%s:%s: %s%s%s", six ? "[" : "", c->host, six ? "]" : "",
         c->port, c->raced ? "raced " : "not raced: ", c->text, often);
}

static void tell_process(struct report *r, const struct process *p)
{
  if(p->libcurl)
    he_say("%s (%s): %s", p->program, p->id, p->libcurl);
  if(p->why)
    he_say("%s (%s): not raced: %s", p->program, p->id, p->why);
  if(p->handles || p->connects)
    he_say("%s (%s): %u handle%s, %u connect%s, %u raced", p->program, p->id,
           p->handles, plural(p->handles), p->connects, plural(p->connects),
           p->raced);
  for(size_t i = 0; i < r->connect_count; i++) {
    const struct connect *c = &r->connects[i];
    if(c->process == p && !c->told)
      tell_connect(r, i);
  }
}

static void tell(struct report *r)
{
  const unsigned n = (unsigned)r->process_count;
  unsigned users = 0;
  if(!n) {
    he_say("no process has loaded the module: was LD_PRELOAD taken away?");
    return;
  }
  for(size_t i = 0; i < n; i++) {
    const struct process *p = &r->processes[i];
    users += p->libcurl || p->why || p->handles;
    tell_process(r, p);
  }
  if(!users)
    he_say("no libcurl was used, in %u process%s", n, n == 1 ? "" : "es");
  else if(n > 1 || r->more)
    he_say("%u of %u processes used libcurl", users, n);
  if(r->more)
    he_say("there were more processes than %d", PROCESSES);
}

void he_report_tell(FILE *f)
{
  struct report *r = calloc(1, sizeof(*r));
  char *line = NULL, *field[FIELDS];
  size_t size = 0;
  while(r && getline(&line, &size, f) > 0)
    take(r, field, split(line, field));
  free(line);
  if(r)
    tell(r);
  for(size_t i = 0; r && i < r->connect_count; i++)
    connect_free(&r->connects[i]);
  for(size_t i = 0; r && i < r->process_count; i++) {
    free(r->processes[i].id);
    free(r->processes[i].program);
    free(r->processes[i].libcurl);
    free(r->processes[i].why);
  }
  free(r);
}
