package trackertest_test

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/kirimhooks/kirimhooks/receiver/tracker"
)

type fault struct {
	failing string // the case that must find it
	name    string
	plant   func(f *flawed)
}

// misread spoils every row that is read.
func misread(spoil func(f *flawed, row *tracker.Message)) func(f *flawed) {
	return func(f *flawed) {
		f.get = func(ctx context.Context, id string) ([]tracker.Message, error) {
			rows, err := f.Memory.Get(ctx, id)
			for i := range rows {
				spoil(f, &rows[i])
			}
			return rows, err
		}
	}
}

// miswrite spoils every status that is written.
func miswrite(spoil func(f *flawed, s *tracker.Status)) func(f *flawed) {
	return func(f *flawed) {
		f.record = func(ctx context.Context, statuses []tracker.Status) error {
			spoiled := append([]tracker.Status(nil), statuses...)
			for i := range spoiled {
				spoil(f, &spoiled[i])
			}
			return f.Memory.Record(ctx, spoiled...)
		}
	}
}

func every(tracker.Status) bool { return true }

func of(step tracker.Step) func(tracker.Status) bool {
	return func(s tracker.Status) bool { return s.Step == step }
}

// collated keeps ids as a database does that compares them without regard to case.
func collated(f *flawed) {
	miswrite(func(_ *flawed, s *tracker.Status) { s.ID = strings.ToLower(s.ID) })(f)
	f.get = func(ctx context.Context, id string) ([]tracker.Message, error) {
		return f.Memory.Get(ctx, strings.ToLower(id))
	}
}

// overwriting loses what comes while another writer is at work.
func overwriting(f *flawed) {
	var writers atomic.Int32
	f.record = func(ctx context.Context, statuses []tracker.Status) error {
		defer writers.Add(-1)
		if writers.Add(1) > 1 {
			return nil
		}
		time.Sleep(time.Millisecond) // of the bubble: the others come meanwhile
		return f.Memory.Record(ctx, statuses...)
	}
}

// halting stops at the first status of no use, with those before it written.
func halting(f *flawed) {
	f.record = func(ctx context.Context, statuses []tracker.Status) error {
		for _, s := range statuses {
			if err := f.Memory.Record(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}

var faults = []fault{
	{"OneRowOfAllSteps", "forgets when it was played", misread(func(_ *flawed, row *tracker.Message) {
		row.PlayedAt = time.Time{}
	})},
	{"LateStatusesDoNotTurnBack", "shows the last to come", misread(func(f *flawed, row *tracker.Message) {
		row.Step = f.newest(row.Key, every).Step
	})},
	{"RepeatedStatusesChangeNothing", "takes the time of the last to come", misread(func(f *flawed, row *tracker.Message) {
		row.DeliveredAt = f.newest(row.Key, of(tracker.Delivered)).At
		row.Since = row.DeliveredAt
	})},
	{"FailedIsFinal", "a later receipt undoes it", misread(func(_ *flawed, row *tracker.Message) {
		if !row.DeliveredAt.IsZero() {
			row.Step, row.Since = tracker.Delivered, row.DeliveredAt
		}
	})},
	{"FailedAfterArrivalChangesNothing", "always failed", misread(func(_ *flawed, row *tracker.Message) {
		if !row.FailedAt.IsZero() {
			row.Step, row.Since = tracker.Failed, row.FailedAt
		}
	})},
	{"FirstFailureIsTold", "tells the last to come", misread(func(f *flawed, row *tracker.Message) {
		s := f.newest(row.Key, of(tracker.Failed))
		row.Code, row.Reason = s.Code, s.Reason
	})},
	{"AnyOrderGivesTheSameRow", "tells the recipient of the last to come", misread(func(f *flawed, row *tracker.Message) {
		row.Recipient = f.newest(row.Key, every).Recipient
	})},
	{"WritersAtOnceLoseNothing", "reads, waits and writes", overwriting},
	{"KeysAreApart", "knows no participants", miswrite(func(_ *flawed, s *tracker.Status) { s.Participant = "" })},
	{"KeysAreApart", "knows no lines", miswrite(func(_ *flawed, s *tracker.Status) { s.Line = "" })},
	{"KeysAreBytes", "compares without regard to case", collated},
	{"WhatComesLaterFillsIn", "keeps what came first", miswrite(func(f *flawed, s *tracker.Status) {
		if rows, err := f.Memory.Get(context.Background(), s.ID); err == nil && len(rows) > 0 {
			s.KirimID = ""
		}
	})},
	{"TextsComeBack", "shortens a reason", misread(func(_ *flawed, row *tracker.Message) {
		row.Reason = row.Reason[:min(len(row.Reason), 255)]
	})},
	{"TimesComeBack", "keeps seconds", misread(func(_ *flawed, row *tracker.Message) {
		row.SentAt, row.Since = row.SentAt.Truncate(time.Second), row.Since.Truncate(time.Second)
	})},
	{"OneCallRecordsAll", "records the first", func(f *flawed) {
		f.record = func(ctx context.Context, statuses []tracker.Status) error {
			return f.Memory.Record(ctx, statuses[:min(len(statuses), 1)]...)
		}
	}},
	{"UselessStatusesAreRefused", "records those before it", halting},
	{"GetFindsByEitherID", "finds by one id", func(f *flawed) {
		f.get = func(ctx context.Context, id string) ([]tracker.Message, error) {
			rows, err := f.Memory.Get(ctx, id)
			if len(rows) > 0 && rows[0].ID != id {
				return nil, err
			}
			return rows, err
		}
	}},
	{"ListByStep", "lists what has left the step", func(f *flawed) {
		f.list = func(ctx context.Context, q tracker.Query) ([]tracker.Message, error) {
			rows, err := f.Memory.List(ctx, q)
			if q.Step != tracker.Sent || err != nil {
				return rows, err
			}
			q.Step = tracker.Delivered
			more, err := f.Memory.List(ctx, q)
			return append(rows, more...), err
		}
	}},
	{"ListBefore", "counts the moment itself", func(f *flawed) {
		f.list = func(ctx context.Context, q tracker.Query) ([]tracker.Message, error) {
			if !q.Before.IsZero() {
				q.Before = q.Before.Add(time.Microsecond)
			}
			return f.Memory.List(ctx, q)
		}
	}},
	{"ListPages", "begins again", func(f *flawed) {
		f.list = func(ctx context.Context, q tracker.Query) ([]tracker.Message, error) {
			q.After = tracker.Message{}
			return f.Memory.List(ctx, q)
		}
	}},
	{"ListRefuses", "finds nothing instead", func(f *flawed) {
		f.list = func(ctx context.Context, q tracker.Query) ([]tracker.Message, error) {
			if _, err := q.Normalize(); err != nil {
				return nil, nil
			}
			return f.Memory.List(ctx, q)
		}
	}},
	{"PurgeDeletesTheOld", "counts the moment itself", func(f *flawed) {
		f.purge = func(ctx context.Context, t time.Time) (int, error) {
			return f.Memory.Purge(ctx, t.Add(time.Microsecond))
		}
	}},
	{"EndedContextChangesNothing", "records all the same", func(f *flawed) {
		f.record = func(ctx context.Context, statuses []tracker.Status) error {
			if err := f.Memory.Record(context.WithoutCancel(ctx), statuses...); err != nil {
				return err
			}
			return context.Cause(ctx)
		}
	}},
}
