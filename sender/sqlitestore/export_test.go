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
	s.records.mu.Unlock()
	s.bodies.mu.Lock()
	clear(s.bodies.known)
	s.bodies.size = 0
	s.bodies.mu.Unlock()
}

// MaxBodies is how many bytes of events a store keeps in memory, and KeptBodies how many it does.
const MaxBodies = maxBodies

func (s *Store) KeptBodies() int {
	s.bodies.mu.Lock()
	defer s.bodies.mu.Unlock()
	return s.bodies.size
}

// Statements are the SQL texts of the hot path and of Purge, by name.
var Statements = map[string]string{
	"only": sqlOnly, "match": sqlMatch(4), "outlook": sqlOutlook, "clock": sqlClock, "set clock": sqlSetClock, "take back": sqlTakeBack, "lanes": sqlLanes, "ready": sqlReady, "first ready": sqlFirstReady, "take": sqlTake, "nth timer": sqlNthTimer, "promote": sqlPromote,
	"events": sqlEvents, "record": sqlRecord, "versions": sqlVersions, "settle": sqlSettle, "retry": sqlRetry, "stale": sqlLastResult, "log attempts": sqlLogAttempts, "log alike": sqlLogAlike, "patients": sqlPatients, "logged": sqlLogged,
	"count minutes": sqlCountMinutes, "oldest finished": sqlOldestFinished, "purge deliveries": sqlPurgeDeliveries, "purge attempts": sqlPurgeAttempts, "orphan": sqlOrphan,
	"oldest orphans": sqlOldestOrphans, "purge orphan": sqlPurgeOrphan, "purge event": sqlPurgeEvent, "cancel": sqlCancel, "count held": sqlCountHeld, "newest held": sqlNewestHeld, "held up to": sqlHeldUpTo, "made": sqlMade,
	"forget subscription": sqlForgetSubscription, "purge minutes": sqlPurgeMinutes, "minutes of sub": sqlMinutesOfSub,
	"minutes of org": sqlMinutesOfOrg, "counts": sqlCounts, "inactive": sqlInactive,
	"current": sqlCurrent, "subs": sqlSubs, "digest": sqlDigest, "event by id": sqlEventByID, "open lanes": sqlOpenLanes, "close lane": sqlCloseLane, "close lanes": sqlCloseLanes,
	"health": sqlHealth, "attempts": sqlAttempts, "add event": sqlAddEvent, "deliver": sqlDeliver, "replay": sqlReplay,
	"retry now": sqlRetryNow, "cancel now": sqlCancelNow, "end leased": sqlEndLeased, "lapsed ending": sqlLapsedEnding, "end lapsed": sqlEndLapsed,
	"deliveries by org": sqlDeliveries + (&filter{index: `INDEXED BY kirimhooks_by_org`, conditions: []string{"d.org = ?", sqlShownState + " = ?"}}).clauses(),
	"deliveries by sub": sqlDeliveries + (&filter{index: `INDEXED BY kirimhooks_by_sub`, conditions: []string{"d.org = ?", "d.sub = ?"}}).clauses(),
	"deliveries by id":  sqlDeliveries + (&filter{index: `INDEXED BY kirimhooks_by_org`, conditions: []string{"d.org = ?", "d.delivery IN (?, ?)"}}).clauses(),
	"replayable":        sqlReplayable + newestOf(`INDEXED BY kirimhooks_by_org`, "d.org = ?", "d.place = 0", sqlGone+" = 0").clauses(),
	"retries":           sqlNumber + (&filter{index: `INDEXED BY kirimhooks_retries`, conditions: []string{"d.org = ?", "d.place = 2", sqlGone + " = 0"}}).clauses(),
}

// newestOf is the filter of a replay.
func newestOf(index string, conditions ...string) *filter {
	f := &filter{index: index, conditions: conditions}
	(&Store{}).addNewest(f, &driver.DeliveryQuery{States: []driver.State{driver.StateDead, driver.StateCancelled}})
	f.addUnrepeated()
	return f
}

// Number is the key of a delivery.
func (s *Store) Number(id string) int64 {
	number, _ := s.decodeID(id)
	return number
}
