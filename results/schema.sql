-- SPDX-License-Identifier: GPL-2.0-or-later
-- Schema of a Shadewalk results database; doc/results.md explains it with examples.
-- Integer keys are local to one file; what identifies a row everywhere is its hash or name.

CREATE TABLE trace(
  tid INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,              -- SHA-256 of the decoded record stream
  name TEXT NOT NULL,                   -- base name of the file when it was first seen
  guest TEXT, workload TEXT, core TEXT, arch TEXT,
  records INTEGER NOT NULL, instructions INTEGER NOT NULL,
  refs INTEGER NOT NULL,                -- memory references
  bytes INTEGER NOT NULL,               -- of that file
  header_json TEXT
) STRICT;

CREATE TABLE config(
  cid INTEGER PRIMARY KEY,
  sha TEXT NOT NULL UNIQUE,
  json TEXT NOT NULL                    -- canonical, effective values; no strategy keys, no costs
) STRICT;

CREATE TABLE run(
  rid INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,              -- SHA-256, see doc/results.md
  model_version INTEGER NOT NULL,
  tid INTEGER NOT NULL REFERENCES trace,
  cid INTEGER NOT NULL REFERENCES config,
  strategy TEXT NOT NULL,               -- full specification
  strategy_name TEXT NOT NULL,
  host_core TEXT NOT NULL,
  tag TEXT NOT NULL,                    -- unmodified, patched, modified, what-if
  seed INTEGER NOT NULL,                -- 64 bits, shown signed
  warmup_insns INTEGER NOT NULL,
  window_first INTEGER NOT NULL, window_insns INTEGER NOT NULL,
  result_sha TEXT NOT NULL              -- of everything the simulation found
) STRICT;
CREATE INDEX run_trace ON run(tid, cid, host_core);

