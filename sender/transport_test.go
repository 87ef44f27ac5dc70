package sender_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender"
)

// A Transport of the host's own decides where requests go, but what is no URL of a web server is refused all the same.
func TestURLsForAnOwnTransport(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := newRig(t, statuses(200), sender.Config{})
		for _, url := range []string{
			"", "/hook", "https://", "https:///hook", "http:hook", "ftp://example.com/", "//example.com/",
			"https://exa mple.com/", "https://example.com/%zz", "https://[::1/", "javascript:alert(1)",
		} {
			_, _, err := r.org.Subscribe(t.Context(), sender.Subscription{URL: url, Events: []string{"*"}})
			require.ErrorIs(t, err, sender.ErrForbiddenURL, url)
		}
		for _, url := range []string{"http://example.com", "https://10.0.0.1:8443/hook?a=b"} {
			_, _, err := r.org.Subscribe(t.Context(), sender.Subscription{URL: url, Events: []string{"*"}})
			require.NoError(t, err, url)
		}
	})
}
