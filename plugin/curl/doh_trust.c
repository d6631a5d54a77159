/* SPDX-License-Identifier: MIT */
/* doh_trust.c - whose certificates libcurl believes, where the upstream names
 * them.
 *
 * A libcurl that is given a file of authorities goes on to believe those of
 * the folder it was built for, or the other way round, also where that other
 * option is set to NULL: so it has to be something that adds nobody. */
#include "base/rehashed.h"
#include "curl/doh_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder without certificates, everywhere. */
#define NOBODY "/proc/self/task"

static bool is_folder(const char *path)
{
  struct stat st;
  return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* Some certificate of the folder that can be read; "" where there is none. */
static void find_authority(const char *folder, char *path, size_t room)
{
  struct dirent **list = NULL;
  const int n = scandir(folder, &list, he_rehashed, NULL);
  bool found = false;
  for(int i = 0; i < n; i++) {
    found = found || (snprintf(path, room, "%s/%s", folder, list[i]->d_name) <
                      (int)room && !access(path, R_OK));
    free(list[i]);
  }
  free(list);
  if(!found)
    *path = 0;
}

void he_doh_trust_look(struct he_doh *c)
{
  c->trust.folder = is_folder(c->upstream->ca);
  if(c->trust.folder)
    find_authority(c->upstream->ca, c->trust.one, sizeof(c->trust.one));
}

CURLcode he_doh_trust_set(const struct he_doh *c, CURL *easy)
{
  const char *ca = c->upstream->ca;
  CURLcode rc;
  if(!*ca)
    return CURLE_OK;
  if(c->trust.folder && !*c->trust.one)
    return CURLE_SSL_CACERT_BADFILE;
  rc = curl_easy_setopt(easy, CURLOPT_CAPATH, c->trust.folder ? ca : NOBODY);
  /* a TLS library without folders has no default of that kind either */
  if(!c->trust.folder &&
     (rc == CURLE_NOT_BUILT_IN || rc == CURLE_UNKNOWN_OPTION))
    rc = CURLE_OK;
  return rc ? rc : curl_easy_setopt(easy, CURLOPT_CAINFO,
                                    c->trust.folder ? c->trust.one : ca);
}
