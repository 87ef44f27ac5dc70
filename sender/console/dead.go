package console

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/sender"
)

// dead lists the dead letters, to be selected.
func (v *visit) dead() (answer, error) {
	f := filterOf(v.r.URL.Query())
	f.State = ""
	page := logsPage{Filter: f, First: v.query("after") == "", Dead: true}
	q := deadOnes(f, time.Now())
	q.After = v.query("after")
	var err error
	if page.Rows, page.Older, err = v.page(q, f); err != nil {
		return answer{}, err
	}
	if page.Choices, err = v.choices(); err != nil {
		return answer{}, err
	}
	return answer{template: "dead", section: "dead", title: v.language.Say("dead"), data: page}, nil
}

func deadOnes(f filter, now time.Time) sender.DeliveryQuery {
	q := f.query(now)
	q.States = []sender.State{sender.StateDead}
	return q
}

// selection is what became of deliveries that a person ticked.
type selection struct {
	Replayed []sender.Replayed
	LeftOut  []leftOut
}

// leftOut is one that was not sent again.
type leftOut struct{ ID, Why string }

// replaySelected replays what is ticked, one by one: each was meant by whoever ticked it.
func (v *visit) replaySelected() (answer, error) {
	ids := v.r.PostForm["id"]
	if len(ids) > pageSize {
		return answer{}, dashboard.ErrForm
	}
	var page selection
	for _, id := range ids {
		fresh, err := v.org.Replay(v.ctx(), id)
		switch {
		case err == nil:
			page.Replayed = append(page.Replayed, sender.Replayed{Old: id, New: fresh})
		case errors.Is(err, sender.ErrConflict), errors.Is(err, sender.ErrNotFound):
			page.LeftOut = append(page.LeftOut, leftOut{id, err.Error()})
		default:
			return answer{}, err
		}
	}
	return answer{
		status: http.StatusOK, template: "selected", section: "dead", title: v.language.Say("replay.title"), data: page,
	}, nil
}

const (
	countedAtMost = 2000 // by a preview
	replayedAtOne = 500  // request
)

// preview says what a replay by filter would send.
type preview struct {
	Filter filter // fixed, so that what is replayed is what was counted
	Count  int
	More   bool // there are more than Count
	Sample []deliveryRow
}

// previewReplay counts what a replay of all that fits would send.
func (v *visit) previewReplay() (answer, error) {
	if !v.changes {
		return answer{}, dashboard.ErrReadOnly
	}
	now := time.Now()
	f := filterOf(v.r.URL.Query())
	f.State = ""
	if f.WrongSince || f.WrongUntil {
		return answer{}, dashboard.ErrForm // less than was meant is not everything
	}
	page := preview{Filter: f.fixed(now)}
	q := deadOnes(page.Filter, now)
	q.Limit = countedAtMost + 1
	const shown = 5
	for d, err := range v.org.Deliveries(v.ctx(), q) {
		if err != nil {
			return answer{}, err
		}
		if page.Count == countedAtMost {
			page.More = true
			break
		}
		if page.Count++; page.Count <= shown {
			page.Sample = append(page.Sample, deliveryRow{Delivery: d})
		}
	}
	if err := v.nameWebhooks(page.Sample); err != nil {
		return answer{}, err
	}
	return answer{template: "preview", section: "dead", title: v.language.Say("replay.all"), data: page}, nil
}

// progress is how far a replay by filter has come.
type progress struct {
	Filter filter
	Done   int
	Of     int    // as the preview counted
	After  string // the last one replayed
	Over   bool
}

// replayAll replays a part of what fits, and offers to go on. Between the parts only the form knows how far it came.
func (v *visit) replayAll() (answer, error) {
	sent := v.r.PostForm
	f := filterOf(sent)
	f.State = ""
	if f.WrongSince || f.WrongUntil || f.Until == "" {
		return answer{}, dashboard.ErrForm
	}
	page := progress{Filter: f, After: sent.Get("after")}
	page.Done, _ = strconv.Atoi(sent.Get("done"))
	page.Of, _ = strconv.Atoi(sent.Get("of"))
	q := deadOnes(f, time.Now())
	q.After, q.Limit = page.After, replayedAtOne
	n := 0
	for r, err := range v.org.ReplayAll(v.ctx(), q) {
		if err != nil {
			return answer{}, err
		}
		page.After = r.Old
		n++
	}
	page.Done += n
	page.Over = n < replayedAtOne
	return answer{
		status: http.StatusOK, template: "progress", section: "dead", title: v.language.Say("replay.all"), data: page,
	}, nil
}
