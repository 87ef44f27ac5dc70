package console

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
	"github.com/kirimhooks/kirimhooks/sender"
)

// testPage lets people send a sample to a subscription and read the answer.
type testPage struct {
	Webhooks []webhookName
	Webhook  string
	Label    string
	Status   sender.Status
	Types    []string
	Type     string
	Channels []string // of its devices; none where it has none
	Channel  string
	Preview  *dashboard.Body // nil if there is no sample
	Wrong    string
	Result   *testResult
}

// testResult is what came of a test.
type testResult struct {
	sender.Delivery
	Attempts []sender.Attempt
}

// test shows the sample that a test would send, and what came of the last one.
func (v *visit) test() (answer, error) { return v.testPage(v.r.URL.Query(), nil) }

func (v *visit) testPage(q url.Values, refused error) (answer, error) {
	all, err := v.choices()
	if err != nil {
		return answer{}, err
	}
	page := testPage{Webhooks: all.Webhooks, Webhook: q.Get("webhook"), Type: q.Get("type"), Channel: q.Get("channel")}
	if page.Webhook == "" && len(all.Webhooks) > 0 {
		page.Webhook = all.Webhooks[0].ID
	}
	a := answer{template: "test", section: "test", title: v.language.Say("test")}
	if page.Webhook != "" {
		if err := v.fillTest(&page); err != nil {
			return answer{}, err
		}
	}
	if refused != nil {
		a.status, page.Wrong = http.StatusUnprocessableEntity, refused.Error()
	}
	if id := q.Get("delivery"); id != "" {
		if page.Result, err = v.testResult(id); err != nil {
			return answer{}, err
		}
	}
	a.data = page
	return a, nil
}

// fillTest finds out what can be sent to the chosen subscription, and makes a sample of it.
func (v *visit) fillTest(page *testPage) error {
	sub, err := v.org.Subscription(v.ctx(), page.Webhook)
	if err != nil {
		return err
	}
	page.Label, page.Status = nameOf(&sub).Name, sub.Status
	c := v.contract(sub.Contract)
	if c == nil || c.Sample == nil {
		page.Wrong = v.language.Say("test.none")
		return nil
	}
	var device sender.Device
	if c.Endpoint.Devices {
		for _, d := range sub.Devices {
			if !slices.Contains(page.Channels, d.Channel) {
				page.Channels = append(page.Channels, d.Channel)
			}
		}
		i := slices.IndexFunc(sub.Devices, func(d sender.Device) bool { return d.Channel == page.Channel })
		if i = max(i, 0); i < len(sub.Devices) {
			device = sub.Devices[i]
		}
		page.Channel = device.Channel
	}
	page.Types = testable(c, &sub, device.Channel)
	if !slices.Contains(page.Types, page.Type) && len(page.Types) > 0 {
		page.Type = page.Types[0]
	}
	ev, err := c.Sample(cmp.Or(c.Endpoint.Aliases[page.Type], page.Type), device)
	if err != nil {
		page.Wrong = err.Error()
		return nil
	}
	preview := dashboard.BodyOf(ev.Body)
	page.Preview = &preview
	return nil
}

// testable lists the types that a subscription wants and a channel has, patterns filled in as far as the contract lists
// its types.
func testable(c *sender.Contract, sub *sender.Subscription, channel string) (list []string) {
	add := func(t string) {
		real := cmp.Or(c.Endpoint.Aliases[t], t)
		if !slices.Contains(list, t) && (c.Events == nil || slices.Contains(c.Events[channel], real)) {
			list = append(list, t)
		}
	}
	for _, wanted := range sub.Events {
		prefix, pattern := strings.CutSuffix(wanted, "*")
		if !pattern || len(c.Types) == 0 {
			add(wanted)
			continue
		}
		for _, t := range c.Types {
			if strings.HasPrefix(t, prefix) {
				add(t)
			}
		}
	}
	return list
}

func (v *visit) testResult(id string) (*testResult, error) {
	d, err := v.org.Delivery(v.ctx(), id)
	if err != nil {
		return nil, err
	}
	attempts, err := v.org.Attempts(v.ctx(), id)
	return &testResult{d, attempts}, err
}

// sendTest sends a sample, and leads to what came of it.
func (v *visit) sendTest() (answer, error) {
	sent := v.r.PostForm
	id := sent.Get("webhook")
	result, err := v.org.Test(v.ctx(), id, sender.TestRequest{Type: sent.Get("type"), Channel: sent.Get("channel")})
	if errors.Is(err, sender.ErrInvalid) {
		return v.testPage(sent, err)
	}
	if err != nil {
		return answer{}, err
	}
	back := url.Values{
		"webhook": {id}, "type": {sent.Get("type")}, "channel": {sent.Get("channel")}, "delivery": {result.DeliveryID},
	}
	return seeOther("test?" + back.Encode() + "#result"), nil
}
