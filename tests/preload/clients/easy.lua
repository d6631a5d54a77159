-- SPDX-License-Identifier: MIT
-- easy.lua URL... - Lua's binding: one handle for all, one after the other.
-- The exit status is 1 where the last one failed.
local curl = require "curl"

local code, message
local handle = curl.easy_init()
for _, url in ipairs(arg) do
  handle:setopt(curl.OPT_URL, url)
  handle:setopt(curl.OPT_CAINFO, os.getenv("HE_LAB_CA"))
  handle:setopt(curl.OPT_TIMEOUT, tonumber(os.getenv("HE_LIMIT")))
  handle:setopt(curl.OPT_WRITEFUNCTION, function(part)
    io.write(part)
    return #part
  end)
  code, message = handle:perform()
  if code ~= 0 then
    io.stderr:write(tostring(code), " ", tostring(message), "\n")
  end
end
os.exit(code == 0 and 0 or 1)
