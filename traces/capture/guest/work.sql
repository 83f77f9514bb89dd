-- SPDX-License-Identifier: GPL-2.0-or-later
-- Workload sqlite: fill a table in one transaction, index it, ask.
create table item(id integer primary key, rank int, name text);
begin;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
	insert into item select i, i * 7919 % 1000, hex(i) from n;
commit;
create index by_rank on item(rank);
select count(*), sum(rank) from item where rank between 100 and 300;
select name from item order by rank, name limit 2;
