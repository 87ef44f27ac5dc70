package console_test

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/console"
)

func TestLanguages(t *testing.T) {
	r := newRig(t)
	for wish, want := range map[string]string{
		"":                        "en",
		"id":                      "id",
		"id-ID,id;q=0.9":          "id",
		"in":                      "id",
		"de, en;q=0.5, id":        "id",
		"en-GB,en;q=0.9,id;q=0.8": "en",
		"fr":                      "en",
		"id;q=nonsense":           "en",
	} {
		req := httptest.NewRequest("GET", "/logs", nil)
		req.Header.Set("Accept-Language", wish)
		p := r.load(r.handler, req).ok()
		require.Equal(t, want, p.Header().Get("Content-Language"), wish)
		require.Equal(t, want, attrOf(p.all("html")[0], "lang"))
	}
	r.handler = mounted(t, r.sender, console.Config{Org: acme, Language: "id"})
	r.get("/logs").has(200, "Tidak ada pengiriman yang cocok.")
}
