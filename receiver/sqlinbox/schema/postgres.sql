create table if not exists {t} (
	seq        bigint generated always as identity primary key,
	event_key  text unique,                -- what makes two requests the same event; null where nothing does
	lane       text     not null,          -- '' for none
	-- 0 arrived, 1 behind another, 2 next or running; 3 done, 4 dead, 5 cancelled; 6 to 8 the same, out of the lane
	stage      smallint not null,
	due        bigint   not null,          -- next run, end of the lease, or its end: microseconds since 1970
	place      bigint   not null default 0, -- in its lane
	arrived    bigint   not null,
	created    bigint   not null,          -- by the event itself, 0 if it does not say
	token      text,                       -- of who runs it
	failures   integer  not null default 0,
	lapses     integer  not null default 0, -- runs whose process vanished
	first_run  bigint,
	last_error text,
	head       text     not null,          -- the event without its body, as JSON
	body       bytea    not null
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);
create index if not exists {name}_due on {t} (stage, due);
create index if not exists {name}_lane on {t} (lane, stage, place) where lane <> '';
create table if not exists {meta} (id integer primary key, version integer not null, place bigint not null);
insert into {meta} (id, version, place) values (1, 1, 0) on conflict (id) do nothing;
