/* SPDX-License-Identifier: MIT */
#include "options/table.h"

#define ROW(name, number, type, key, unit, min, max, zero, normal, scopes, \
            words) \
  [HE_OPT_##name] = { "CURLHEOPT_" #name, number, HE_TYPE_##type, key, \
                      HE_UNIT_##unit, min, max, zero, normal, \
                      HE_SCOPE_##scopes, words },

static const struct he_option_row table[HE_OPTION_ROWS] = {
  HE_OPTION_TABLE(ROW)
};

const struct he_option_row *he_option_row(enum he_option which)
{
  return &table[which];
}

bool he_option_find(int number, enum he_option *out)
{
  for(int i = 0; i < HE_OPTION_ROWS; i++) {
    if(table[i].number == number) {
      *out = (enum he_option)i;
      return true;
    }
  }
  return false;
}

bool he_option_contexts(enum he_option which)
{
  return table[which].scopes == HE_SCOPE_CONTEXT;
}

bool he_option_file(enum he_option which, int *place)
{
  *place = (int)which - (int)HE_OPT_HISTORY_FILE;
  return *place >= 0 && *place < HE_FILES;
}
