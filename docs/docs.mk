# SPDX-License-Identifier: MIT
EXTRA_DIST += docs/COMPATIBILITY.md
dist_doc_DATA = docs/curl-he-trace.schema.json
dist_man_MANS = \
  docs/libcurl-he.3 \
  docs/libcurl-he-errors.3 \
  docs/libcurl-he-profiles.3 \
  docs/libcurl-he-known.3 \
  docs/libcurl-he-config.5 \
  docs/libcurl-he-preload.7 \
  docs/curl_he_setup.3 \
  docs/curl_he_attach.3 \
  docs/curl_he_duphandle.3 \
  docs/curl_he_detach.3 \
  docs/curl_he_init.3 \
  docs/curl_he_free.3 \
  docs/curl_he_default.3 \
  docs/curl_he_setopt.3 \
  docs/curl_he_host_setopt.3 \
  docs/curl_he_easy_setopt.3 \
  docs/curl_he_load_config.3 \
  docs/curl_he_config_error.3 \
  docs/curl_he_config_file.3 \
  docs/curl_he_history_foreach.3 \
  docs/curl_he_network.3 \
  docs/curl_he_history_next.3 \
  docs/curl_he_history_forget.3 \
  docs/curl_he_history_save.3 \
  docs/curl_he_history_load.3 \
  docs/curl_he_history_error.3 \
  docs/curl_he_trace_error.3 \
  docs/curl_he_stats.3 \
  docs/curl-he-trace.5 \
  docs/curl_he_easy_getinfo.3 \
  docs/curl_he_perform.3 \
  docs/curl_he_connect_init.3 \
  docs/curl_he_connect_setopt.3 \
  docs/curl_he_connect.3 \
  docs/curl_he_connect_start.3 \
  docs/curl_he_connect_fd.3 \
  docs/curl_he_connect_result.3 \
  docs/curl_he_connect_next.3 \
  docs/curl_he_connect_cancel.3 \
  docs/curl_he_connect_getinfo.3 \
  docs/curl_he_connect_cleanup.3 \
  docs/curl_he_multi_add.3 \
  docs/curl_he_prepare.3 \
  docs/curl_he_prepare_cancel.3 \
  docs/curl_he_strerror.3 \
  docs/curl_he_version_info.3
