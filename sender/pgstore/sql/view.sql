-- For people: nothing in the program reads it. Ask by org, and by event or subscription where there are many.
create view {schema}.deliveries as
select d.org, e.id as event, e.type, s.id as subscription,
  case when s.status = 'removed' then 'cancelled'
    when d.token > 0 and d.lease_ends_at > now() then 'in flight'
    when s.status <> 'active' and not d.is_test then 'held'
    when d.ready or d.due_at <= now() then 'due'
    else 'waiting' end as state,
  case when s.status = 'removed' then {unsubscribed} else d.reason end as reason, d.attempts_made, d.lapses, d.is_test,
  d.replayed_from is not null as is_replay, d.created_at, d.due_at, d.lease_ends_at, null::timestamptz as finished_at,
  d.number, d.subscription as subscription_number
from {schema}.unfinished_deliveries d
join {schema}.subscriptions s on s.number = d.subscription
join {schema}.events e on e.number = d.event
union all
select a.org, e.id, e.type, s.id, case a.state when 1 then 'delivered' when 2 then 'dead' else 'cancelled' end,
  a.reason, a.attempts_made, null, a.is_test, a.replayed_from is not null, a.created_at, null, null, a.logged_at,
  a.delivery, a.subscription
from {schema}.attempts a
join {schema}.subscriptions s on s.number = a.subscription
join {schema}.events e on e.number = a.event
where a.state > 0;
comment on view {schema}.deliveries is
  'All deliveries in words: due, waiting, in flight, held, delivered, dead, cancelled.';
