package meta_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/stretchr/testify/require"
)

var kinds = []envelope.Kind[*meta.Notification]{
	meta.Calls, meta.History, meta.SMBAppStateSync, meta.SMBMessageEchoes, meta.Standby, meta.MessagingHandovers,
	meta.UserPreferences, meta.UserIDUpdate,
	meta.GroupLifecycleUpdate, meta.GroupParticipantsUpdate, meta.GroupSettingsUpdate, meta.GroupStatusUpdate,
	meta.AccountUpdate, meta.AccountAlerts, meta.AccountReviewUpdate, meta.BusinessCapabilityUpdate,
	meta.MessageTemplateStatusUpdate, meta.MessageTemplateQualityUpdate, meta.MessageTemplateComponentsUpdate,
	meta.TemplateCategoryUpdate,
	meta.PhoneNumberNameUpdate, meta.PhoneNumberQualityUpdate, meta.Security,
}

// Every kind has a body whose event it is, and whose value it types.
func TestKinds(t *testing.T) {
	bodies := corpus(t)
	for _, k := range kinds {
		shown := 0
		for name, body := range bodies {
			if !strings.HasPrefix(name, "fields/"+k.Type()) {
				continue
			}
			shown++
			ev, err := meta.NewEvent(body)
			require.NoError(t, err)
			require.Equal(t, k.Type(), ev.Type, name)
			require.True(t, strings.HasPrefix(ev.ID, "body:"), name)
			require.Zero(t, ev.CreatedAt, name)
			n, err := k.Decode(body)
			require.NoError(t, err)
			changes := 0
			for entry, c := range n.Changes(k.Type()) {
				changes++
				require.Equal(t, "100000000000101", entry.ID)
				typed := !reflect.ValueOf(c.Value).IsZero() || c.Account != nil || c.Template != nil || c.PhoneNumber != nil ||
					c.Handover != nil
				require.True(t, typed, name)
			}
			require.Equal(t, 1, changes)
			for range n.Messages() {
				t.Fatal(name)
			}
			for range n.Statuses() {
				t.Fatal(name)
			}
		}
		require.NotZero(t, shown, "testdata/fields has no %s", k.Type())
	}
}

// The field decides before the shape, wherever it stands.
func TestTheFieldDecides(t *testing.T) {
	const message = `{"messages":[{"id":"wamid.A","timestamp":"17"}]}`
	const status = `{"statuses":[{"id":"wamid.A","status":"sent","timestamp":"17"}]}`
	for _, field := range []string{"history", "smb_message_echoes", "standby", "calls", "user_preferences",
		"account_update", "Messages", "messages ", "xmessages"} {
		for _, value := range []string{message, status} {
			for _, change := range []string{`{"field":"` + field + `","value":` + value + `}`,
				`{"value":` + value + `,"field":"` + field + `"}`} {
				s, n := agree(t, []byte(`{"entry":[{"changes":[`+change+`]}]}`))
				require.Equal(t, meta.Summary{Identity: hashed([]byte(`{"entry":[{"changes":[` + change + `]}]}`)), Field: field},
					s)
				for range n.Changes(field) {
					return
				}
				t.Fatal("the handler gets it")
			}
		}
	}
	// A relay that leaves the field out leaves the shape.
	s, _ := agree(t, []byte(`{"entry":[{"changes":[{"value":`+message+`}]}]}`))
	require.Equal(t, meta.Summary{"wamid.A", 1, 0, "", time.Unix(17, 0).UTC()}, s)
}

