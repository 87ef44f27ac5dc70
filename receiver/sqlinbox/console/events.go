package console

import (
	"html/template"
	"net/url"
	"strconv"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/receiver/sqlinbox"
)

const pageSize = 50

// eventsPage lists the events of one state.
type eventsPage struct {
	State  string
	States []string
	Lane   string
	Rows   []sqlinbox.Entry
	Newest template.URL // query of the first page
	Older  template.URL // query of the next one; "" if there is none
	First  bool         // nothing is newer
	Dead   bool         // the page of dead letters, which chooses no state
	Do     []string     // what may be done to those that are ticked
}

// states are what a filter can choose. Dead letters have a page of their own.
var states = []sqlinbox.State{sqlinbox.Waiting, sqlinbox.Running, sqlinbox.Done, sqlinbox.Cancelled}

func stateNamed(name string) sqlinbox.State {
	for _, s := range states {
		if s.String() == name {
			return s
		}
	}
	return sqlinbox.Waiting
}

func (v *visit) events() (answer, error) { return v.list(stateNamed(v.query("state")), "events") }

// dead lists the dead letters, to be selected.
func (v *visit) dead() (answer, error) { return v.list(sqlinbox.Dead, "dead") }

func (v *visit) list(s sqlinbox.State, section string) (answer, error) {
	page := eventsPage{
		State: s.String(), Lane: v.query("lane"), First: v.query("before") == "", Dead: s == sqlinbox.Dead, Do: deedsFor(s),
	}
	for _, s := range states {
		page.States = append(page.States, s.String())
	}
	q := sqlinbox.Query{State: s, Lane: page.Lane, Limit: pageSize + 1}
	if !page.First {
		var err error
		if q.Before, err = strconv.ParseInt(v.query("before"), 10, 64); err != nil {
			return answer{}, dashboard.ErrForm
		}
	}
	var err error
	if page.Rows, err = v.inbox.List(v.ctx(), q); err != nil {
		return answer{}, err
	}
	asked := url.Values{}
	if !page.Dead {
		asked.Set("state", page.State)
	}
	if page.Lane != "" {
		asked.Set("lane", page.Lane)
	}
	page.Newest = dashboard.QueryOf(asked)
	if len(page.Rows) > pageSize {
		page.Rows = page.Rows[:pageSize]
		asked.Set("before", strconv.FormatInt(page.Rows[pageSize-1].ID, 10))
		page.Older = dashboard.QueryOf(asked)
	}
	return answer{template: "events", section: section, title: v.language.Say(section), data: page}, nil
}
