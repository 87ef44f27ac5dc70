package sqlinbox_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/verdicttest"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox/inboxtest"
)

// faults are each found by the case that is named.
var faults = []struct {
	failing, name           string
	statement, old, spoiled string
}{
	{"EventComesBackWhole", "a byte is lost", "take", "head, body", "head, substr(body, 2)"},
	{"DuplicatesAreStoredOnce", "the insert ignores duplicates", "store", "@key", "null"},
	{"DuplicateOfADoneEvent", "done events are forgotten", "end", "token = null", "token = null, event_key = null"},
	{"KeysAreBytes", "keys in any case", "store", "@key", "lower(@key)"},
	{"FullInboxRefuses", "what waits is not counted", "waiting", "0, 1, 2", "1"},
	{"OneLaneOneAtATime", "the claim ignores the lane", "behind", "set stage = 1", "set stage = 2"},
	{"LanesRunSideBySide", "one at a time", "take", "due <= {now}",
		"due <= {now} and not exists (select 1 from {t} where token is not null and stage = 2)"},
	{"LanesTakeTurns", "the oldest first", "take", "order by due, seq", "order by seq"},
	{"WorkersAreBounded", "more are taken than may run", "take", "limit @limit", "limit @limit + 1"},
	{"EqualArrivalGoesByTheEventsTime", "its time is not looked at", "arrived", "a.created", "0"},
	{"FailingHeadHoldsItsLane", "a failure hands the lane on", "retry", "token = null", "token = null, stage = 3"},
	{"LongBacklogIsInOrder", "the last is first", "ended", "order by n.place", "order by n.place desc"},
	{"SkipAfterEndsTheWait", "waits are an hour", "retry", "{now} + @wait", "{now} + @wait + 3600000000"},
	{"RetriesByTheSchedule", "failures are not counted", "retry", "failures + 1", "failures"},
	{"PermanentIsDeadAtOnce", "nothing dies", "dead", "stage = @stage", "stage = 2 + 0 * @stage"},
	{"RetryAfterIsHeeded", "no wait", "retry", "{now} + @wait", "{now} + 0 * @wait"},
	{"UnreadableIsDeadAlone", "a dead one keeps its lane", "dead", "stage = @stage", "stage = 7 + 0 * @stage"},
	{"RetryNowMakesDue", "nothing becomes due", "retry now", "due = {now}", "due = due"},
	{"ReplayRunsAgain", "failures of before count", "replay", "failures = 0", "failures = failures"},
	{"ReplayStandsLastInItsLane", "a replay jumps the lane", "replay", "stage = @stage", "stage = 2 + 0 * @stage"},
	{"CancelLetsTheLaneGoOn", "the lane is lost", "cancel", "stage = @stage", "stage = 8 + 0 * @stage"},
	{"ListPages", "pages overlap", "list", "seq < @before", "seq <= @before"},
	{"BlockedLanesAreListed", "every lane is", "blocked", "lane <> ''", "1 = 1"},
	{"LeaseIsRenewed", "a renewal that does nothing", "renew", "{now} + @lease", "due + 0 * @lease"},
	{"VanishedProcessIsReplaced", "leases never end", "take", "where stage = 2", "where token is null and stage = 2"},
	{"LateEffectIsFencedOut", "the fence ignores the token", "end", " and token = @token", ""},
	{"LateFailureIsFencedOut", "the fence ignores the token", "dead", " and token = @token", ""},
	{"CrashLoopEnds", "lapses are not counted", "take", "lapses = lapses + ", "lapses = 0 * "},
	{"ShutdownReleasesWhatIsCutOff", "a shutdown is a failure", "release",
		"token = null", "token = null, failures = failures + 1"},
	{"ClockIsSetBack", "waits are believed", "stranded", "stage = 2", "stage = 9"},
	{"OldEventsAreForgotten", "nothing is", "delete", "stage + 0 >= 6", "stage >= 9"},
}

func TestEveryFaultIsFound(t *testing.T) {
	cases := map[string]func(inboxtest.T, inboxtest.Subject){}
	for name, run := range inboxtest.Cases() {
		cases[name] = run
	}
	for _, f := range faults {
		t.Run(f.failing+"/"+f.name, func(t *testing.T) {
			t.Parallel()
			require.NotNil(t, cases[f.failing], "no such case")
			judgement := judge(cases[f.failing], subject(t, func(b *sqlinbox.Inbox) {
				sqlinbox.Spoil(b, f.statement, f.old, f.spoiled)
			}))
			require.True(t, judgement.Failed())
		})
	}
}

type config = sqlinbox.Config

// subject is a SQLite file whose inboxes are spoiled.
func subject(t *testing.T, spoil func(*sqlinbox.Inbox)) inboxtest.Subject {
	s := sqliteSource(t)
	return inboxtest.Subject{
		DB: s.open(t), Flavor: s.flavor, Patience: 2 * time.Second,
		New: func(db *sql.DB, f sqlinbox.Flavor, next receiver.EventHandler, cfg config) (*sqlinbox.Inbox, error) {
			b, err := sqlinbox.New(db, f, next, cfg)
			if err == nil {
				spoil(b)
			}
			return b, err
		},
	}
}

// An inbox whose transaction does not end with the run, but with the effect.
func TestEarlyCommitIsFound(t *testing.T) {
	s := subject(t, func(*sqlinbox.Inbox) {})
	s.New = func(db *sql.DB, f sqlinbox.Flavor, next receiver.EventHandler, cfg config) (*sqlinbox.Inbox, error) {
		return sqlinbox.New(db, f, receiver.HandlerFunc(func(ctx context.Context, ev *receiver.Event) error {
			defer func() { sqlinbox.Tx(ctx).Commit() }()
			return next.HandleEvent(ctx, ev)
		}), cfg)
	}
	for name, run := range inboxtest.Cases() {
		if name == "EffectAndMarkAreOne" {
			require.True(t, judge(run, s).Failed())
		}
	}
}

func judge(run func(inboxtest.T, inboxtest.Subject), s inboxtest.Subject) *verdicttest.T {
	return verdicttest.Judge(context.Background(), func(t *verdicttest.T) { run(t, s) })
}
