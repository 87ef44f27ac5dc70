package meta_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/stretchr/testify/require"
)

// report reads a body that other readers got wrong, and proves that nothing of it was lost.
func report(t *testing.T, name string) (meta.Summary, *meta.Notification) {
	t.Helper()
	body := read(t, "testdata/reports/meta-"+name+".json")
	s, n := agree(t, body)
	require.Empty(t, errs(reflect.ValueOf(n)))
	return s, n
}

func messageOf(t *testing.T, name, identity string) *meta.Message {
	t.Helper()
	s, n := report(t, name)
	require.Equal(t, meta.Summary{identity, 1, 0, "messages", s.CreatedAt}, s)
	for _, m := range n.Messages() {
		return m
	}
	return nil
}

func TestReportsOfMessages(t *testing.T) {
	files, err := os.ReadDir("testdata/reports")
	require.NoError(t, err)
	require.Len(t, files, 13, "each has its values here or below")

	m := messageOf(t, "system-new_wa_id-as-number", "wamid.TESTAAA=")
	require.Equal(t, meta.System{Body: "changed", NewWaID: "6281200000002", Type: "user_changed_number"}, *m.System)

	m = messageOf(t, "order-catalog_id-number", "wamid.TESTAAA=")
	require.Equal(t, meta.Order{CatalogID: "194836987003835", ProductItems: []meta.ProductItem{
		{ProductRetailerID: "SKU-1", Quantity: 1, ItemPrice: "30", Currency: "USD"}}}, *m.Order)

	m = messageOf(t, "location-latitude-as-string", "wamid.TESTAAA=")
	require.Equal(t, meta.Location{Latitude: -6.2000001, Longitude: 106.816666}, *m.Location)

	m = messageOf(t, "contacts-vcard-origin-bsuid-only", "wamid.TESTAAA=")
	require.Equal(t, []meta.ContactCard{{VCard: "BEGIN:VCARD\nFN:Ayu\nEND:VCARD", Origin: "other",
		Phones: []meta.CardPhone{{Phone: "+62 811", WaID: "62811", Type: "MOBILE"}}}}, m.Contacts)
	require.Equal(t, "ID.10000000000000000001", m.FromUserID)

	m = messageOf(t, "conversation_context-on-value", "wamid.CC=")
	require.Equal(t, "x", m.PlainText())
	_, n := report(t, "conversation_context-on-value")
	require.Equal(t, meta.ConversationContext{Type: "summary", Summary: &meta.ContextSummary{Text: "s"}},
		*n.Entry[0].Changes[0].Value.ConversationContext)

	m = messageOf(t, "interactive-type-without-object-plus-value-errors", "wamid.I=")
	require.Equal(t, "interactive", m.Type)
	require.Nil(t, m.Interactive)
	require.Equal(t, "wamid.Q=", m.Context.ID)
	require.Empty(t, m.PlainText())
	_, n = report(t, "interactive-type-without-object-plus-value-errors")
	require.Equal(t, []meta.Error{{Code: 131000, Title: "t", Message: "t", ErrorData: &meta.ErrorData{Details: "d"}}},
		n.Entry[0].Changes[0].Value.Errors)

	s, n := report(t, "batch-poisoned-by-one-field")
	require.Equal(t, meta.Summary{s.Identity, 2, 0, "messages", time.Unix(1, 0).UTC()}, s)
	require.True(t, strings.HasPrefix(s.Identity, "body:"))
	var texts []string
	for _, m := range n.Messages() {
		texts = append(texts, m.ID+" "+m.PlainText())
	}
	require.Equal(t, []string{"wamid.OK= penting", "wamid.SY= "}, texts)
	require.Equal(t, "6281200000002", n.Entry[0].Changes[0].Value.Messages[1].System.NewWaID)
}

