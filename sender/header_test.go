package sender_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
)

// What HTTP, a proxy or a receiver of any dialect would act on is reserved under every contract, however it is spelled.
func TestReservedHeaders(t *testing.T) {
	s, err := sender.New(newHooked(), sender.Config{Contracts: []sender.Contract{acme()}})
	require.NoError(t, err)
	add := func(name string) error {
		return subscribe(t, s.Org("acme"), sender.Subscription{
			URL: "https://example.com/", Events: []string{"*"}, Headers: map[string]string{name: "1"},
		})
	}
	for _, name := range []string{
		"Host", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Connection", "Keep-Alive", "TE",
		"Trailer", "Upgrade",
		"Proxy-Authorization", "Proxy-Connection", "Proxy-Authenticate", "HTTP2-Settings", "Expect", "Forwarded",
		"Accept-Encoding", "User-Agent", "Cookie",
		"Idempotency-Key", "X-Idempotency-Key",
		"X-Kirim-Signature", "X-Kirim-Anything", "X-Kirisan-Event", "X-Webhook-Secret", "Webhook-Id", "Webhook-Signature",
		"X-Hub-Signature-256", "X-Hub-Signature",
		"X-Acme-Event", // the contract's own
	} {
		spellings := []string{name, strings.ToLower(name), strings.ToUpper(name)}
		for _, mark := range "!#$%&'*+.^_`|~" { // all that a name may hold beside letters, digits and hyphens
			spellings = append(spellings, strings.ReplaceAll(name, "-", string(mark)),
				strings.Replace(strings.ToLower(name), "-", string(mark), 1))
		}
		for _, spelling := range spellings {
			err := add(spelling)
			require.ErrorIs(t, err, sender.ErrInvalid, spelling)
			require.ErrorContains(t, err, "reserved", spelling)
		}
	}
	for _, name := range []string{"", "X Team", "X-Team:", "X-Team\r\nX-Acme-Event", "X-Team\x00", "é", "X-Acme-Event "} {
		require.ErrorIs(t, add(name), sender.ErrInvalid, "%q", name)
	}
	for _, name := range []string{"Authorization", "X-Hubspot-Key", "X-Kirimkan", "X-Webhook-Secrets", "Accept",
		"Hostname", "X-Cookie", "X.Team", "XKirim-Event", "X-Kirim", "X--Kirim-Event"} {
		require.NoError(t, add(name), name)
	}
}

// What could end a line, or be read in two ways, is no value.
func TestHeaderValues(t *testing.T) {
	s, err := sender.New(newHooked(), sender.Config{Contracts: []sender.Contract{acme()}})
	require.NoError(t, err)
	for value, fine := range map[string]bool{
		"": true, "a b\tc": true, "~!@#": true,
		"a\r\nX-Acme-Event: forged": false, "a\nb": false, "a\rb": false, "a\x00": false, "a\x7f": false, "é": false,
		"\xff": false,
	} {
		err := subscribe(t, s.Org("acme"), sender.Subscription{
			URL: "https://example.com/", Events: []string{"*"}, Headers: map[string]string{"X-Team": value},
		})
		if fine {
			require.NoError(t, err, "%q", value)
		} else {
			require.ErrorIs(t, err, sender.ErrInvalid, "%q", value)
		}
	}
}
