package receiver_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/sendertest"
	"github.com/kirimhooks/kirimhooks/signature"
)

// passOn publishes what was received, and returns the request that its subscriber then gets.
func passOn(t *testing.T, ev envelope.Event) (got sendertest.Request) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := sendertest.NewEndpoint(t)
		org := sendertest.New(t, sender.Config{
			Contracts: []sender.Contract{sender.Kirim(), sender.Kirisan(), sender.Standard()},
		}, e).Org("acme")
		sub := sender.Subscription{Contract: "kirim", URL: e.URL, Events: []string{"*"}}
		switch ev.Source {
		case envelope.Kirisan:
			sub.Contract, sub.Events, sub.Devices = "kirisan", []string{ev.Type},
				[]sender.Device{{Channel: ev.Channel, ID: ev.Device}}
		case envelope.Standard:
			sub.Contract = "standard"
		}
		sub, _, err := org.Subscribe(t.Context(), sub)
		require.NoError(t, err)
		before := 0
		if ev.Source == envelope.Kirisan {
			_, err := org.Test(t.Context(), sub.ID, sender.TestRequest{})
			require.NoError(t, err)
			before = 1
		}
		receipt, err := org.Publish(t.Context(), ev)
		require.NoError(t, err)
		require.Equal(t, 1, receipt.Deliveries)
		got = e.RequireRequests(before + 1)[before]
	})
	return got
}

// What the one end parses the other publishes, byte for byte and under the same id and type.
func TestWhatIsParsedIsPublished(t *testing.T) {
	native := func(id, typ, more string) *http.Request {
		return kirimPost([]byte(`{"id":` + id + `,"type":` + typ + more + `}`))
	}
	standard := func(id, body string) *http.Request { return standardPost(id, time.Now(), []byte(body)) }
	kirisan := func(body, device string) *http.Request {
		return post([]byte(body), "X-Webhook-Secret", kirisanSecret, "X-Kirisan-Event", "incoming_message",
			"X-Kirisan-Device", device)
	}
	const message = `{"event":"incoming_message","channel":"whatsapp","device":`
	requests := map[string]*http.Request{
		"native":                  kirimPost(nativeBody),
		"id and type with spaces": native(`"evt 1"`, `"contact created"`, ""),
		"longest id and type":     native(`"`+strings.Repeat("i", 255)+`"`, `"`+strings.Repeat("t", 128)+`"`, ""),
		"id with every mark":      native(`"!#$%&'()*+,-./:;<=>?@[]^_{|}~\"\\"`, `"a/b:c,d;e"`, ""),
		"year 0":                  native(`"evt_1"`, `"a"`, `,"created_at":"0000-01-01T00:00:00Z"`),
		"year 0 by its zone":      native(`"evt_1"`, `"a"`, `,"created_at":"0001-01-01T00:00:00+23:59"`),
		"year 10000 by its zone":  native(`"evt_1"`, `"a"`, `,"created_at":"9999-12-31T23:59:59-23:59"`),
		"message by Kirim":        kirimPost(messageBody, "X-Kirim-Event", "message.received"),
		"field of the header": kirimPost([]byte(`{"entry":[{"changes":[{"field":"messages","value":{}}]}]}`),
			"X-Kirim-Event", "message edited"),
		"message by Meta":     metaPost(messageBody),
		"status":              metaPost(statusBody("read", "1782864000")),
		"status with a space": metaPost(statusBody("read it", "1782864000")),
		"message in milliseconds": metaPost([]byte(strings.Replace(string(messageBody), "1782864000", "1782864000000000",
			1))),
		"standard":                  standard("msg_1", string(standardBody)),
		"standard without a type":   standard("msg_1", `{"data":1}`),
		"standard, type empty":      standard("msg_1", `{"type":""}`),
		"standard, type a number":   standard("msg_1", `{"type":7}`),
		"standard, type with space": standard("msg_1", `{"type":"user created"}`),
		"standard, type unfit":      standard("msg_1", `{"type":"pengguna.dibuat.é\n"}`),
		"standard, type too long":   standard("msg_1", `{"type":"`+strings.Repeat("t", 129)+`"}`),
		"standard, year 0":          standard("msg_1", `{"type":"a","timestamp":"0000-01-01T00:00:00Z"}`),
		"standard, longest id":      standard(strings.Repeat("i", 255), `{"type":"a"}`),
		"device":                    kirisan(message+`"6281"}`, "6281"),
		"longest device":            kirisan(message+`"`+strings.Repeat("d", 512)+`"}`, ""),
		"device too long":           kirisan(message+`"`+strings.Repeat("d", 513)+`"}`, "6281"),
		"device with spaces":        kirisan(message+`"CS Toko 1"}`, ""),
		"device of the header":      kirisan(message+`{}}`, "CS Toko 1"),
		"flat body of the cloud":    kirisan(string(messageBody), "6281"),
		"timestamp far ahead":       kirisan(message+`"6281","timestamp":99999999999999}`, "6281"),
	}
	reports, err := filepath.Glob("testdata/reports/*.json")
	require.NoError(t, err)
	require.Len(t, reports, 22)
	for _, file := range reports {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		name := filepath.Base(file)
		if strings.HasPrefix(name, "kirisan-") {
			requests[name] = post(body, "X-Webhook-Secret", kirisanSecret, "X-Kirisan-Event", "", "X-Kirisan-Device", "628")
			if strings.Contains(name, "device-") {
				requests[name].Header.Del("X-Kirisan-Device")
			}
			if name == "kirisan-device-empty-string.json" {
				requests[name].Header.Set("X-Kirisan-Device", "wa-3f9a10")
			}
			continue
		}
		requests[name+" by Meta"], requests[name+" by Kirim"] = metaPost(body), kirimPost(body)
	}
	for name, r := range requests {
		t.Run(name, func(t *testing.T) {
			k := newRig(t, nil, dialects(receiver.Kirim(keys(kirimSecret)), receiver.Kirisan(keys(kirisanSecret)),
				receiver.Meta(keys(appSecret), signature.NewSecret(verifyToken)), receiver.Standard(keys(standardSecret))))
			require.Equal(t, 200, k.serve(r).Code, k.rejected)
			ev := k.last(t).Event
			got := passOn(t, ev)
			require.Equal(t, string(ev.Body), string(got.Body))
			switch ev.Source {
			case envelope.Standard:
				require.Equal(t, ev.ID, got.Header.Get("Webhook-Id"))
			case envelope.Kirisan:
				require.Equal(t, ev.Type, got.Header.Get("X-Kirisan-Event"))
				require.Equal(t, ev.Device, got.Header.Get("X-Kirisan-Device"))
			default:
				require.Equal(t, ev.ID, got.Header.Get("X-Kirim-Event-Id"))
				require.Equal(t, ev.Type, got.Header.Get("X-Kirim-Event"))
				require.Equal(t, string(ev.Source), got.Header.Get("X-Kirim-Source"))
			}
		})
	}
}
