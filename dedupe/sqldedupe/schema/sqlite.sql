create table if not exists {t} (
	dedupe_key text    not null primary key,
	token      text    not null, -- of the claim that holds the key or has committed it
	done       integer not null, -- 0 running, 1 done
	ends       integer not null  -- of the lease or the ttl: microseconds since 1970
) without rowid;
create index if not exists {name}_ends on {t} (ends)
