-- SPDX-License-Identifier: GPL-2.0-or-later
-- Workload lua: tables, strings, sorting, calls.
local t = {}
for i = 1, 20000 do t[#t + 1] = tostring(i * 7919 % 1000) end
table.sort(t)
local s, words = table.concat(t), 0
for _ in s:gmatch("%d%d%d") do words = words + 1 end
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print(#t, words, fib(18))
