package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/internal/samples"
)

// Every body of the corpus goes out byte for byte, under the id that it states.
func TestFileIsSentAsItIs(t *testing.T) {
	for s := range samples.Corpus() {
		t.Run(s.Name, func(t *testing.T) {
			e := newEndpoint(t, 200)
			dialect := kirimDialect
			if s.Source == envelope.Kirisan {
				dialect = kirisanDialect
			}
			code, _, stderr := fire(t, "-url", e.URL, "-dialect", dialect, "-secret", newSecret, "-file",
				file(t, string(s.Body)))
			require.Zero(t, code, stderr)
			require.Len(t, e.got(), 1)
			require.Equal(t, string(s.Body), e.got()[0].body)
			require.Equal(t, byte('\n'), s.Body[len(s.Body)-1])
			ev, _ := received(t, e.got()[0], newSecret)
			require.Equal(t, s.Source, ev.Source)
			header := e.got()[0].header
			switch s.Source {
			case envelope.Kirisan:
				require.Equal(t, ev.Type, header.Get("X-Kirisan-Event"))
				require.Equal(t, ev.Device, header.Get("X-Kirisan-Device"))
			case envelope.Meta:
				identity, err := meta.Identity(s.Body)
				require.NoError(t, err)
				require.Equal(t, identity, header.Get("X-Kirim-Event-Id"))
			default:
				stated, err := kirim.ParseEvent(s.Body)
				require.NoError(t, err)
				require.Equal(t, stated.ID, header.Get("X-Kirim-Event-Id"))
			}
		})
	}
}

func TestCountGivesNativeBodiesFreshIDs(t *testing.T) {
	const before, after = `{ "data": {"id": "inner", "name": "evt_1"},` + "\t\"type\":\"a.b\", \"id\" : ", ` }` + "\n\n"
	e := newEndpoint(t, 200)
	code, _, stderr := fire(t, "-url", e.URL, "-secret", newSecret, "-count", "10", "-file",
		file(t, before+`"evt_1"`+after))
	require.Zero(t, code, stderr)
	ids := map[string]bool{"evt_1": true}
	for _, r := range e.got() {
		id := r.header.Get("X-Kirim-Event-Id")
		ids[id] = true
		require.Equal(t, before+`"`+id+`"`+after, r.body, "no other byte changes")
	}
	require.Len(t, ids, 11)
}

// Bodies without an id to replace are the same event every time.
func TestCountRepeatsMetaBodies(t *testing.T) {
	body, ok := samples.Body(envelope.Meta, "message.received", "")
	require.True(t, ok)
	e := newEndpoint(t, 200)
	code, printed, stderr := fire(t, "-url", e.URL, "-secret", newSecret, "-count", "5", "-concurrency", "5", "-file",
		file(t, string(body)))
	require.Zero(t, code, stderr)
	require.Len(t, e.got(), 5)
	events, deliveries := map[string]bool{}, map[string]bool{}
	for i, r := range e.got() {
		require.Equal(t, string(body), r.body)
		events[printed[i].EventID] = true
		deliveries[printed[i].DeliveryID] = true
	}
	require.Len(t, events, 1)
	require.Len(t, deliveries, 5)
}

const (
	native   = `{"id":"evt_1","type":"contact.created"}`
	message  = `{"entry":[{"changes":[{"field":"messages","value":{"messages":[{"id":"wamid.1"}]}}]}]}`
	template = `{"entry":[{"changes":[{"field":"message_template_status_update","value":{}}]}]}`
	flat     = `{"from":"62812","text":{"body":"Halo"}}`
	incoming = `{"event":"incoming_message","device":"wa-1"}`
	form     = `{"event":"submission","device":"tg-1","channel":"telegram"}`
)

// Where the body shows none, the flags give the type and the device.
func TestFlagsComplete(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		args []string
		want map[string]string
	}{
		"native": {native, nil,
			map[string]string{"X-Kirim-Event": "contact.created", "X-Kirim-Source": "kirim"}},
		"native, as stated": {native, []string{"-event", "contact.created", "-source", "kirim"},
			map[string]string{"X-Kirim-Event": "contact.created"}},
		"meta": {message, []string{"-source", "meta"},
			map[string]string{"X-Kirim-Event": "message.received", "X-Kirim-Source": "meta"}},
		"meta, neither": {template, nil, map[string]string{"X-Kirim-Event": "message_template_status_update"}},
		"meta, neither, given type": {template, []string{"-event", "message.edited"},
			map[string]string{"X-Kirim-Event": "message.edited"}},
		"kirisan": {incoming, []string{"-dialect", "kirisan", "-device", "wa-1"},
			map[string]string{"X-Kirisan-Event": "incoming_message", "X-Kirisan-Device": "wa-1", "X-Webhook-Secret": newSecret}},
		"kirisan, flat": {flat, []string{"-dialect", "kirisan", "-device", "waba-1"},
			map[string]string{"X-Kirisan-Event": "incoming_message", "X-Kirisan-Device": "waba-1"}},
		"kirisan, flat, given type": {flat, []string{"-dialect", "kirisan", "-device", "waba-1", "-event", "message_status"},
			map[string]string{"X-Kirisan-Event": "message_status"}},
		"kirisan, legacy name": {form, []string{"-dialect", "kirisan", "-event", "submission.completed"},
			map[string]string{"X-Kirisan-Event": "submission.completed", "X-Kirisan-Device": "tg-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, 200)
			code, _, stderr := fire(t, append(c.args, "-url", e.URL, "-secret", newSecret, "-file", file(t, c.body))...)
			require.Zero(t, code, stderr)
			got := map[string]string{}
			for key := range c.want {
				got[key] = e.got()[0].header.Get(key)
			}
			require.Equal(t, c.want, got)
			require.Equal(t, c.body, e.got()[0].body)
			received(t, e.got()[0], newSecret)
		})
	}
}

