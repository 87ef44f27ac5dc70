create table if not exists {t} (
	message_id   text collate "C" not null, -- the wamid, or Kirim's msg_… where it never reached Meta
	participant  text collate "C" not null, -- of a group; '' for the message as a whole
	source       text collate "C" not null, -- meta, also for what comes through Kirim, or kirisan
	line         text collate "C" not null, -- who sent it: Meta's phone_number_id, or Kirisan's device
	step         text   not null,           -- the furthest: sent, delivered, read, played or failed
	since        bigint not null,           -- when it came to that; all times are microseconds since 1970
	sent_at      bigint,
	delivered_at bigint,
	read_at      bigint,
	played_at    bigint,
	failed_at    bigint,
	recipient    text   not null,           -- phone number, or id of the group; '' if unknown
	user_id      text   not null,           -- the customer's business-scoped id; '' if unknown
	kirim_id     text,                      -- the msg_… that Kirim's send call answered; null if unknown
	code         bigint not null,           -- of the first failure
	reason       text   not null,
	version      bigint not null,           -- who writes must have read the newest
	primary key (message_id, participant, source, line)
);
create index if not exists {name}_step on {t} (step, since, message_id, participant, source, line);
create index if not exists {name}_kirim on {t} (kirim_id) where kirim_id is not null
