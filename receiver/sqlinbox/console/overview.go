package console

import "github.com/kirimhooks/kirimhooks/receiver/sqlinbox"

// overviewPage is how the inbox does.
type overviewPage struct {
	sqlinbox.Counts
	Lanes   []sqlinbox.Blocked // some of them
	Blocked int
	More    bool             // there are more blocked lanes than Blocked
	Newest  []sqlinbox.Entry // dead letters
}

const (
	shownLanes = 5
	shownDead  = 5
)

func (v *visit) overview() (answer, error) {
	var page overviewPage
	var err error
	if page.Counts, err = v.inbox.Counts(v.ctx()); err != nil {
		return answer{}, err
	}
	if page.Lanes, page.More, err = v.lanes(); err != nil {
		return answer{}, err
	}
	page.Blocked = len(page.Lanes)
	page.Lanes = page.Lanes[:min(page.Blocked, shownLanes)]
	page.Newest, err = v.inbox.List(v.ctx(), sqlinbox.Query{State: sqlinbox.Dead, Limit: shownDead})
	if err != nil {
		return answer{}, err
	}
	return answer{template: "overview", section: "overview", title: v.language.Say("overview"), data: page}, nil
}

// lanes returns a page of those that are blocked.
func (v *visit) lanes() (lanes []sqlinbox.Blocked, more bool, err error) {
	lanes, err = v.inbox.Blocked(v.ctx(), pageSize+1)
	if more = len(lanes) > pageSize; more {
		lanes = lanes[:pageSize]
	}
	return lanes, more, err
}

// blockedPage lists lanes whose first event has failed.
type blockedPage struct {
	Lanes []sqlinbox.Blocked
	More  bool // than there is room for
	Do    []string
}

func (v *visit) blocked() (answer, error) {
	page := blockedPage{Do: deedsFor(sqlinbox.Waiting)}
	var err error
	if page.Lanes, page.More, err = v.lanes(); err != nil {
		return answer{}, err
	}
	return answer{template: "blocked", section: "blocked", title: v.language.Say("blocked"), data: page}, nil
}
