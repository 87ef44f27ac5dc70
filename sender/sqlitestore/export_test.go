package sqlitestore

import (
	"database/sql"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Advance moves the store's clock.
func (s *Store) Advance(d time.Duration) { s.offset.Add(int64(d)) }

// Pools are the store's databases.
func (s *Store) Pools() map[string]*sql.DB {
	return map[string]*sql.DB{"writer": s.writer, "reader": s.reader}
}

// Forget empties what the store keeps in memory of what is in the file.
func (s *Store) Forget() {
	s.records.mu.Lock()
	clear(s.records.known)
	clear(s.records.matches)
	s.records.mu.Unlock()
	s.events.mu.Lock()
	clear(s.events.known)
	s.events.size = 0
	s.events.mu.Unlock()
}

// MaxCached is how many bytes of events a store keeps in memory, and Cached how many it does.
const MaxCached = maxCached

func (s *Store) Cached() int {
	s.events.mu.Lock()
	defer s.events.mu.Unlock()
	return s.events.size
}

// Number is the key of a delivery.
func (s *Store) Number(id string) int64 {
	number, _ := s.decodeID(id)
	return number
}

// Migrations lead from each version of the schema to the next.
var Migrations = migrations[:]

// Statements are the SQL texts of the hot path and of Purge, by name.
var Statements = map[string]string{
	"only": sqlOnly, "match": sqlMatch, "subscriptions": sqlSubscriptions,
	"add event": sqlAddEvent, "digest": sqlDigest, "deliver": sqlDeliver, "deliver leased": sqlDeliverLeased,
	"due": sqlDue, "clock": sqlClock, "set clock": sqlSetClock, "take back": sqlTakeBack, "release": sqlRelease,
	"lanes": sqlLanes, "open lane": sqlOpenLane, "close lane": sqlCloseLane, "lane of": sqlLaneOf,
	"nth timer": sqlNthTimer, "promote": sqlPromote, "lapsed cancelling": sqlLapsedCancelling, "end lapsed": sqlEndLapsed,
	"take": sqlTake, "set aside": sqlSetAside, "event of": sqlEventOf, "events": sqlEvents,
	"lanes of": sqlLanesOf, "settle": sqlSettle, "end cancelled": sqlEndCancelled, "last outcome": sqlLastOutcome,
	"health": sqlHealth, "save health": sqlSaveHealth, "log attempt": sqlLogAttempt, "logged": sqlLogged,
	"count minutes": sqlCountMinutes, "minutes of subscription": sqlMinutesOfSubscription,
	"minutes of org":  sqlMinutesOfOrg,
	"oldest finished": sqlOldestFinished, "purge delivery": sqlPurgeDelivery, "purge attempts": sqlPurgeAttempts,
	"orphan": sqlOrphan, "oldest orphans": sqlOldestOrphans, "purge orphan": sqlPurgeOrphan, "purge event": sqlPurgeEvent,
	"purge minutes": sqlPurgeMinutes, "inactive": sqlInactive, "count held": sqlCountHeld, "newest held": sqlNewestHeld,
	"held up to": sqlHeldUpTo, "created at": sqlCreatedAt, "newest": sqlNewest, "end": sqlEnd,
	"forget subscription": sqlForgetSubscription, "counts": sqlCounts, "event by id": sqlEventByID,
	"oldest due":  sqlOldestDue,
	"attempts":    sqlAttempts,
	"delivery of": sqlDeliveryOf, "current": sqlCurrent, "ever of": sqlEverOf, "event of id": sqlEventOfID,
	"topics": sqlTopics, "drop topics": sqlDropTopics, "add topics": sqlAddTopics, "replay": sqlReplay,
	"retry now": sqlRetryNow, "cancel waiting": sqlCancelWaiting, "cancel in flight": sqlCancelInFlight,
	"current of": sqlCurrentOf, "deliveries of": sqlDeliveriesOf, "events of": sqlEventsOf, "deleted of": sqlDeletedOf,
	"erase orphan": sqlEraseOrphan, "erase event": sqlEraseEvent, "erase minutes": sqlEraseMinutes,
	"erase subscription": sqlEraseSubscription, "erase event of": sqlEraseEventOf,
	"deliveries by org":          listed(`kirimhooks_by_org`, sqlShownState+" = ?"),
	"deliveries by subscription": listed(`kirimhooks_by_subscription`, "d.subscription = ?"),
	"deliveries by id":           listed(`kirimhooks_by_org`, "d.delivery IN (?, ?)"),
	"retries":                    listed(`kirimhooks_waiting_of_org`, "d.phase = 2", sqlNotDeleted),
	"replayable":                 sqlNumber + replayable().clauses(),
	"events by org":              listedEvents(),
	"events after":               listedEvents("e.event < ?"),
	"undelivered":                listedEvents("e.type = ?", sqlUndelivered),
}

func listedEvents(conditions ...string) string {
	f := &filter{conditions: append([]string{"e.org = ?"}, conditions...)}
	return sqlListedEvents + f.clausesOfEvents()
}

func listed(index string, conditions ...string) string {
	f := &filter{index: index, conditions: append([]string{"d.org = ?"}, conditions...)}
	return sqlDeliveries + f.clauses()
}

// replayable is the filter of a replay.
func replayable() *filter {
	f := &filter{index: `kirimhooks_by_org`,
		conditions: []string{"d.org = ?", "d.phase = 0", sqlNotDeleted, sqlUnrepeated}}
	(&Store{}).addNewest(f, &driver.DeliveryQuery{States: []driver.State{driver.StateDead, driver.StateCancelled}})
	return f
}
