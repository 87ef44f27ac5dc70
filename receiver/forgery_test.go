package receiver_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/receiver"
	"github.com/kirimhooks/kirimhooks/signature"
)

// observed is a dialect that counts how often its bodies are parsed and keyed.
func observed(d receiver.Dialect) (receiver.Dialect, *int) {
	seen, parse := new(int), d.Parse
	d.Parse = func(r receiver.Request) (envelope.Event, string, error) { *seen++; return parse(r) }
	d.Key = func(ev envelope.Event) string { *seen++; return ev.ID }
	return d, seen
}

// Nothing but the whole, exact code verifies, and what does not verify is not even parsed.
func TestForgeriesAreNotParsed(t *testing.T) {
	now := time.Now()
	good := sign(kirimSecret, now, nativeBody)
	stamp, mac, _ := strings.Cut(good, ",v1=")
	forged := []string{"", "t=", "v1=", stamp, stamp + ",", stamp + ",v1", "v1=" + mac, stamp + ",v0=" + mac,
		stamp + ",v2=" + mac, stamp + ",V1=" + mac,
		stamp + "," + stamp + ",v1=" + mac, stamp + ",v1=" + mac + "00", stamp + ",v1=" + mac + "\x00",
		stamp + ",v1=0x" + mac, stamp + ",v1= " + mac,
		"t=+" + good[2:], "t=0" + good[2:], "t= " + good[2:], "t=-" + good[2:], "t=" + good[2:12] + "000" + good[12:],
		good + strings.Repeat(",v1=00", 20),
		good + "," + strings.Repeat("x", 5000), strings.Replace(good, ",", ";", 1), sign("", now, nativeBody),
		sign(kirisanSecret, now, nativeBody)}
	for n := range mac {
		forged = append(forged, stamp+",v1="+mac[:n], stamp+",v1="+mac[n+1:], stamp+",v1="+mac[:n]+flipped(mac[n])+mac[n+1:])
	}
	d, seen := observed(receiver.Kirim(keys(kirimSecret)))
	for _, header := range forged {
		k := newRig(t, nil, dialects(d))
		r := post(nativeBody, "X-Kirim-Event-Id", "evt_1")
		r.Header["X-Kirim-Signature"] = []string{header}
		require.Equal(t, 401, k.serve(r).Code, "%q", header)
		require.Zero(t, *seen, "%q", header)
		require.Zero(t, k.runs()+int(k.store.calls.Load()))
	}
	k := newRig(t, nil, dialects(d))
	require.Equal(t, 200, k.serve(post(nativeBody, "X-Kirim-Signature",
		stamp+",v0=00, v1="+strings.Repeat("0", 64)+" ,v1="+mac)).Code, "what is unknown or of another secret does no harm")
	require.Equal(t, 2, *seen)
}

func flipped(c byte) string {
	if c == '0' {
		return "1"
	}
	return "0"
}

func TestAgeOfASignature(t *testing.T) {
	const tolerance = signature.DefaultTolerance
	for _, test := range []struct {
		age  time.Duration
		code int
	}{
		{0, 200},
		{tolerance, 200},
		{-tolerance, 200},
		{tolerance + time.Second, 401},
		{-tolerance - time.Second, 401},
		{24 * time.Hour, 401},
		{-24 * time.Hour, 401},
	} {
		synctest.Test(t, func(t *testing.T) {
			at := time.Now().Add(-test.age)
			r := post(nativeBody, "X-Kirim-Signature", sign(kirimSecret, at, nativeBody))
			require.Equal(t, test.code, newRig(t, nil).serve(r).Code, test.age)
			standard := newRig(t, nil, dialects(receiver.Standard(keys(standardSecret))))
			require.Equal(t, test.code, standard.serve(standardPost("msg_1", at, standardBody)).Code, test.age)
		})
	}
}

// A captured request is good for five minutes. Sent again with every unsigned header changed it is still the same
// event; sent to the dialect of the other sender it is nothing.
func TestReplayOfACapturedRequest(t *testing.T) {
	k := newRig(t, nil)
	captured := kirimPost(nativeBody, "X-Kirim-Event-Id", "evt_1").Header
	send := func(body []byte, change func(http.Header)) int {
		r := post(body)
		r.Header = captured.Clone()
		change(r.Header)
		return k.serve(r).Code
	}
	require.Equal(t, 200, send(nativeBody, func(http.Header) {}))
	for name, change := range map[string]func(http.Header){
		"as it was":   func(http.Header) {},
		"no id":       func(h http.Header) { h.Del("X-Kirim-Event-Id") },
		"delivery":    func(h http.Header) { h.Set("X-Kirim-Delivery-Id", "wbd_forged"); h.Set("X-Kirim-Attempt", "9") },
		"source":      func(h http.Header) { h.Set("X-Kirim-Source", "other") },
		"new headers": func(h http.Header) { h.Set("X-Kirim-Priority", "1") },
	} {
		require.Equal(t, 200, send(nativeBody, change), name)
	}
	for name, change := range map[string]func(http.Header){
		"other id":     func(h http.Header) { h.Set("X-Kirim-Event-Id", "evt_2") },
		"other type":   func(h http.Header) { h.Set("X-Kirim-Event", "contact.deleted") },
		"other source": func(h http.Header) { h.Set("X-Kirim-Source", "meta") },
		"as Kirisan's": func(h http.Header) { h.Set("X-Kirisan-Event", "contact.created") },
		"stripped":     func(h http.Header) { h.Del("X-Kirim-Signature") },
		"to Kirisan": func(h http.Header) {
			for name := range h {
				h.Del(name)
			}
			h.Set("X-Kirisan-Event", "incoming_message")
		},
	} {
		require.Contains(t, []int{400, 401}, send(nativeBody, change), name)
	}
	require.Equal(t, 401, send([]byte(strings.Replace(string(nativeBody), "evt_1", "evt_2", 1)), func(http.Header) {}),
		"another body")
	require.Equal(t, 1, k.runs())
}
