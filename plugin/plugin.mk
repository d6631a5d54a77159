# The rooms, bottom to top. The pure ones are a library of their own, so that
# the build proves that they link without sockets, clocks and threads. The files
# of plugin/curl stand in the order in which they call: each calls only those
# before it.
noinst_LTLIBRARIES += libhe-pure.la
libhe_pure_la_SOURCES = \
  plugin/base/addr.h plugin/base/addr.c \
  plugin/base/base.h \
  plugin/base/clock.h \
  plugin/base/hash.h \
  plugin/base/heap.h plugin/base/heap.c \
  plugin/base/nat64.h plugin/base/nat64.c \
  plugin/race/attempts.h plugin/race/attempts.c \
  plugin/race/endpoints.h plugin/race/endpoints.c \
  plugin/race/order.h plugin/race/order.c \
  plugin/race/policy.h plugin/race/policy.c \
  plugin/race/ports.h plugin/race/ports.c \
  plugin/race/race.h plugin/race/inside.h plugin/race/race.c \
  plugin/race/replay.h plugin/race/replay.c \
  plugin/race/schedule.c plugin/race/telling.c \
  plugin/race/untried.h plugin/race/untried.c \
  plugin/options/authority.h plugin/options/authority.c \
  plugin/options/line.h plugin/options/line.c plugin/options/line_refuse.c \
  plugin/options/numbers.c \
  plugin/options/options.h plugin/options/options.c \
  plugin/options/pattern.h plugin/options/pattern.c \
  plugin/options/pieces.h plugin/options/pieces.c \
  plugin/options/resolvers.h plugin/options/resolvers.c \
  plugin/options/rules.h plugin/options/rules.c \
  plugin/options/table.h plugin/options/table.c \
  plugin/options/upstream.h \
  plugin/history/absorb.c \
  plugin/history/advice.c \
  plugin/history/fields.h plugin/history/fields.c \
  plugin/history/history.h plugin/history/history.c \
  plugin/history/memory.h plugin/history/memory.c \
  plugin/history/networks.c \
  plugin/history/probe.c \
  plugin/history/record.h plugin/history/record.c \
  plugin/history/text.h plugin/history/text.c \
  plugin/history/track.h plugin/history/track.c
# What is pure of the room upstream.
libhe_pure_la_SOURCES += \
  plugin/upstream/asked.h plugin/upstream/asked.c \
  plugin/upstream/frames.h plugin/upstream/frames.c \
  plugin/upstream/ids.h plugin/upstream/ids.c \
  plugin/upstream/pipeline.h plugin/upstream/pipeline.c \
  plugin/upstream/query.h plugin/upstream/query.c \
  plugin/upstream/rounds.h plugin/upstream/rounds.c
libhe_pure_la_CFLAGS = $(HE_CFLAGS) -fPIC -fvisibility=hidden

