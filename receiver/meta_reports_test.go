package receiver_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/receiver"
)

// firstMessage and firstStatus are of a notification of one change.
func firstMessage(n *meta.Notification) *meta.Message {
	return &n.Entry[0].Changes[0].Value.Messages[0]
}
func firstStatus(n *meta.Notification) *meta.Status { return &n.Entry[0].Changes[0].Value.Statuses[0] }

// Bodies in the shape of those that people have reported mean the same whoever brings them: Meta itself, or Kirim.
func TestMetaReports(t *testing.T) {
	const received, status = "message.received", "message.status"
	tests := map[string]struct {
		typ, id string // "" for the hash of entry
		at      int64
		check   func(t *testing.T, n *meta.Notification)
	}{
		"batch-poisoned-by-one-field": {received, "", 1, func(t *testing.T, n *meta.Notification) {
			var texts []string
			for _, m := range n.Messages() {
				require.NoError(t, m.Err)
				texts = append(texts, m.ID+" "+m.PlainText())
			}
			require.Equal(t, []string{"wamid.OK= penting", "wamid.SY= "}, texts)
			require.Equal(t, "6281200000002", n.Entry[0].Changes[0].Value.Messages[1].System.NewWaID)
		}},
		"call-status-RINGING-field-calls": {"calls", "", 0, func(t *testing.T, n *meta.Notification) {
			for range n.Statuses() {
				t.Fatal("the status of a call is none of a message")
			}
			require.Equal(t, "wacid.CALL1 RINGING", firstStatus(n).ID+" "+firstStatus(n).Status)
		}},
		"contacts-vcard-origin-bsuid-only": {received, "wamid.TESTAAA=", 1760000000, func(
			t *testing.T, n *meta.Notification,
		) {
			require.Equal(t, []meta.ContactCard{{VCard: "BEGIN:VCARD\nFN:Ayu\nEND:VCARD", Origin: "other",
				Phones: []meta.CardPhone{{Phone: "+62 811", WaID: "62811", Type: "MOBILE"}}}}, firstMessage(n).Contacts)
			require.Equal(t, "ID.10000000000000000001", firstMessage(n).FromUserID)
			require.Empty(t, firstMessage(n).From)
		}},
		"conversation_context-on-value": {received, "wamid.CC=", 1760000000, func(t *testing.T, n *meta.Notification) {
			require.Equal(t, "x", firstMessage(n).PlainText())
			require.Equal(t, meta.ConversationContext{Type: "summary", Summary: &meta.ContextSummary{Text: "s"}},
				*n.Entry[0].Changes[0].Value.ConversationContext)
		}},
		"field-name-with-space": {"unknown", "", 0, func(t *testing.T, n *meta.Notification) {
			require.Equal(t, "my field", n.Entry[0].Changes[0].Field)
		}},
		"group-status-participant_user_id-only": {status, "wamid.TESTBBB=:read:1760000001:US.1", 1760000001, func(
			t *testing.T, n *meta.Notification,
		) {
			st := firstStatus(n)
			require.Equal(t, []string{"US.1", "US.1", "US.ENT.2"},
				[]string{st.Participant(), st.RecipientParticipantUserID, st.RecipientParticipantParentUserID})
		}},
		"group-status-pricing-inside-conversation": {status, "", 1760000001, func(t *testing.T, n *meta.Notification) {
			var participants []string
			for _, st := range n.Statuses() {
				participants = append(participants, st.Participant())
				require.Equal(t, meta.Pricing{Billable: true, PricingModel: "PMP", Category: "group_utility"},
					*st.Conversation.Pricing)
				require.Nil(t, st.Pricing)
			}
			require.Equal(t, []string{"62811", "62812"}, participants)
		}},
		"history-media-in-messages-array": {"history", "", 0, func(t *testing.T, n *meta.Notification) {
			for range n.Messages() {
				t.Fatal("an old photo is no message of now")
			}
			require.Equal(t, "foto lama", firstMessage(n).PlainText())
		}},
		"interactive-type-without-object-plus-value-errors": {received, "wamid.I=", 1760000000, func(
			t *testing.T, n *meta.Notification,
		) {
			m := firstMessage(n)
			require.Equal(t, "interactive", m.Type)
			require.Nil(t, m.Interactive)
			require.Empty(t, m.PlainText())
			require.Equal(t, "wamid.Q=", m.Context.ID)
			require.Equal(t, []meta.Error{{Code: 131000, Title: "t", Message: "t", ErrorData: &meta.ErrorData{Details: "d"}}},
				n.Entry[0].Changes[0].Value.Errors)
		}},
		"location-latitude-as-string": {received, "wamid.TESTAAA=", 1760000000, func(t *testing.T, n *meta.Notification) {
			require.Equal(t, meta.Location{Latitude: -6.2000001, Longitude: 106.816666}, *firstMessage(n).Location)
		}},
		"order-catalog_id-number": {received, "wamid.TESTAAA=", 1760000000, func(t *testing.T, n *meta.Notification) {
			require.Equal(t, meta.Order{CatalogID: "194836987003835", ProductItems: []meta.ProductItem{
				{ProductRetailerID: "SKU-1", Quantity: 1, ItemPrice: "30", Currency: "USD"}}}, *firstMessage(n).Order)
		}},
		"status-bsuid-parent_recipient_user_id": {status, "wamid.B=:delivered:1760000001", 1760000001, func(
			t *testing.T, n *meta.Notification,
		) {
			st := firstStatus(n)
			require.Equal(t, []string{"US.1", "US.ENT.2", ""},
				[]string{st.RecipientUserID, st.ParentRecipientUserID, st.RecipientID})
		}},
		"system-new_wa_id-as-number": {received, "wamid.TESTAAA=", 1760000000, func(t *testing.T, n *meta.Notification) {
			require.Equal(t, meta.System{Body: "changed", NewWaID: "6281200000002", Type: "user_changed_number"},
				*firstMessage(n).System)
		}},
	}
	files, err := filepath.Glob("testdata/reports/meta-*")
	require.NoError(t, err)
	require.Len(t, files, len(tests))
	for name, test := range tests {
		body, err := os.ReadFile("testdata/reports/meta-" + name + ".json")
		require.NoError(t, err)
		want := envelope.Event{ID: test.id, Source: envelope.Meta, Type: test.typ, Body: body}
		if test.id == "" {
			want.ID = hashOfEntry(t, body)
		}
		if test.at != 0 {
			want.CreatedAt = time.Unix(test.at, 0).UTC()
		}
		for dialect, r := range map[string]*http.Request{"meta": metaPost(body), "kirim": kirimPost(body)} {
			t.Run(name+" by "+dialect, func(t *testing.T) {
				var given *meta.Notification
				take := func(_ context.Context, _ *receiver.Event, n *meta.Notification) error { given = n; return nil }
				m := receiver.NewMux()
				receiver.On(m, meta.MessageReceived, take)
				receiver.On(m, meta.MessageStatus, take)
				receiver.On(m, meta.Calls, take)
				receiver.On(m, meta.History, take)
				k := newRig(t, m)
				require.Equal(t, 200, k.serve(r).Code, k.rejected)
				ev := k.last(t)
				require.Equal(t, want, ev.Event)
				require.Equal(t, pick(dialect == "meta", "meta:", "kirim:meta:")+want.ID, ev.Key)
				if want.Type == "unknown" {
					require.Nil(t, given)
					given, err = meta.Parse(ev.Body)
					require.NoError(t, err)
				}
				test.check(t, given)
			})
		}
	}
}

// hashOfEntry is the identity of what has no other, written down a second time for bodies that end in entry.
func hashOfEntry(t *testing.T, body []byte) string {
	t.Helper()
	_, entry, ok := bytes.Cut(bytes.TrimSpace(body), []byte(`"entry":`))
	require.True(t, ok)
	sum := sha256.Sum256(bytes.TrimSuffix(entry, []byte("}")))
	return "body:" + hex.EncodeToString(sum[:])
}