CREATE TABLE event_def(
  eid INTEGER PRIMARY KEY,
  model_version INTEGER NOT NULL,
  name TEXT NOT NULL,
  leaf TEXT NOT NULL,                   -- the part before the dot is the group
  text TEXT NOT NULL,
  UNIQUE(model_version, name)
) STRICT;
CREATE TABLE origin_def(oid INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE cause_def(
  kid INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, text TEXT NOT NULL
) STRICT;

-- The ledger of the measured window; rows with n = 0 are not stored.
CREATE TABLE count(
  rid INTEGER NOT NULL REFERENCES run,
  eid INTEGER NOT NULL REFERENCES event_def,
  oid INTEGER NOT NULL REFERENCES origin_def,
  kid INTEGER NOT NULL REFERENCES cause_def,
  n INTEGER NOT NULL CHECK(n > 0),
  PRIMARY KEY(rid, eid, oid, kid)
) STRICT, WITHOUT ROWID;

-- Unit costs: primitives in milli-cycles; an event costs the sum of mult * primitive.
CREATE TABLE cost_set(
  sid INTEGER PRIMARY KEY,
  sha TEXT NOT NULL UNIQUE,             -- of its name, primitives and terms
  name TEXT NOT NULL
) STRICT;
CREATE TABLE cost_prim(
  sid INTEGER NOT NULL REFERENCES cost_set,
  prim TEXT NOT NULL,
  low INTEGER NOT NULL, nominal INTEGER NOT NULL, high INTEGER NOT NULL,
  confidence TEXT NOT NULL, source TEXT NOT NULL,
  PRIMARY KEY(sid, prim)
) STRICT, WITHOUT ROWID;
CREATE TABLE cost_term(
  sid INTEGER NOT NULL REFERENCES cost_set,
  eid INTEGER NOT NULL REFERENCES event_def,
  prim TEXT NOT NULL,
  mult INTEGER NOT NULL,
  PRIMARY KEY(sid, eid, prim),
  FOREIGN KEY(sid, prim) REFERENCES cost_prim
) STRICT, WITHOUT ROWID;
-- Costs a run was asked for with; never part of its identity.
CREATE TABLE priced(
  rid INTEGER NOT NULL REFERENCES run,
  sid INTEGER NOT NULL REFERENCES cost_set,
  PRIMARY KEY(rid, sid)
) STRICT, WITHOUT ROWID;

-- Nominal milli-cycles per equal slice of the window, hence one series for each cost set.
CREATE TABLE series(
  rid INTEGER NOT NULL, sid INTEGER NOT NULL, slice INTEGER NOT NULL,
  millicycles INTEGER NOT NULL,
  PRIMARY KEY(rid, sid, slice),
  FOREIGN KEY(rid, sid) REFERENCES priced
) STRICT, WITHOUT ROWID;

-- Whole trace, not the window: injected + forced - extra_true = recorded.
CREATE TABLE fault(
  rid INTEGER PRIMARY KEY REFERENCES run,
  recorded INTEGER NOT NULL, injected INTEGER NOT NULL,
  forced INTEGER NOT NULL, extra_true INTEGER NOT NULL
) STRICT;
CREATE TABLE deviation(
  rid INTEGER NOT NULL REFERENCES run, idx INTEGER NOT NULL,
  record INTEGER NOT NULL,              -- record number in the trace
  kind TEXT NOT NULL CHECK(kind IN ('forced', 'extra_true')),
  fsr INTEGER NOT NULL, va INTEGER NOT NULL,
  PRIMARY KEY(rid, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE structure(
  rid INTEGER NOT NULL REFERENCES run, name TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY(rid, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE memory(
  rid INTEGER NOT NULL REFERENCES run, what TEXT NOT NULL,
  peak_bytes INTEGER NOT NULL, average_bytes REAL NOT NULL,
  PRIMARY KEY(rid, what)
) STRICT, WITHOUT ROWID;

-- Everything that may differ between two executions of the same run; not part of equality.
CREATE TABLE execution(
  xid INTEGER PRIMARY KEY,
  rid INTEGER NOT NULL REFERENCES run,
  started_unix INTEGER NOT NULL, wall_s REAL,
  machine TEXT NOT NULL, engine TEXT, argv TEXT, max_rss_bytes INTEGER NOT NULL,
  verified INTEGER NOT NULL, violations INTEGER NOT NULL
) STRICT;
CREATE INDEX execution_run ON execution(rid);

-- The native run each run is measured against: same model, trace, host core, configuration,
-- seed, warm-up and window. Natives with evict=never|aggressive are bounds, not baselines.
-- NULL when there is none, or several of which none is plainly `native`.
CREATE VIEW baseline(rid, native) AS
SELECT r.rid, (
  SELECT coalesce(max(n.rid) FILTER (WHERE n.strategy = 'native'),
                  CASE WHEN count(*) = 1 THEN max(n.rid) END)
  FROM run n
  WHERE n.strategy_name = 'native' AND n.tid = r.tid AND n.cid = r.cid
    AND n.host_core = r.host_core AND n.model_version = r.model_version AND n.seed = r.seed
    AND n.warmup_insns = r.warmup_insns AND n.window_first = r.window_first
    AND n.window_insns = r.window_insns
    AND instr(n.strategy, 'evict=never') = 0 AND instr(n.strategy, 'evict=aggressive') = 0)
FROM run r;

-- Which run is priced with which costs: as asked for, and every baseline like its runs.
CREATE VIEW pricing(rid, sid) AS
SELECT rid, sid FROM priced
UNION
SELECT b.native, p.sid FROM priced p JOIN baseline b ON b.rid = p.rid
WHERE b.native IS NOT NULL;

-- Unit cost of every event, milli-cycles: cost_unit() of models/cost/ledger.c. Of hardware walks a part is
-- hidden by other work: walk_overlap, in milli per cent.
CREATE VIEW cost_unit(sid, eid, low, nominal, high) AS
SELECT t.sid, t.eid,
  sum(t.mult * p.low) * (100000 - coalesce(max(o.low), 0)) / 100000,
  sum(t.mult * p.nominal) * (100000 - coalesce(max(o.nominal), 0)) / 100000,
  sum(t.mult * p.high) * (100000 - coalesce(max(o.high), 0)) / 100000
FROM cost_term t JOIN cost_prim p ON p.sid = t.sid AND p.prim = t.prim
  JOIN event_def e ON e.eid = t.eid
  LEFT JOIN cost_prim o ON o.sid = t.sid AND o.prim = 'walk_overlap' AND e.leaf GLOB 'W.HW*'
GROUP BY t.sid, t.eid;

-- Priced runs, finest first; low, nominal and high are milli-cycles, exact below 2^63.
CREATE VIEW cycles_by_cause(rid, sid, event, leaf, origin, cause, n, low, nominal, high) AS
SELECT c.rid, p.sid, e.name, e.leaf, o.name, k.name, c.n,
  c.n * coalesce(u.low, 0), c.n * coalesce(u.nominal, 0), c.n * coalesce(u.high, 0)
FROM pricing p JOIN count c ON c.rid = p.rid
  JOIN event_def e ON e.eid = c.eid JOIN origin_def o ON o.oid = c.oid
  JOIN cause_def k ON k.kid = c.kid
  LEFT JOIN cost_unit u ON u.sid = p.sid AND u.eid = c.eid;
CREATE VIEW cycles_by_event(rid, sid, event, leaf, n, low, nominal, high) AS
SELECT rid, sid, event, leaf, sum(n), sum(low), sum(nominal), sum(high)
FROM cycles_by_cause GROUP BY rid, sid, event, leaf;
CREATE VIEW cycles_by_leaf(rid, sid, leaf, low, nominal, high) AS
SELECT rid, sid, leaf, sum(low), sum(nominal), sum(high)
FROM cycles_by_cause GROUP BY rid, sid, leaf;
CREATE VIEW cycles_by_group(rid, sid, grp, low, nominal, high) AS
SELECT rid, sid, substr(leaf, 1, instr(leaf, '.') - 1), sum(low), sum(nominal), sum(high)
FROM cycles_by_cause GROUP BY 1, 2, 3;
CREATE VIEW cycles_total(rid, sid, low, nominal, high) AS
SELECT rid, sid, sum(low), sum(nominal), sum(high) FROM cycles_by_cause GROUP BY rid, sid;

-- One readable row for each priced run. Slowdown is NULL without a baseline. The columns all_low
-- and all_high have every unit cost at its low or its high at once: no bounds of the slowdown,
-- which `shadewalk compare` gives.
CREATE VIEW summary AS
SELECT substr(r.id, 1, 12) AS run, t.name AS trace, r.host_core, r.strategy, r.tag,
  s.name AS costs, r.model_version, r.window_insns AS instructions,
  c.nominal / 1000.0 AS cycles,
  c.nominal / 1000.0 / nullif(r.window_insns, 0) AS cpi,
  CAST(c.low AS REAL) / nullif(n.low, 0) AS slowdown_all_low,
  CAST(c.nominal AS REAL) / nullif(n.nominal, 0) AS slowdown,
  CAST(c.high AS REAL) / nullif(n.high, 0) AS slowdown_all_high,
  1e6 * coalesce((SELECT sum(x.n) FROM count x JOIN event_def e ON e.eid = x.eid
    WHERE x.rid = r.rid AND e.leaf = 'T.ENTRY'), 0)
    / nullif(r.window_insns, 0) AS exits_per_million,
  r.rid AS rid, p.sid AS sid
FROM pricing p JOIN run r ON r.rid = p.rid JOIN trace t ON t.tid = r.tid
  JOIN cost_set s ON s.sid = p.sid JOIN baseline b ON b.rid = r.rid
  LEFT JOIN cycles_total c ON c.rid = p.rid AND c.sid = p.sid
  LEFT JOIN cycles_total n ON n.rid = b.native AND n.sid = p.sid;