func TestReportsOfStatuses(t *testing.T) {
	s, n := report(t, "group-status-participant_user_id-only")
	require.Equal(t, meta.Summary{"wamid.TESTBBB=:read:1760000001:US.1", 0, 1, "messages", time.Unix(1760000001, 0).UTC()},
		s)
	st := n.Entry[0].Changes[0].Value.Statuses[0]
	require.Equal(t, []string{"US.1", "US.1", "US.ENT.2"},
		[]string{st.Participant(), st.RecipientParticipantUserID, st.RecipientParticipantParentUserID})

	s, n = report(t, "group-status-pricing-inside-conversation")
	require.Equal(t, meta.Summary{s.Identity, 0, 2, "messages", time.Unix(1760000001, 0).UTC()}, s)
	require.True(t, strings.HasPrefix(s.Identity, "body:"))
	for _, st := range n.Statuses() {
		require.Equal(t, meta.Pricing{Billable: true, PricingModel: "PMP", Category: "group_utility"},
			*st.Conversation.Pricing)
		require.Nil(t, st.Pricing)
	}

	s, n = report(t, "status-bsuid-parent_recipient_user_id")
	require.Equal(t, "wamid.B=:delivered:1760000001", s.Identity)
	st = n.Entry[0].Changes[0].Value.Statuses[0]
	require.Equal(t, []string{"US.1", "US.ENT.2", ""},
		[]string{st.RecipientUserID, st.ParentRecipientUserID, st.RecipientID})
}

func TestReportsOfOtherFields(t *testing.T) {
	for name, want := range map[string]string{
		"history-media-in-messages-array": "history",
		"call-status-RINGING-field-calls": "calls",
		"field-name-with-space":           "unknown",
	} {
		s, n := report(t, name)
		require.Zero(t, s.Messages+s.Statuses)
		require.True(t, strings.HasPrefix(s.Identity, "body:"))
		ev, err := meta.NewEvent(read(t, "testdata/reports/meta-"+name+".json"))
		require.NoError(t, err)
		require.Equal(t, want, ev.Type)
		require.Zero(t, ev.CreatedAt)
		for range n.Messages() {
			t.Fatal("no message")
		}
		for range n.Statuses() {
			t.Fatal("no status")
		}
	}
	_, n := report(t, "history-media-in-messages-array")
	for _, c := range n.Changes(meta.History.Type()) {
		require.Equal(t, "foto lama", c.Value.Messages[0].PlainText())
	}
	_, n = report(t, "call-status-RINGING-field-calls")
	for entry, c := range n.Changes(meta.Calls.Type()) {
		require.Equal(t, "70000000000001", entry.ID)
		require.Equal(t, "RINGING", c.Value.Statuses[0].Status)
	}
}

// A chunk of history is larger than most bodies, and no message of now.
func TestHistoryOverOneMiB(t *testing.T) {
	const count = 9000
	var messages []string
	for i := range count {
		messages = append(messages, fmt.Sprintf(`{"from":"6281200000001","id":"wamid.HIST%05d=","timestamp":"%d","type":"text","text":{"body":"pesan lama %d"},"history_context":{"status":"READ"}}`,
			i, 1719792000+i, i))
	}
	body := []byte(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"phone_number_id":"2"},
		"history":[{"metadata":{"phase":0,"chunk_order":1,"progress":100},"threads":[{"id":"6281200000001","messages":[` + strings.Join(messages, ",") + `]}]}]},"field":"history"}]}]}`)
	require.Greater(t, len(body), 1<<20)
	s, n := agree(t, body)
	require.Equal(t, meta.Summary{Identity: s.Identity, Field: "history"}, s)
	chunk := n.Entry[0].Changes[0].Value.History[0]
	require.Equal(t, meta.HistoryMetadata{Phase: 0, ChunkOrder: 1, Progress: 100}, *chunk.Metadata)
	require.Len(t, chunk.Threads[0].Messages, count)
	last := chunk.Threads[0].Messages[count-1]
	require.Equal(t, "pesan lama 8999", last.PlainText())
	require.Equal(t, "READ", last.HistoryContext.Status)
	require.NoError(t, last.Err)
	require.True(t, json.Valid(last.Raw))
}
