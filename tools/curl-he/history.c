/* SPDX-License-Identifier: MIT */
/* history.c - curl-he history: what is remembered, and how it is forgotten. */
#include "command.h"
#include "json_write.h"
#include "number.h"
#include "remembered.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
  const char *file;
  bool forget, all, json;
  long port;
} told = { .port = 443 };

static bool set(const struct he_flag *f, const char *argument)
{
  if(!strcmp(f->name, "file")) {
    told.file = argument;
    if(!*argument)
      he_say("history: --file: no name");
    return *argument;
  }
  if(!strcmp(f->name, "port"))
    return he_number_flag("history", f, argument, 1, 65535, &told.port);
  told.forget = told.forget || !strcmp(f->name, "forget");
  told.all = told.all || !strcmp(f->name, "all");
  told.json = told.json || !strcmp(f->name, "json");
  return true;
}

/* -- forgetting -- */

static int forget_failed(CURLHE *he, CURLHEcode code)
{
  char why[CURL_HE_ERROR_SIZE];
  curl_he_history_error(he, why, sizeof(why));
  he_say("history: %s", *why ? why : curl_he_strerror(code));
  return HE_EXIT_FAILED;
}

/* A context forgets in its file, and other processes that have that file hear
   of it. */
static int forget(const struct he_memory *m, int argc, char **argv)
{
  CURLHEcode code;
  if(argc ? told.all : !told.all) {
    he_say("history: --forget wants hosts, or --all in their place");
    return HE_EXIT_USAGE;
  }
  if(access(m->file, F_OK)) {
    he_say("history: %s: %s", m->file, strerror(errno));
    return HE_EXIT_FAILED;
  }
  code = curl_he_setopt(m->he, CURLHEOPT_HISTORY_FILE, m->file);
  if(code)
    return forget_failed(m->he, code);
  for(int i = 0; i < (argc ? argc : 1); i++) {
    code = curl_he_history_forget(m->he, argc ? argv[i] : NULL);
    if(code)
      return forget_failed(m->he, code);
  }
  return HE_EXIT_OK;
}

/* -- showing -- */

static bool print_json(const struct he_memory *m, json_t *hosts)
{
  char network[20];
  snprintf(network, sizeof(network), "%016llx", m->network);
  return he_json_write(json_pack("{s:i, s:o, s:s, s:o}", "v", 1,
                                 "file", he_json_text(m->file),
                                 "network", network, "hosts", hosts), stdout);
}

static void show_one(const struct he_memory *m, const struct he_remembered *r,
                     json_t *hosts, bool first)
{
  if(hosts) {
    json_array_append_new(hosts, he_memory_json(m, r));
    return;
  }
  if(!first)
    putchar('\n');
  he_memory_print(m, r, stdout);
}

static int show(const struct he_memory *m, int argc, char **argv)
{
  json_t *hosts = told.json ? json_array() : NULL;
  int status = HE_EXIT_OK;
  bool ok;
  for(int i = 0; i < argc; i++) {
    const struct he_remembered *r = he_memory_find(m, argv[i]);
    if(r)
      show_one(m, r, hosts, !i);
    else {
      he_say("history: %s: nothing is remembered of it", argv[i]);
      status = HE_EXIT_FAILED;
    }
  }
  for(size_t i = 0; !argc && i < m->n; i++)
    show_one(m, &m->hosts[i], hosts, !i);
  if(!argc && !m->n && !told.json)
    printf("%s: %s.\n", m->file, m->there ? "nothing is remembered" :
           "there is no such file, so nothing is remembered");
  ok = !hosts || print_json(m, hosts);
  return ok ? status : HE_EXIT_FAILED;
}

static int work(struct he_memory *m, int argc, char **argv)
{
  char why[CURL_HE_ERROR_SIZE];
  bool fits = true;
  if(!he_memory_alone(m, "history"))
    return HE_EXIT_FAILED;
  if(told.file)
    fits = snprintf(m->file, sizeof(m->file), "%s", told.file) < PATH_MAX;
  else if(!he_memory_file(m)) {
    he_say("history: neither XDG_CACHE_HOME nor HOME names a folder");
    return HE_EXIT_FAILED;
  }
  if(!fits) {
    he_say("history: %s: %s", told.file, strerror(ENAMETOOLONG));
    return HE_EXIT_FAILED;
  }
  if(told.forget)
    return forget(m, argc, argv);
  if(curl_he_config_error(m->he, why, sizeof(why)))
    he_say("history: the configuration: %s", why);
  return he_memory_read(m, "history", (int)told.port) ? show(m, argc, argv) :
         HE_EXIT_FAILED;
}

static int run(int argc, char **argv)
{
  struct he_memory m = { .n = 0 };
  int status;
  if(told.all && !told.forget) {
    he_say("history: --all goes with --forget");
    return HE_EXIT_USAGE;
  }
  status = work(&m, argc, argv);
  he_memory_free(&m);
  return status;
}

static const struct he_flag flags[] = {
  { "file", 'f', "FILE", "the history [the configuration's, or the user's]" },
  { "port", 'p', "PORT", "to which port the next connect goes [443]" },
  { "json", 'j', NULL, "print JSON" },
  { "forget", 0, NULL, "forget these hosts, in all networks" },
  { "all", 0, NULL, "with --forget: forget all that is remembered" },
  { NULL, 0, NULL, NULL }
};

const struct he_command he_command_history = {
  .name = "history",
  .operands = "[HOST...]",
  .help = "Shows what is remembered of hosts, and where connects go next.",
  .flags = flags,
  .set = set,
  .run = run
};
