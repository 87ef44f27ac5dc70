package sendertest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

// Replies are ordinary handlers; these answer at once.
func ExampleReply() {
	for _, reply := range []sendertest.Reply{
		sendertest.Status(http.StatusNoContent),
		sendertest.Body(http.StatusBadRequest, "no such tenant"),
		sendertest.RetryAfter(http.StatusTooManyRequests, 90*time.Second),
		sendertest.Redirect(http.StatusFound, "https://login.test/"),
		sendertest.Delay(time.Millisecond, sendertest.Status(http.StatusAccepted)),
		func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "attempt ", r.Header.Get("X-Kirim-Attempt"))
		},
	} {
		r := httptest.NewRequest("POST", "https://endpoint.test/webhooks", nil)
		r.Header.Set("X-Kirim-Attempt", "3")
		w := httptest.NewRecorder()
		reply(w, r)
		fmt.Printf("%d %q\n", w.Code, w.Header().Get("Retry-After")+w.Header().Get("Location")+w.Body.String())
	}
	// Output:
	// 204 ""
	// 400 "no such tenant"
	// 429 "90"
	// 302 "https://login.test/"
	// 202 ""
	// 200 "attempt 3"
}
