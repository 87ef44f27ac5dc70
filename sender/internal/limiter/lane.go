package limiter

import "time"

// lane is what is known of one endpoint and its deliveries.
type lane[T Item] struct {
	standing standing
	since    time.Time // when it last got a slot without being healthy, or last failed
	inFlight int
	limit    int  // of inFlight
	backlog  bool // there may be more to come: the last claim took all that it was allowed
	parked   []T  // claimed beyond the limit by two claims at once
	bucket   bucket
}

// standing is what is known of an endpoint.
type standing int

const (
	unproven standing = iota // it has not answered yet
	healthy                  // it answered last time
	failing                  // it gave no answer last time
)

const (
	maxIdle       = 4000      // idle lanes that are remembered; one that is forgotten is unproven again
	maxSilenced   = 4000      // the same for idle lanes that are failing
	rememberFault = time.Hour // how long an idle lane counts as failing
)

// spare is what a lane may get besides what it has, if no rule over all lanes forbids it.
func (l *lane[T]) spare(share int, now time.Time) int {
	return max(0, min(min(l.limit, share)-l.inFlight-len(l.parked), l.bucket.available(now)))
}

// silent reports that the endpoint gave no answer last time, or keeps its first request waiting for too long.
func (l *lane[T]) silent(now time.Time) bool {
	return l.standing == failing || l.standing == unproven && l.inFlight > 0 && now.Sub(l.since) >= silentAfter
}

// retire stops watching a lane that has nothing in flight, nothing to come and nothing to remember. A bucket that is
// not full is remembered, and for an hour an endpoint that failed, however many others come and go.
func (l *Limiter[T]) retire(id string, of *lane[T]) {
	now := time.Now()
	if of.inFlight > 0 || !of.bucket.full(now) {
		return
	}
	if !of.backlog {
		of.limit = min(of.limit, idleLimit)
	}
	if of.standing == failing && now.Sub(of.since) < rememberFault {
		l.silenced[id] = struct{}{}
		l.forgetOne(l.silenced, maxSilenced)
		return
	}
	if of.standing == failing {
		of.standing = unproven
		delete(l.silenced, id)
	}
	if of.backlog {
		return
	}
	delete(l.watched, id)
	l.idle[id] = struct{}{}
	l.forgetOne(l.idle, maxIdle)
}

// forgetOne forgets one of the given lanes if there are more than most.
func (l *Limiter[T]) forgetOne(ids map[string]struct{}, most int) {
	if len(ids) <= most {
		return
	}
	for id := range ids {
		delete(ids, id)
		delete(l.lanes, id)
		delete(l.watched, id)
		return
	}
}
