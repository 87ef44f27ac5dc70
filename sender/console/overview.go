package console

import (
	"errors"
	"time"

	"github.com/kirimhooks/kirimhooks/sender"
)

// overviewPage is how an organisation's webhooks do.
type overviewPage struct {
	Span      string
	Spans     []string
	Counted   bool // the store counts
	Counts    sender.Counts
	Attempts  drawing
	Latency   drawing
	Slow      []percentile
	Step      time.Duration // of one column
	From, To  string
	Troubled  []webhookRow // disabled or failing
	Webhooks  int
	Untested  int
	MoreTrail bool // there are more webhooks than were looked at
}

// percentile is the latency that a share of the attempts stayed within.
type percentile struct {
	Name  string
	Value string
}

// span is what a chart can show, and its columns.
type span struct {
	name    string
	back    time.Duration
	columns int
}

var chartSpans = []span{{"1h", time.Hour, 60}, {"6h", 6 * time.Hour, 72}, {"24h", day, 96}}

func spanNamed(name string) span {
	for _, s := range chartSpans {
		if s.name == name {
			return s
		}
	}
	return chartSpans[0]
}

func (v *visit) overview() (answer, error) {
	chosen, now := spanNamed(v.query("span")), time.Now()
	page := overviewPage{Span: chosen.name, Step: chosen.back / time.Duration(chosen.columns)}
	for _, s := range chartSpans {
		page.Spans = append(page.Spans, s.name)
	}
	var err error
	page.Counts, err = v.org.Counts(v.ctx())
	if page.Counted = err == nil; err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return answer{}, err
	}
	minutes, err := v.org.Minutes(v.ctx(), "", chosen.back)
	if err != nil {
		return answer{}, err
	}
	list := columns(minutes, now, chosen.back, chosen.columns)
	page.Attempts, page.Latency = draw(list, 7, 120), drawLatency(list, 7, 72)
	page.From, page.To = list[0].At.Format("15:04"), now.UTC().Format("15:04")
	page.Slow = percentiles(v.language, list)
	if err := v.troubled(&page); err != nil {
		return answer{}, err
	}
	return answer{template: "overview", section: "overview", title: v.language.Say("overview"), data: page}, nil
}

// maxLookedAt bounds the webhooks whose minutes one page asks for.
const maxLookedAt = 100

// troubled finds the subscriptions that somebody should look at.
func (v *visit) troubled(page *overviewPage) error {
	for sub, err := range v.org.Subscriptions(v.ctx(), sender.SubscriptionQuery{Limit: maxLookedAt + 1}) {
		if err != nil {
			return err
		}
		if page.Webhooks == maxLookedAt {
			page.MoreTrail = true
			break
		}
		page.Webhooks++
		switch sub.Status {
		case sender.StatusPendingTest:
			page.Untested++
			continue
		case sender.StatusPaused:
			continue
		}
		minutes, err := v.org.Minutes(v.ctx(), sub.ID, time.Hour)
		if err != nil {
			return err
		}
		if sub.Status == sender.StatusActive && !failing(minutes) {
			continue
		}
		row, err := v.webhookRow(sub)
		if err != nil {
			return err
		}
		page.Troubled = append(page.Troubled, row)
	}
	return nil
}
