create table if not exists {t} (
	dedupe_key text collate "C" primary key,
	token      text     not null, -- of the claim that holds the key or has committed it
	done       smallint not null, -- 0 running, 1 done
	ends       bigint   not null  -- of the lease or the ttl: microseconds since 1970
);
create index if not exists {name}_ends on {t} (ends)
