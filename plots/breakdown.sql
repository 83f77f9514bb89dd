-- SPDX-License-Identifier: GPL-2.0-or-later
-- One row a priced run: nominal milli-cycles of each stack step, and of its native baseline.
-- Steps: 1 guest execution, 2 caches and write buffer (with the guest's own maintenance),
-- 3 hardware walks, 4 transitions, 5 faults and shadow tables, 6 emulated operations.
SELECT r.model_version, r.host_core, k.sha AS config, s.name AS costs, s.sha AS costs_sha,
  r.seed, t.id AS trace_id, t.name AS trace, r.strategy_name, r.strategy, r.id AS run,
  sum(iif(c.leaf = 'G.EXEC', c.nominal, 0)) AS step1,
  sum(iif(c.leaf GLOB 'G.*' AND c.leaf <> 'G.EXEC', c.nominal, 0)) AS step2,
  sum(iif(c.leaf GLOB 'W.*', c.nominal, 0)) AS step3,
  sum(iif(c.leaf GLOB 'T.*', c.nominal, 0)) AS step4,
  sum(iif(c.leaf GLOB '[FSPM].*', c.nominal, 0)) AS step5,
  sum(iif(c.leaf GLOB '[OVC].*', c.nominal, 0)) AS step6,
  sum(c.nominal) AS total, n.nominal AS native,
  r.warmup_insns, r.window_first, r.window_insns
FROM cycles_by_leaf c JOIN run r ON r.rid = c.rid JOIN trace t ON t.tid = r.tid
  JOIN config k ON k.cid = r.cid JOIN cost_set s ON s.sid = c.sid
  JOIN baseline b ON b.rid = r.rid
  LEFT JOIN cycles_total n ON n.rid = b.native AND n.sid = c.sid
GROUP BY c.rid, c.sid
ORDER BY t.name, t.id, r.strategy_name <> 'native', r.strategy, r.id
