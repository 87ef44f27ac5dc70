create table if not exists {t} (
	dedupe_key varbinary(512) not null primary key,
	token      varbinary(128) not null, -- of the claim that holds the key or has committed it
	done       smallint       not null, -- 0 running, 1 done
	ends       bigint         not null, -- of the lease or the ttl: microseconds since 1970
	key ends (ends)
) engine = InnoDB