func TestMixedFields(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0).UTC() }
	for name, c := range map[string]struct {
		typ                string
		messages, statuses int
		created            time.Time
		fields             []string
	}{
		"calls_then_messages": {"message.received", 1, 0, at(1782950400), []string{"calls", "messages"}},
		"history_then_status": {"message.status", 0, 1, at(1782950401), []string{"history", "messages"}},
		"history_then_calls":  {"history", 0, 0, time.Time{}, []string{"history", "calls"}},
		"errors_then_calls":   {"messages", 0, 0, time.Time{}, []string{"messages", "calls"}},
	} {
		t.Run(name, func(t *testing.T) {
			body := read(t, "testdata/fields/mixed_"+name+".json")
			s, n := agree(t, body)
			require.True(t, strings.HasPrefix(s.Identity, "body:"))
			require.Equal(t, meta.Summary{s.Identity, c.messages, c.statuses, c.fields[0], c.created}, s)
			ev, err := meta.NewEvent(body)
			require.NoError(t, err)
			require.Equal(t, c.typ, ev.Type)
			for _, field := range c.fields {
				parts := 0
				for _, change := range n.Changes(field) {
					parts++
					require.NotZero(t, change.Value, "every part is there")
				}
				require.Equal(t, 1, parts)
			}
		})
	}
}

func TestStandbyAndHandovers(t *testing.T) {
	n, err := meta.Standby.Decode(read(t, "testdata/fields/standby_message.json"))
	require.NoError(t, err)
	v := n.Entry[0].Changes[0].Value.Standby
	require.Equal(t, "Halo", v.Messages[0].PlainText())
	require.Equal(t, "Ayu Contoh", n.Contact(&v.Messages[0]).Name())

	n, err = meta.MessagingHandovers.Decode(read(t, "testdata/fields/messaging_handovers_passed.json"))
	require.NoError(t, err)
	h := n.Entry[0].Changes[0].Handover
	require.Equal(t, "control_passed", h.Type)
	require.Equal(t, []string{"ai_agent", "escalation"},
		[]string{h.ControlPassed.PreviousOwnerRole, h.ControlPassed.NewOwnerRole})
	require.Nil(t, h.ControlTaken)
	require.Equal(t, "100000000000201", h.Recipient.PhoneNumberID)

	n, err = meta.Parse([]byte(`{"entry":[{"changes":[{"field":"messaging_handovers","value":[]},{"field":"account_update"}]}]}`))
	require.NoError(t, err)
	require.Equal(t, meta.Handover{}, *n.Entry[0].Changes[0].Handover, "never nil where the body has a value")
	require.NoError(t, n.Entry[0].Changes[0].Err)
	require.Equal(t, meta.Account{}, *n.Entry[0].Changes[1].Account, "nor where it has none")
}

// A payment that failed is no message that failed.
func TestPaymentsAreApart(t *testing.T) {
	for status, body := range map[string][]byte{
		"failed":   read(t, "testdata/fields/messages_status_payment_failed.json"),
		"captured": read(t, "testdata/fields/messages_status_payment_captured.json"),
	} {
		s, n := agree(t, body)
		require.Equal(t, "wamid.HBgN05:"+status+":1782950402", s.Identity)
		require.Equal(t, "message.status", s.Type())
		for _, st := range n.Statuses() {
			require.Equal(t, []string{"payment", "", status}, []string{st.Type, st.Status, st.Outcome})
			require.Equal(t, "order-7", st.Payment.ReferenceID)
			require.Equal(t, meta.Amount{Value: 21000, Offset: 100}, *st.Payment.Amount)
			require.Equal(t, meta.TransactionError{Code: "E1", Reason: "declined"}, *st.Payment.Transaction.Error)
			for _, known := range []string{"", "sent", "delivered"} {
				next, stale := meta.Advance(known, st.Status)
				require.True(t, stale)
				require.Equal(t, known, next)
			}
		}
	}
	for typ, want := range map[string][2]string{"": {"failed", ""}, "message": {"failed", ""}, "call": {"failed", ""},
		"refund": {"", "failed"}} {
		_, n := agree(t, status(`"id":"a","status":"failed","timestamp":"1","type":"`+typ+`"`))
		for _, st := range n.Statuses() {
			require.Equal(t, want, [2]string{st.Status, st.Outcome}, typ)
		}
	}
}
