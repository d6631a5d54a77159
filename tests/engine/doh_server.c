/* SPDX-License-Identifier: MIT */
#include "doh_server.h"
#include "common.h"
#include "folder.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NGINX "/usr/sbin/nginx"
#define MODULE "/usr/lib/nginx/modules/ngx_http_js_module.so"

static pid_t nginx;
static char dir[256];

/* An authority, and three certificates: for doh.test, for somebody else, and
   one for doh.test that has expired. Another authority; a folder for each of
   the two, and one for none. */
static const char make[] =
  "cd '%s' && exec >/dev/null 2>make.log; export OPENSSL_CONF=/dev/null;"
  "key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';"
  "cat >ca.conf <<'END'\n"
  "[req]\ndistinguished_name=dn\n[dn]\n"
  "[ca]\ndefault_ca=lab\n[lab]\nnew_certs_dir=.\ndatabase=index\n"
  "rand_serial=yes\nunique_subject=no\ndefault_md=sha256\npolicy=any\n"
  "copy_extensions=copy\n"
  "[any]\ncommonName=supplied\n"
  "END\n"
  "names=subjectAltName=DNS:doh.test,IP:127.0.0.1; : >index;"
  "openssl req -config ca.conf -x509 $key -subj /CN=CA -keyout ca.key"
  " -addext basicConstraints=critical,CA:TRUE -days 2 -out ca.pem &&"
  "openssl req -config ca.conf $key -subj /CN=doh.test -addext $names"
  " -keyout server.key -out server.csr &&"
  "openssl req -config ca.conf $key -subj /CN=other.test"
  " -addext subjectAltName=DNS:other.test -keyout other.key"
  " -out other.csr &&"
  "sign='openssl ca -batch -config ca.conf -cert ca.pem -keyfile ca.key"
  " -notext' &&"
  "$sign -days 2 -in server.csr -out server.pem &&"
  "$sign -days 2 -in other.csr -out other.pem &&"
  "$sign -startdate 200101000000Z -enddate 210101000000Z -in server.csr"
  " -out expired.pem &&"
  "openssl req -config ca.conf -x509 $key -subj /CN=CB -keyout cb.key"
  " -addext basicConstraints=critical,CA:TRUE -days 2 -out cb.pem &&"
  "for f in ca cb; do mkdir $f.dir && cp $f.pem $f.dir/"
  "$(openssl x509 -hash -noout -in $f.pem).0 || exit; done; mkdir none.dir;"
  "openssl pkey -in server.key -pubout -outform DER |"
  "openssl dgst -sha256 -binary >pin && test -s pin";

const char *doh_certificates(void)
{
  char command[sizeof(make) + sizeof(dir)];
  if(access(NGINX, X_OK) || access(MODULE, R_OK))
    return "nginx and its module for JavaScript are not installed";
  snprintf(dir, sizeof(dir), "%s", folder_new());
  snprintf(command, sizeof(command), make, dir);
  return system(command) ? "no certificates can be made" : NULL;
}

const char *doh_ca(void)
{
  return folder_path("ca.pem");
}

const char *doh_file(const char *name)
{
  return folder_path(name);
}

void doh_pin(unsigned char out[32])
{
  size_t size;
  unsigned char *pin = file_read(folder_path("pin"), &size);
  if(size != 32)
    abort();
  memcpy(out, pin, 32);
  free(pin);
}

/* @DIR@ and @FILES@ are replaced. */
static void configure(void)
{
  size_t size;
  char *text = (char *)file_read(DOH_FILES "/doh_nginx.conf", &size);
  char *at = text;
  FILE *out = fopen(folder_path("nginx.conf"), "we");
  if(!out)
    abort();
  while(*at) {
    if(!strncmp(at, "@DIR@", 5)) {
      fputs(dir, out);
      at += 5;
    }
    else if(!strncmp(at, "@FILES@", 7)) {
      fputs(DOH_FILES, out);
      at += 7;
    }
    else
      fputc(*at++, out);
  }
  if(fclose(out))
    abort();
  free(text);
}

static bool answers(void)
{
  for(int i = 0; i < 1000; i++) {
    struct he_addr a = addr_of("127.0.0.1", 8447);
    const int fd = connect_to(&a);
    const bool ok = fd >= 0 && connects(fd);
    if(fd >= 0)
      close(fd);
    if(ok)
      return true;
    if(waitpid(nginx, NULL, WNOHANG) == nginx)
      return false;
    sleep_ms(10);
  }
  return false;
}

const char *doh_server_start(void)
{
  configure();
  file_write(folder_path("seen"), "", 0);
  nginx = fork();
  if(!nginx) {
    end_with_parent();
    execl(NGINX, NGINX, "-c", folder_path("nginx.conf"), "-p", dir, "-e",
          folder_path("nginx.error"), (char *)NULL);
    _exit(127);
  }
  return nginx > 0 && answers() ? NULL : "nginx does not start";
}

void doh_server_end(void)
{
  if(nginx > 0) {
    kill(nginx, SIGKILL);
    waitpid(nginx, NULL, 0);
  }
  if(*dir)
    folder_free();
}

/* "CONNECTION PROTOCOL METHOD STATUS PATH" a line, from `*at` on. */
static long forgotten;

static struct doh_seen look(const char *of)
{
  static char numbers[4096][16];
  struct doh_seen s = { 0, 0, 0 };
  FILE *in = fopen(folder_path("seen"), "re");
  char number[16], protocol[16], method[16], path[64];
  int status;
  if(!in || fseek(in, forgotten, SEEK_SET))
    abort();
  while(fscanf(in, "%15s %15s %15s %d %63s", number, protocol, method, &status,
               path) == 5) {
    unsigned i = 0;
    if(strcmp(path, of))
      continue;
    while(i < s.connections && strcmp(numbers[i], number))
      i++;
    if(i == s.connections && i < 4096)
      strcpy(numbers[s.connections++], number);
    s.requests++;
    s.right += !strcmp(protocol, "HTTP/2.0") && !strcmp(method, "POST");
  }
  fclose(in);
  return s;
}

struct doh_seen doh_seen(const char *path, unsigned requests)
{
  struct doh_seen s = look(path);
  for(int i = 0; s.requests < requests && i < 1000; i++) {
    sleep_ms(10);
    s = look(path);
  }
  return s;
}

void doh_forget(void)
{
  size_t size;
  free(file_read(folder_path("seen"), &size));
  forgotten = (long)size;
}