func TestKirisanChannel(t *testing.T) {
	for body, want := range map[string]string{incoming: "whatsapp", form: "telegram", flat: "waba"} {
		ev, err := readBody(options{dialect: kirisanDialect, device: "tg-1"},
			[]byte(strings.Replace(body, "wa-1", "tg-1", 1)))
		require.NoError(t, err)
		require.Equal(t, want, ev.Channel)
	}
}

// The legacy name works for samples too, live and as tests.
func TestLegacySample(t *testing.T) {
	for _, live := range []string{"-live=true", "-live=false"} {
		e := newEndpoint(t, 200)
		code, _, stderr := fire(t, "-url", e.URL, "-dialect", "kirisan", "-secret", newSecret, "-event",
			"submission.completed", "-device", "wa-9", live)
		require.Zero(t, code, stderr)
		require.Equal(t, "submission.completed", e.got()[0].header.Get("X-Kirisan-Event"))
		ev, _ := received(t, e.got()[0], newSecret)
		require.Equal(t, "submission", ev.Type)
		require.Equal(t, "wa-9", ev.Device)
	}
}

func TestBadFiles(t *testing.T) {
	kirisan := []string{"-dialect", "kirisan"}
	for name, c := range map[string]struct {
		body string
		args []string
		want string
	}{
		"empty":          {"", nil, "not a JSON object"},
		"not JSON":       {"hello", nil, "not a JSON object"},
		"array":          {"[]", nil, "not a JSON object"},
		"two values":     {native + native, nil, "not a JSON object"},
		"neither shape":  {`{"a":1}`, nil, "not a whole body"},
		"no type":        {`{"id":"evt_1"}`, nil, "not a whole body"},
		"both shapes":    {`{"id":"evt_1","type":"a","entry":[]}`, nil, "shapes of both sources"},
		"id of a number": {`{"id":1,"type":"a"}`, nil, "not a whole body"},
		"another source": {native, []string{"-source", "meta"}, "-source meta: the body has the shape of kirim"},
		"another type": {native, []string{"-event", "contact.updated"},
			"-event contact.updated: the body says contact.created"},
		"another type of meta's": {message, []string{"-event", "message.status"},
			"-event message.status: the body says message.received"},
		"too large": {`{"id":"evt_1","type":"a","data":"` + strings.Repeat("x", 4<<20) + `"}`, nil,
			"at most 4194304 fit"},
		"kirisan, not JSON":       {"hello", kirisan, "malformed body"},
		"kirisan, no device":      {flat, kirisan, "give -device"},
		"kirisan, another device": {incoming, append(kirisan, "-device", "wa-2"), "-device wa-2: the body says wa-1"},
		"kirisan, another type": {incoming, append(kirisan, "-event", "submission.completed"),
			"-event submission.completed: the body says incoming_message"},
	} {
		t.Run(name, func(t *testing.T) {
			code, printed, stderr := fire(t, append(c.args, "-url", "http://127.0.0.1:1/", "-secret", newSecret, "-file",
				file(t, c.body))...)
			require.Equal(t, 2, code)
			require.Contains(t, stderr, c.want)
			require.Empty(t, printed)
		})
	}
}

// The oracle is a JSON reader that knows nothing of offsets: the member has the new value, every other the old.
func FuzzSetMember(f *testing.F) {
	for s := range samples.Corpus() {
		f.Add(s.Body, "id", "evt_1")
		f.Add(s.Body, "production", "a \"quoted\" one")
	}
	f.Fuzz(func(t *testing.T, body []byte, name, value string) {
		if _, err := envelope.Scan(body); err != nil {
			return
		}
		var want, got map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(body, &want))
		fresh, err := json.Marshal(value)
		require.NoError(t, err)
		changed, err := setMember(body, name, value)
		old, has := want[name]
		if !has {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(changed, &got))
		want[name] = fresh
		require.True(t, maps.EqualFunc(want, got, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }))
		require.Len(t, changed, len(body)-len(old)+len(fresh))
	})
}
