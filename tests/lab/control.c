/* SPDX-License-Identifier: MIT */
#include "control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

void lab_control_init(struct lab_control *c, struct lab_net *net, int poll,
                      int listener)
{
  size_t i;
  memset(c, 0, sizeof(*c));
  c->net = net;
  c->poll = poll;
  c->listener = listener;
  for(i = 0; i < LAB_CONTROL_CONNS; i++)
    c->conns[i].fd = -1;
}

static void print_question(const struct lab_entry *e, FILE *out)
{
  const struct lab_question *q = &e->question;
  fprintf(out, " %u %u %u %u %u %s", (unsigned int)e->payload, q->id, q->type,
          q->rcode, q->answers, *q->name ? q->name : "-");
}

static void print_log(const struct lab_record *rec, bool all, FILE *out)
{
  char src[LAB_IP_TEXT];
  char dst[LAB_IP_TEXT];
  size_t i;
  for(i = 0; i < rec->count; i++) {
    const struct lab_entry *e = &rec->list[i];
    if(e->fate == LAB_HEARD && !all)
      continue;
    fprintf(out, "%lld %s %u %s %u %u %u %u %c", (long long)e->time_ns,
            lab_ip_text(&e->src, src), (unsigned int)e->sport,
            lab_ip_text(&e->dst, dst), (unsigned int)e->dport,
            (unsigned int)e->proto, (unsigned int)e->flags,
            (unsigned int)e->len, (int)e->fate);
    if(all)
      print_question(e, out);
    fputc('\n', out);
  }
}

static const char *change_rule(struct lab_rules *rules, char *args)
{
  struct lab_rule rule;
  char *words = args + strcspn(args, " ");
  if(*words)
    *words++ = 0;
  memset(&rule, 0, sizeof(rule));
  if(!lab_prefix_parse(args, &rule.prefix, &rule.bits))
    return "not an address or prefix";
  if(!strcmp(words, "none")) {
    lab_rules_remove(rules, &rule.prefix, rule.bits);
    return NULL;
  }
  if(!lab_rule_parse(words, &rule))
    return "not a rule";
  return lab_rules_set(rules, &rule) ? NULL : "out of memory";
}

static const char *advertise(struct lab_net *net, const char *args)
{
  char prefix[64];
  unsigned int lifetime;
  if(sscanf(args, "%63s %u", prefix, &lifetime) == 2)
    net->notice_len = lab_nat64_advertise(prefix, lifetime, net->notice);
  return net->notice_len ? NULL : "not a prefix and a lifetime";
}

/* Writes the data of the answer to `out`, returns the reason of an error. */
static const char *obey(struct lab_net *net, char *line, FILE *out)
{
  if(!strcmp(line, "reset")) {
    lab_record_reset(&net->record);
    net->random = LAB_SEED;
  }
  else if(!strcmp(line, "restore")) {
    lab_nat64_init(&net->nat64);
    return lab_rules_load(&net->rules) ? NULL : "out of memory";
  }
  else if(!strncmp(line, "syns ", 5)) {
    struct lab_ip ip;
    unsigned int bits;
    if(!lab_prefix_parse(line + 5, &ip, &bits) || bits != 128)
      return "not an address";
    fprintf(out, "%lu\n", lab_record_syns(&net->record, &ip));
  }
  else if(!strcmp(line, "log") || !strcmp(line, "traffic")) {
    if(net->record.missed)
      return "the record is full, some packets are missing";
    print_log(&net->record, *line == 't', out);
  }
  else if(!strncmp(line, "rule ", 5))
    return change_rule(&net->rules, line + 5);
  else if(!strcmp(line, "rules"))
    fprintf(out, "%zu\n", net->rules.count);
  else if(!strncmp(line, "nat64 ", 6))
    return lab_nat64_set(&net->nat64, line + 6) ? NULL : "not prefixes";
  else if(!strncmp(line, "pref64 ", 7))
    return advertise(net, line + 7);
  else
    return "not a request";
  return NULL;
}

/* Answers the request; false: out of memory. */
static bool answer(struct lab_control *c, struct lab_conn *conn)
{
  char *body = NULL;
  size_t len = 0;
  const char *bad;
  FILE *out = open_memstream(&body, &len);
  FILE *all;
  if(!out)
    return false;
  bad = obey(c->net, conn->line, out);
  if(fclose(out))
    goto fail;
  all = open_memstream(&conn->reply, &conn->len);
  if(!all)
    goto fail;
  if(bad)
    fprintf(all, "error %s\n", bad);
  else
    fprintf(all, "ok\n%s", body);
  free(body);
  return !fclose(all);
fail:
  free(body);
  return false;
}

static void drop(struct lab_conn *conn)
{
  close(conn->fd);
  free(conn->reply);
  memset(conn, 0, sizeof(*conn));
  conn->fd = -1;
}

static void listen_to(struct lab_control *c, struct lab_conn *conn,
                      uint32_t events, int op)
{
  struct epoll_event ev;
  memset(&ev, 0, sizeof(ev));
  ev.events = events;
  ev.data.fd = conn->fd;
  if(epoll_ctl(c->poll, op, conn->fd, &ev))
    drop(conn);
}

static void welcome(struct lab_control *c)
{
  size_t i;
  int fd = accept4(c->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if(fd < 0)
    return;
  for(i = 0; i < LAB_CONTROL_CONNS; i++)
    if(c->conns[i].fd < 0) {
      c->conns[i].fd = fd;
      listen_to(c, &c->conns[i], EPOLLIN, EPOLL_CTL_ADD);
      return;
    }
  close(fd);
}

static void read_request(struct lab_control *c, struct lab_conn *conn)
{
  char *end;
  ssize_t n = read(conn->fd, conn->line + conn->got,
                   sizeof(conn->line) - 1 - conn->got);
  if(n <= 0) {
    drop(conn);
    return;
  }
  conn->got += (size_t)n;
  conn->line[conn->got] = 0;
  end = strchr(conn->line, '\n');
  if(end) {
    *end = 0;
    if(answer(c, conn))
      listen_to(c, conn, EPOLLOUT, EPOLL_CTL_MOD);
    else
      drop(conn);
  }
  else if(conn->got == sizeof(conn->line) - 1)
    drop(conn);
}

static void write_reply(struct lab_conn *conn)
{
  ssize_t n = send(conn->fd, conn->reply + conn->sent,
                   conn->len - conn->sent, MSG_NOSIGNAL);
  if(n > 0)
    conn->sent += (size_t)n;
  if(n <= 0 || conn->sent == conn->len)
    drop(conn);
}

void lab_control_handle(struct lab_control *c, int fd, uint32_t events)
{
  size_t i;
  if(fd == c->listener) {
    welcome(c);
    return;
  }
  for(i = 0; i < LAB_CONTROL_CONNS; i++)
    if(c->conns[i].fd == fd) {
      if(c->conns[i].reply)
        write_reply(&c->conns[i]);
      else if(events & EPOLLIN)
        read_request(c, &c->conns[i]);
      else
        drop(&c->conns[i]);
      return;
    }
}
