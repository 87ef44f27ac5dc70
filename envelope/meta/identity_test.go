package meta_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/stretchr/testify/require"
)

func status(fields string) []byte { return value(`{"statuses":[{` + fields + `}]}`) }

// hashed is the identity of a body built by value, message or status that has no other.
func hashed(body []byte) string {
	_, entry, _ := strings.Cut(string(body), `"entry":`)
	sum := sha256.Sum256([]byte(strings.TrimSuffix(entry, "}")))
	return "body:" + hex.EncodeToString(sum[:])
}

func TestIdentity(t *testing.T) {
	long := strings.Repeat("a", 255)
	for name, c := range map[string]struct {
		body []byte
		want string // "" = hashed
	}{
		"message": {value(`{"messages":[{"id":"wamid.A="}]}`), "wamid.A="},
		"message with errors": {value(`{"messages":[{"id":"wamid.A="}],"errors":[{}],"statuses":[]}`),
			"wamid.A="},
		"message beside null statuses": {value(`{"messages":[{"id":"wamid.A="}],"statuses":null}`), "wamid.A="},
		"escaped id":                   {value(`{"messages":[{"i\u0064":"wamid.\u0041="}]}`), "wamid.A="},
		"id of 255":                    {value(`{"messages":[{"id":"` + long + `"}]}`), long},
		"id of 256":                    {value(`{"messages":[{"id":"` + long + `a"}]}`), ""},
		"id missing":                   {value(`{"messages":[{}]}`), ""},
		"id empty":                     {value(`{"messages":[{"id":""}]}`), ""},
		"id a number":                  {value(`{"messages":[{"id":5}]}`), ""},
		"id not printable":             {value(`{"messages":[{"id":"a\nb"}]}`), ""},
		"id not ASCII":                 {value(`{"messages":[{"id":"é"}]}`), ""},
		"id ends in a space":           {value(`{"messages":[{"id":"a "}]}`), ""},
		"id like a status's":           {value(`{"messages":[{"id":"wamid.A:sent:1"}]}`), ""},
		"id twice":                     {value(`{"messages":[{"id":"a","id":"b"}]}`), ""},
		"id in another case":           {value(`{"messages":[{"id":"a","ID":"b"}]}`), ""},
		"messages in another case":     {value(`{"Messages":[{"id":"a"}]}`), ""},
		"message is null":              {value(`{"messages":[null]}`), ""},
		"two messages":                 {value(`{"messages":[{"id":"a"},{"id":"b"}]}`), ""},
		"message and status":           {value(`{"messages":[{"id":"a"}],"statuses":[{"id":"b","status":"sent","timestamp":"1"}]}`), ""},
		"two changes": {[]byte(`{"entry":[{"changes":[{"value":{"messages":[{"id":"a"}]}},{}]}]}`),
			""},
		"two entries": {[]byte(`{"entry":[{"changes":[{"value":{"messages":[{"id":"a"}]}}]},{}]}`),
			""},
		"nothing":                            {[]byte(`{"entry":[]}`), ""},
		"another field":                      {[]byte(`{"entry":[{"changes":[{"field":"account_update","value":{"event":"X"}}]}]}`), ""},
		"status":                             {status(`"id":"wamid.A","status":"read","timestamp":"17"`), "wamid.A:read:17"},
		"status, number":                     {status(`"id":"wamid.A","status":"read","timestamp":17`), "wamid.A:read:17"},
		"status of one participant":          {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_type":"group","recipient_participant_id":"628"`), "wamid.A:read:17:628"},
		"participant null":                   {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_participant_id":null`), "wamid.A:read:17"},
		"participant a number":               {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_participant_id":628`), ""},
		"participant empty":                  {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_participant_id":""`), ""},
		"group without participant":          {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_type":"group"`), ""},
		"group by phone, spelled otherwise":  {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_type":"group","participant_recipient_id":"628"`), "wamid.A:read:17:628"},
		"group by user id":                   {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_type":"group","recipient_participant_user_id":"US.1"`), "wamid.A:read:17:US.1"},
		"group by parent user id":            {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_type":"group","recipient_participant_parent_user_id":"US.ENT.1"`), "wamid.A:read:17:US.ENT.1"},
		"group by phone before user id":      {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_participant_user_id":"US.1","recipient_participant_id":"628"`), "wamid.A:read:17:628"},
		"group by user id, phone null":       {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_participant_id":null,"recipient_participant_user_id":"US.1"`), "wamid.A:read:17:US.1"},
		"group by user id, phone empty":      {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_participant_id":"","recipient_participant_user_id":"US.1"`), "wamid.A:read:17:US.1"},
		"group by user id, phone unreadable": {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_participant_id":{},"recipient_participant_user_id":"US.1"`), ""},
		"participant with a space":           {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_participant_id":"62 8"`), ""},
		"participant not printable":          {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_participant_user_id":"US\u00011"`), ""},
		"participant twice":                  {status(`"id":"wamid.A","status":"read","timestamp":"17","recipient_participant_id":"1","recipient_participant_id":"2"`), ""},
		"id with a space":                    {value(`{"messages":[{"id":"wamid A"}]}`), ""},
		"status with a space":                {status(`"id":"wamid.A","status":"re ad","timestamp":"17"`), ""},
		"history with one message":           {[]byte(`{"entry":[{"changes":[{"value":{"messages":[{"id":"a"}]},"field":"history"}]}]}`), ""},
		"standby with one message":           {[]byte(`{"entry":[{"changes":[{"field":"standby","value":{"standby":{"messages":[{"id":"a"}]}}}]}]}`), ""},
		"field twice":                        {[]byte(`{"entry":[{"changes":[{"field":"history","value":{"messages":[{"id":"a"}]},"field":"messages"}]}]}`), ""},
		"a message beside another field":     {[]byte(`{"entry":[{"changes":[{"field":"messages","value":{"messages":[{"id":"a"}]}},{"field":"calls"}]}]}`), ""},
		"status without id":                  {status(`"status":"read","timestamp":"17"`), ""},
		"status without status":              {status(`"id":"wamid.A","timestamp":"17"`), ""},
		"status without timestamp":           {status(`"id":"wamid.A","status":"read"`), ""},
		"status, fraction":                   {status(`"id":"wamid.A","status":"read","timestamp":17.5`), ""},
		"status, exponent":                   {status(`"id":"wamid.A","status":"read","timestamp":17e5`), ""},
		"status, negative":                   {status(`"id":"wamid.A","status":"read","timestamp":-17`), ""},
		"status, words":                      {status(`"id":"wamid.A","status":"read","timestamp":"now"`), ""},
		"status, true":                       {status(`"id":"wamid.A","status":"read","timestamp":true`), ""},
		"status with a colon":                {status(`"id":"wamid.A","status":"re:ad","timestamp":"17"`), ""},
		"status of 255 bytes": {status(`"id":"` + long[:244] +
			`","status":"read","timestamp":"17","recipient_participant_id":"62"`), long[:244] + ":read:17:62"},
		"status of 256 bytes": {status(`"id":"` + long[:244] +
			`","status":"read","timestamp":"17","recipient_participant_id":"628"`), ""},
		"two statuses":     {value(`{"statuses":[{"id":"a","status":"sent","timestamp":"1"},{"id":"a","status":"read","timestamp":"1"}]}`), ""},
		"status key twice": {status(`"id":"wamid.A","status":"read","status":"sent","timestamp":"17"`), ""},
		"two values":       {[]byte(`{"entry":[{"changes":[{"value":{"messages":[{"id":"a"}]},"value":{}}]}]}`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			want := c.want
			if want == "" {
				want = hashed(c.body)
			}
			got, err := meta.Identity(c.body)
			require.NoError(t, err)
			require.Equal(t, want, got)
			ev, err := meta.NewEvent(c.body)
			require.NoError(t, err)
			require.Equal(t, want, ev.ID)
		})
	}
}

func TestIdentityHashesTheRawBytesOfEntry(t *testing.T) {
	const spaced = "{ \"object\": \"x\",\n  \"entry\" : [ { \"id\": 1 } ] , \"kirim\":{}}"
	got, err := meta.Identity([]byte(spaced))
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("body:%x", sha256.Sum256([]byte(`[ { "id": 1 } ]`))), got)
}

func TestIdentityRefuses(t *testing.T) {
	for _, body := range []string{``, `[]`, `{}`, `{"entry":null}`, `{"entry":{}}`, `{"entry":[],"ENTRY":[]}`,
		`{"entry":[1,]}`} {
		_, err := meta.Identity([]byte(body))
		require.ErrorIs(t, err, envelope.ErrMalformed, body)
		_, err = meta.NewEvent([]byte(body))
		require.ErrorIs(t, err, envelope.ErrMalformed, body)
	}
}

func TestNewEvent(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0).UTC() }
	for name, c := range map[string]struct {
		body    []byte
		typ     string
		created time.Time
	}{
		"message": {value(`{"messages":[{"id":"a","timestamp":"17"}]}`), "message.received", at(17)},
		"status":  {value(`{"statuses":[{"id":"a","timestamp":18}]}`), "message.status", at(18)},
		"both": {value(`{"statuses":[{"id":"a","timestamp":18}],"messages":[{"timestamp":"17"}]}`),
			"message.received", at(17)},
		"both, no timestamp": {value(`{"statuses":[{"id":"a","timestamp":18}],"messages":[{}]}`), "message.received",
			time.Time{}},
		"neither":       {value(`{"errors":[{}]}`), "messages", time.Time{}},
		"empty arrays":  {value(`{"messages":[],"statuses":[]}`), "messages", time.Time{}},
		"another field": {sample(t, "meta/change_unknown_field"), "message_template_status_update", time.Time{}},
		"first field": {[]byte(`{"entry":[{"changes":[]},{"changes":[{"field":"a"},{"field":"b"}]}]}`), "a",
			time.Time{}},
		"no entry":            {[]byte(`{"entry":[]}`), "unknown", time.Time{}},
		"field not printable": {[]byte(`{"entry":[{"changes":[{"field":"a\u0000"}]}]}`), "unknown", time.Time{}},
		"field with a space":  {[]byte(`{"entry":[{"changes":[{"field":"my field"}]}]}`), "unknown", time.Time{}},
		"field a number":      {[]byte(`{"entry":[{"changes":[{"field":5}]}]}`), "5", time.Time{}},
		"history, messages":   {[]byte(`{"entry":[{"changes":[{"field":"history","value":{"messages":[{"id":"a","timestamp":"17"}]}}]}]}`), "history", time.Time{}},
		"milliseconds": {value(`{"messages":[{"id":"a","timestamp":1782950400123}]}`), "message.received",
			time.UnixMilli(1782950400123).UTC()},
		"last field counts": {[]byte(`{"entry":[{"changes":[{"field":"history","value":{"messages":[{"timestamp":"17"}]},"field":"messages"}]}]}`), "message.received", at(17)},
		"last key counts": {value(`{"messages":[{"timestamp":"17"}],"messages":[],"statuses":[{"timestamp":"18"}]}`),
			"message.status", at(18)},
		"other case counts": {value(`{"MESSAGES":[{"timestamp":"17"}]}`), "message.received", at(17)},
	} {
		t.Run(name, func(t *testing.T) {
			ev, err := meta.NewEvent(c.body)
			require.NoError(t, err)
			require.Equal(t, envelope.Meta, ev.Source)
			require.Equal(t, c.typ, ev.Type)
			require.Equal(t, c.created, ev.CreatedAt)
			require.False(t, ev.Test)
			require.Equal(t, c.body, []byte(ev.Body))
		})
	}
}

func BenchmarkIdentity(b *testing.B) {
	for _, name := range []string{"meta/message_text", "meta/status_sent", "meta/batch_two_messages_two_entries"} {
		body := sample(b, name)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := meta.Identity(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
