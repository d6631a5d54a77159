/* SPDX-License-Identifier: MIT */
/* stats_print.c - figures as text. Fractions are made of whole numbers: what
 * reads them wants a point, whatever the user's language has. */
#include "stats.h"

#include <inttypes.h>

const int64_t he_buckets_us[HE_BUCKETS] = {
  5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
  10000000
};

static const char *const bucket_names[HE_BUCKETS] = {
  "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10"
};
static const char *const families[] = { "ipv4", "ipv6" };
static const char *const makers[] = { "curl-he", "libcurl" };
static const char *const verdicts[] = { "good", "doubted", "bad" };

/* -- for Prometheus -- */

static void head(FILE *out, const char *name, const char *type,
                 const char *help)
{
  fprintf(out, "# HELP curl_he_%s %s\n# TYPE curl_he_%s %s\n", name, help,
          name, type);
}

static void counter(FILE *out, const char *name, unsigned long value,
                    const char *help)
{
  head(out, name, "counter", help);
  fprintf(out, "curl_he_%s %lu\n", name, value);
}

static void labelled(FILE *out, const char *name, const char *label,
                     const char *const *values, const unsigned long *numbers,
                     size_t n)
{
  for(size_t i = 0; i < n; i++)
    fprintf(out, "curl_he_%s{%s=\"%s\"} %lu\n", name, label, values[i],
            numbers[i]);
}

static void put_seconds(FILE *out, int64_t us)
{
  const int64_t size = us < 0 ? -us : us;
  fprintf(out, "%s%" PRId64 ".%06" PRId64, us < 0 ? "-" : "", size / 1000000,
          size % 1000000);
}

static void histogram(FILE *out, const struct he_figures *f)
{
  head(out, "connect_seconds", "histogram",
       "From the start of a race until it was connected.");
  for(int k = 0; k < 2; k++) {
    unsigned long sum = 0;
    for(int i = 0; i < HE_BUCKETS; i++) {
      sum += f->buckets[k][i];
      fprintf(out, "curl_he_connect_seconds_bucket{family=\"%s\",le=\"%s\"} "
              "%lu\n", families[k], bucket_names[i], sum);
    }
    fprintf(out, "curl_he_connect_seconds_bucket{family=\"%s\",le=\"+Inf\"} "
            "%lu\ncurl_he_connect_seconds_sum{family=\"%s\"} ", families[k],
            f->connects[k], families[k]);
    put_seconds(out, f->took_us[k]);
    fprintf(out, "\ncurl_he_connect_seconds_count{family=\"%s\"} %lu\n",
            families[k], f->connects[k]);
  }
}

static void prometheus_trace(const struct he_figures *f, FILE *out)
{
  head(out, "connects_total", "counter",
       "Connects that led to a connection, by the family of the winner.");
  labelled(out, "connects_total", "family", families, f->connects, 2);
  counter(out, "connects_failed_total", f->failed,
          "Connects in which no attempt did.");
  counter(out, "races_total", f->races, "Connects of more than one attempt.");
  head(out, "attempts_total", "counter", "Attempts, by who made them.");
  labelled(out, "attempts_total", "by", makers, f->attempts, 2);
  counter(out, "handed_over_total", f->handed_over,
          "Connected sockets given to libcurl.");
  counter(out, "asides_total", f->asides,
          "Connects in which curl-he stood aside.");
  histogram(out, f);
  counter(out, "compared_total", f->compared,
          "Connects that curl_he_saved_seconds is of.");
  head(out, "saved_seconds", "gauge",
       "Time saved against RFC 8305 without memory.");
  fputs("curl_he_saved_seconds ", out);
  put_seconds(out, f->saved_us);
  fputc('\n', out);
  counter(out, "trace_dropped_lines_total", f->dropped,
          "Lines that the trace lacks.");
  counter(out, "trace_damaged_lines_total", f->damaged,
          "Lines of the trace that cannot be read.");
  counter(out, "config_mistakes_total", f->mistakes,
          "Configurations that were wrong.");
}

void he_stats_prometheus(const struct he_figures *f, FILE *out)
{
  if(!f->of_history) {
    prometheus_trace(f, out);
    return;
  }
  head(out, "addresses", "gauge",
       "Addresses that history knows, by what it holds of them.");
  labelled(out, "addresses", "verdict", verdicts, f->addresses, 3);
}

/* -- for people -- */

static void line(FILE *out, const char *what, unsigned long value)
{
  fprintf(out, "%-26s %lu\n", what, value);
}

static void seconds(FILE *out, const char *what, int64_t us)
{
  fprintf(out, "%-26s ", what);
  put_seconds(out, us);
  fputs(" s\n", out);
}

void he_stats_print(const struct he_figures *f, FILE *out)
{
  if(f->of_history) {
    line(out, "addresses, good", f->addresses[0]);
    line(out, "addresses, doubted", f->addresses[1]);
    line(out, "addresses, bad", f->addresses[2]);
    return;
  }
  line(out, "connects over IPv6", f->connects[1]);
  line(out, "connects over IPv4", f->connects[0]);
  line(out, "failed", f->failed);
  line(out, "of more than one attempt", f->races);
  line(out, "attempts by curl-he", f->attempts[0]);
  line(out, "attempts by libcurl", f->attempts[1]);
  line(out, "handed over to libcurl", f->handed_over);
  line(out, "stood aside", f->asides);
  seconds(out, f->saved_us < 0 ? "lost against RFC 8305" :
          "saved against RFC 8305",
          f->saved_us < 0 ? -f->saved_us : f->saved_us);
  line(out, "lines dropped", f->dropped);
  line(out, "lines damaged", f->damaged);
  line(out, "mistakes in configurations", f->mistakes);
}
