create table if not exists {t} (
	seq        bigint         not null auto_increment primary key,
	event_key  varbinary(255) null,               -- what makes two requests the same event; null where nothing does
	lane       varbinary(255) not null,           -- '' for none
	-- 0 arrived, 1 behind another, 2 next or running; 3 done, 4 dead, 5 cancelled; 6 to 8 the same, out of the lane
	stage      smallint       not null,
	due        bigint         not null,           -- next run, end of the lease, or its end: microseconds since 1970
	place      bigint         not null default 0, -- in its lane
	arrived    bigint         not null,
	created    bigint         not null,           -- by the event itself, 0 if it does not say
	token      varbinary(64)  null,               -- of who runs it
	failures   integer        not null default 0,
	lapses     integer        not null default 0, -- runs whose process vanished
	first_run  bigint         null,
	last_error mediumtext     null,
	head       mediumtext     not null,           -- the event without its body, as JSON
	body       longblob       not null,
	unique key event_key (event_key),
	key due (stage, due),
	key lane (lane, stage, place)
) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin;
create table if not exists {meta} (
	id integer primary key, version integer not null, place bigint not null
) engine = InnoDB;
insert ignore into {meta} (id, version, place) values (1, 1, 0);
