package sendertest_test

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/sendertest"
)

// post sends n requests to e, one per second.
func post(t testing.TB, e *sendertest.Endpoint, n int) {
	tr := sendertest.Transport(t, e)
	for i := range n {
		if i > 0 {
			time.Sleep(time.Second)
		}
		r, err := http.NewRequest("POST", e.URL, nil)
		require.NoError(t, err)
		resp, err := tr.RoundTrip(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
	}
}

// meanwhile is post in the background. wait waits for the last reply, which the end of the test would break off.
func meanwhile(t testing.TB, e *sendertest.Endpoint, n int) (wait func()) {
	var posting sync.WaitGroup
	posting.Go(func() { post(t, e, n) })
	return posting.Wait
}

func TestRequire(t *testing.T) {
	cases := []struct {
		name  string
		check func(t testing.TB, e *sendertest.Endpoint)
		wrong string
		took  time.Duration
	}{
		{"as many as came", func(t testing.TB, e *sendertest.Endpoint) { post(t, e, 3); e.RequireRequests(3) }, "",
			2 * time.Second},
		{"more than came", func(t testing.TB, e *sendertest.Endpoint) { post(t, e, 1); e.RequireRequests(2) },
			"got 1 requests in 5s, want 2", 5 * time.Second},
		{"fewer than came", func(t testing.TB, e *sendertest.Endpoint) { post(t, e, 3); e.RequireRequests(2) },
			"got 3 requests, want 2", 2 * time.Second},
		{"those to come", func(t testing.TB, e *sendertest.Endpoint) { defer meanwhile(t, e, 3)(); e.RequireRequests(3) }, "",
			2 * time.Second},
		{"those to come, one by one", func(t testing.TB, e *sendertest.Endpoint) {
			defer meanwhile(t, e, 3)()
			require.Len(t, e.RequireRequests(1), 1)
			require.Len(t, e.RequireRequests(2), 2)
			require.Len(t, e.RequireRequests(3), 3)
		}, "", 2 * time.Second},
		{"patience", func(t testing.TB, e *sendertest.Endpoint) { e.Patience = time.Second; e.RequireRequests(1) },
			"got 0 requests in 1s, want 1", time.Second},
		{"zero", func(_ testing.TB, e *sendertest.Endpoint) { e.RequireRequests(0) }, "use RequireNone", 0},
		{"none", func(_ testing.TB, e *sendertest.Endpoint) { e.RequireNone() }, "", 50 * time.Millisecond},
		{"none, but one came", func(t testing.TB, e *sendertest.Endpoint) { post(t, e, 1); e.RequireNone() },
			"got 1 requests, want none", 50 * time.Millisecond},
		{"none, but one comes", func(t testing.TB, e *sendertest.Endpoint) { defer meanwhile(t, e, 1)(); e.RequireNone() },
			"got 1 requests, want none", 50 * time.Millisecond},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var took time.Duration
				s := watch(t, func(t testing.TB) {
					began := time.Now()
					defer func() { took = time.Since(began) }()
					c.check(t, sendertest.NewEndpoint(t))
				})
				require.Equal(t, c.took, took)
				if c.wrong == "" {
					require.Empty(t, s.failures)
					return
				}
				require.Len(t, s.failures, 1)
				require.Contains(t, s.failures[0], c.wrong)
			})
		})
	}
}

func TestRepliesInTurn(t *testing.T) {
	e := sendertest.NewEndpoint(t, sendertest.Status(500), sendertest.Status(404), sendertest.Status(201))
	tr := sendertest.Transport(t, e)
	var got []int
	for range 5 {
		r, err := http.NewRequest("POST", e.URL, nil)
		require.NoError(t, err)
		resp, err := tr.RoundTrip(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		got = append(got, resp.StatusCode)
	}
	require.Equal(t, []int{500, 404, 201, 201, 201}, got)
}

func TestNilReply(t *testing.T) {
	s := watch(t, func(t testing.TB) { sendertest.NewEndpoint(t, sendertest.Hang(), nil) })
	require.Len(t, s.failures, 1)
	require.Contains(t, s.failures[0], "reply 2 is nil")
}

func TestEndpointsDiffer(t *testing.T) {
	require.NotEqual(t, sendertest.NewEndpoint(t).URL, sendertest.NewEndpoint(t).URL)
}
