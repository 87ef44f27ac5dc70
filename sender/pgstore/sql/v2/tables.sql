-- When the lease was written that lease ends; null: when the delivery was made. For what waits, lease says when it began to.
alter table {schema}.q add column taken timestamptz;

-- What judges a subscription must be a moment that can be subtracted.
alter table {schema}.health add constraint health_since check (isfinite(since)) not valid;
