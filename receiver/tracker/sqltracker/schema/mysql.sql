create table if not exists {t} (
	message_id   varbinary(255) not null, -- the wamid, or Kirim's msg_… where it never reached Meta
	participant  varbinary(255) not null, -- of a group; '' for the message as a whole
	source       varbinary(64)  not null, -- meta, also for what comes through Kirim, or kirisan
	line         varbinary(512) not null, -- who sent it: Meta's phone_number_id, or Kirisan's device
	step         varbinary(16)  not null, -- the furthest: sent, delivered, read, played or failed
	since        bigint         not null, -- when it came to that; all times are microseconds since 1970
	sent_at      bigint         null,
	delivered_at bigint         null,
	read_at      bigint         null,
	played_at    bigint         null,
	failed_at    bigint         null,
	recipient    varbinary(255) not null, -- phone number, or id of the group; '' if unknown
	user_id      varbinary(255) not null, -- the customer's business-scoped id; '' if unknown
	kirim_id     varbinary(255) null,     -- the msg_… that Kirim's send call answered; null if unknown
	code         bigint         not null, -- of the first failure
	reason       varchar(1000) character set utf8mb4 collate utf8mb4_bin not null,
	version      bigint         not null, -- who writes must have read the newest
	primary key (message_id, participant, source, line),
	key step (step, since, message_id, participant, source, line),
	key kirim (kirim_id)
) engine = InnoDB row_format = dynamic