lib_LTLIBRARIES = libcurl-he.la
libcurl_he_la_SOURCES = \
  plugin/base/cond.h \
  plugin/base/fds.h plugin/base/fds.c \
  plugin/base/forks.h plugin/base/forks.c \
  plugin/base/object.h plugin/base/object.c \
  plugin/base/program.h plugin/base/program.c \
  plugin/base/rehashed.h plugin/base/rehashed.c \
  plugin/base/report.h plugin/base/report.c \
  plugin/base/words.h plugin/base/words.c \
  plugin/net/lacking.h plugin/net/lacking.c \
  plugin/net/listening.h plugin/net/listening.c \
  plugin/net/network.h plugin/net/network.c \
  plugin/net/network_route.h plugin/net/network_route.c \
  plugin/net/parking.h plugin/net/parking.c \
  plugin/net/poller.h plugin/net/poller.c \
  plugin/net/pref64.h plugin/net/pref64.c \
  plugin/net/racer.h plugin/net/racer.c \
  plugin/net/silence.h plugin/net/silence.c \
  plugin/net/tcp.h plugin/net/tcp.c \
  plugin/net/standin.h plugin/net/standin.c \
  plugin/net/threads.h plugin/net/threads.c \
  plugin/net/whereabouts.h plugin/net/whereabouts.c \
  plugin/net/worker.h plugin/net/worker.c \
  plugin/resolve/answers.h plugin/resolve/answers.c \
  plugin/resolve/behind.h plugin/resolve/behind.c \
  plugin/resolve/channels.h plugin/resolve/channels.c \
  plugin/resolve/chosen.h plugin/resolve/chosen.c \
  plugin/resolve/dns.h plugin/resolve/dns.c \
  plugin/resolve/finisher.h plugin/resolve/finisher.c \
  plugin/resolve/fixed.h plugin/resolve/fixed.c \
  plugin/resolve/gai.h plugin/resolve/gai.c \
  plugin/resolve/hosts.h plugin/resolve/hosts.c \
  plugin/resolve/inquire.c \
  plugin/resolve/inquiry.h plugin/resolve/inquiry.c \
  plugin/resolve/kept.h plugin/resolve/kept.c \
  plugin/resolve/message.h plugin/resolve/message.c \
  plugin/resolve/nss.h plugin/resolve/nss.c \
  plugin/resolve/prefix64.h plugin/resolve/prefix64.c \
  plugin/resolve/private.h plugin/resolve/private.c \
  plugin/resolve/prepared.h plugin/resolve/prepared.c \
  plugin/resolve/question.h plugin/resolve/question.c \
  plugin/resolve/resolver.h \
  plugin/resolve/rrset.h plugin/resolve/rrset.c \
  plugin/resolve/shared.c \
  plugin/resolve/sources.h plugin/resolve/sources.c \
  plugin/resolve/special.h plugin/resolve/special.c \
  plugin/resolve/svcb.h plugin/resolve/svcb.c plugin/resolve/svcb_params.c \
  plugin/resolve/system.h plugin/resolve/system.c \
  plugin/resolve/textfile.h plugin/resolve/textfile.c \
  plugin/resolve/upstream.h plugin/resolve/upstream.c \
  plugin/historian/file.h plugin/historian/file.c \
  plugin/historian/fold.h plugin/historian/fold.c \
  plugin/historian/keeper.h plugin/historian/keeper.c \
  plugin/historian/lines.h plugin/historian/lines.c \
  plugin/historian/log.h plugin/historian/log.c \
  plugin/historian/probes.h plugin/historian/probes.c \
  plugin/historian/recall.h plugin/historian/recall.c \
  plugin/historian/recall_ask.c \
  plugin/historian/scribe.h plugin/historian/scribe.c \
  plugin/historian/shelf.h plugin/historian/shelf.c \
  plugin/trace/errors.h plugin/trace/errors.c \
  plugin/trace/json.h plugin/trace/json.c \
  plugin/trace/outlet.h plugin/trace/outlet.c \
  plugin/trace/sink.h plugin/trace/sink.c \
  plugin/trace/stamp.h plugin/trace/stamp.c \
  plugin/trace/trace.h plugin/trace/trace.c \
  plugin/trace/timeline.h plugin/trace/timeline.c \
  plugin/trace/trail.h plugin/trace/trail.c \
  plugin/connect/answers.h plugin/connect/answers.c \
  plugin/connect/app.h \
  plugin/connect/attempt.h \
  plugin/connect/connect.h plugin/connect/connect.c \
  plugin/connect/observe.h plugin/connect/observe.c \
  plugin/connect/ours.h plugin/connect/ours.c \
  plugin/connect/own.h \
  plugin/connect/owners.h plugin/connect/owners.c \
  plugin/connect/tally.h plugin/connect/tally.c \
  plugin/connect/tls.c \
  plugin/lookup/asking.c \
  plugin/lookup/drive.h plugin/lookup/drive.c \
  plugin/lookup/expected.h plugin/lookup/expected.c \
  plugin/lookup/getaddrinfo.c \
  plugin/lookup/learned.c \
  plugin/lookup/lookup.h plugin/lookup/lookup.c \
  plugin/lookup/measure.c \
  plugin/lookup/own.h plugin/lookup/own.c \
  plugin/lookup/services.h plugin/lookup/services_own.h \
  plugin/lookup/services.c plugin/lookup/services_names.c \
  plugin/lookup/services_records.c \
  plugin/lookup/plan.h plugin/lookup/plan.c \
  plugin/lookup/remembered.c \
  plugin/lookup/translate.c \
  plugin/lookup/thread.c \
  plugin/lookup/tries.c \
  plugin/lookup/wait.c \
  plugin/dial/outcome.h plugin/dial/outcome.c \
  plugin/dial/dial.h plugin/dial/dial.c \
  plugin/curl/strerror.c \
  plugin/curl/libcurl.h plugin/curl/libcurl.c \
  plugin/curl/quirks.h plugin/curl/quirks.c \
  plugin/curl/doh_own.h plugin/curl/doh_age.c \
  plugin/curl/doh_trust.c plugin/curl/doh_link.c \
  plugin/curl/doh_transfer.c \
  plugin/curl/doh_thread.c plugin/curl/doh.h plugin/curl/doh.c \
  plugin/curl/declared.h plugin/curl/declared.c \
  plugin/curl/known.h plugin/curl/known.c \
  plugin/curl/closers.h plugin/curl/closers.c \
  plugin/curl/gate.h plugin/curl/gate.c \
  plugin/curl/sightings.h plugin/curl/sightings.c \
  plugin/curl/peer.h plugin/curl/peer.c \
  plugin/curl/refused.h plugin/curl/refused.c \
  plugin/curl/config.h plugin/curl/config.c \
  plugin/curl/context.h plugin/curl/context.c \
  plugin/curl/tracing.h plugin/curl/tracing.c \
  plugin/curl/files.h plugin/curl/files.c \
  plugin/curl/tasks.h plugin/curl/tasks.c \
  plugin/curl/idle.h plugin/curl/idle.c \
  plugin/curl/handle.h plugin/curl/handle.c \
  plugin/curl/asks.h plugin/curl/asks.c \
  plugin/curl/figures.h plugin/curl/figures.c \
  plugin/curl/getinfo.h plugin/curl/getinfo.c \
  plugin/curl/settled.h plugin/curl/settled.c \
  plugin/curl/outlook.h plugin/curl/outlook.c \
  plugin/curl/targets.h plugin/curl/targets.c \
  plugin/curl/doubt.h plugin/curl/doubt.c \
  plugin/curl/sent.h plugin/curl/sent.c \
  plugin/curl/limits.h plugin/curl/limits.c \
  plugin/curl/hetimer.h plugin/curl/hetimer.c \
  plugin/curl/apply.h plugin/curl/apply.c \
  plugin/curl/races.h plugin/curl/races.c \
  plugin/curl/ech.h plugin/curl/ech.c \
  plugin/curl/ahead.h plugin/curl/ahead.c \
  plugin/curl/waiting.h plugin/curl/waiting.c \
  plugin/curl/reporting.h plugin/curl/reporting.c \
  plugin/curl/translate.h plugin/curl/translate.c \
  plugin/curl/callbacks.h \
  plugin/curl/opensocket.c \
  plugin/curl/closesocket.c \
  plugin/curl/resolver_start.c \
  plugin/curl/hooks.h plugin/curl/hooks.c \
  plugin/curl/default.h plugin/curl/default.c \
  plugin/curl/curl_he_history.c plugin/curl/history_next.c \
  plugin/curl/curl_he_stats.c \
  plugin/curl/tell.h plugin/curl/tell.c \
  plugin/curl/setopt.c \
  plugin/curl/connecting.h plugin/curl/connecting.c \
  plugin/curl/connecting_config.c \
  plugin/curl/connecting_setopt.c \
  plugin/curl/curl_he_connect.c \
  plugin/curl/setup.c \
  plugin/curl/present.h plugin/curl/present.c \
  plugin/curl/resolving.h plugin/curl/resolving.c \
  plugin/curl/perform.h plugin/curl/perform.c \
  plugin/curl/multi_add.c \
  plugin/curl/prepare.c \
  plugin/curl/interpose.c \
  plugin/curl/engine.h plugin/curl/engine.c \
  plugin/curl/version.c
