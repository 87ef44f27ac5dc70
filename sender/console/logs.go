package console

import (
	"html/template"
	"time"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/sender"
)

const pageSize = 50

// logsPage is a page of the log of deliveries.
type logsPage struct {
	Filter  filter
	Choices choices
	Rows    []deliveryRow
	Older   template.URL // query of the next page; "" if there is none
	First   bool         // nothing is newer
	Dead    bool         // the page of dead letters, which chooses no state
}

// deliveryRow is one line of a list.
type deliveryRow struct {
	sender.Delivery
	Webhook webhookName
}

func (v *visit) logs() (answer, error) {
	f := filterOf(v.r.URL.Query())
	page := logsPage{Filter: f, First: v.query("after") == ""}
	q := f.query(time.Now())
	q.After = v.query("after")
	var err error
	if page.Rows, page.Older, err = v.page(q, f); err != nil {
		return answer{}, err
	}
	if page.Choices, err = v.choices(); err != nil {
		return answer{}, err
	}
	return answer{template: "logs", section: "logs", title: v.language.Say("logs"), data: page}, nil
}

// page reads one page of deliveries, and the query of the one after it.
func (v *visit) page(q sender.DeliveryQuery, f filter) (rows []deliveryRow, older template.URL, err error) {
	q.Limit = pageSize + 1
	for d, err := range v.org.Deliveries(v.ctx(), q) {
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, deliveryRow{Delivery: d})
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		next := f.values()
		next.Set("after", rows[pageSize-1].ID)
		older = dashboard.QueryOf(next)
	}
	return rows, older, v.nameWebhooks(rows)
}

// nameWebhooks fills in what people call the subscriptions of rows.
func (v *visit) nameWebhooks(rows []deliveryRow) error {
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.SubscriptionID)
	}
	names, err := v.webhookNames(ids)
	for i := range rows {
		rows[i].Webhook = names[rows[i].SubscriptionID]
	}
	return err
}