# The race beside libcurl's own connects; or what is left without.
if BESIDE
libcurl_he_la_SOURCES += \
  plugin/beside/added.h plugin/beside/added.c \
  plugin/beside/ahead.h plugin/beside/ahead.c \
  plugin/beside/attempts.c \
  plugin/beside/beside.c \
  plugin/beside/choose.c \
  plugin/beside/driver.c \
  plugin/beside/mail.c \
  plugin/beside/measure.c \
  plugin/beside/own.h \
  plugin/beside/provoke.h plugin/beside/provoke.c \
  plugin/beside/questions.h plugin/beside/questions.c \
  plugin/beside/theirs.h plugin/beside/theirs.c \
  plugin/beside/told.c
else
libcurl_he_la_SOURCES += plugin/connect/alone.c
endif
EXTRA_DIST += plugin/beside/README.md
if CARES
libcurl_he_la_SOURCES += plugin/resolve/cares.h plugin/resolve/cares.c
endif
# DNS over TLS.
if OPENSSL
libcurl_he_la_SOURCES += \
  plugin/upstream/authorities.h plugin/upstream/authorities.c \
  plugin/upstream/crypto.h plugin/upstream/crypto.c \
  plugin/upstream/peer.h plugin/upstream/peer.c \
  plugin/upstream/reach.h plugin/upstream/reach.c \
  plugin/upstream/session.h plugin/upstream/session.c \
  plugin/upstream/stream.h plugin/upstream/stream.c \
  plugin/upstream/tls.h plugin/upstream/tls.c \
  plugin/upstream/trust.h plugin/upstream/trust.c
endif
# -fPIC: libcurl-he.a can go into a shared object of the program's. libtool adds
# -DPIC for the shared library alone: that exports libcurl's names, too.
libcurl_he_la_CFLAGS = $(HE_CFLAGS) $(CARES_CFLAGS) $(OPENSSL_CFLAGS) -fPIC -fvisibility=hidden -pthread
libcurl_he_la_LIBADD = libhe-pure.la $(CARES_LIBS) $(OPENSSL_LIBS) $(RESOLV_LIBS)
# No libcurl here, on purpose: two flavours of it exist, and the program's own
# is the right one. nodelete: callbacks in pooled connections and a resolver
# thread may outlive a dlclose().
libcurl_he_la_LDFLAGS = -version-info 0:0:0 -pthread \
  -Wl,--version-script=$(srcdir)/plugin/curl-he.map -Wl,-z,nodelete
EXTRA_libcurl_he_la_DEPENDENCIES = plugin/curl-he.map
