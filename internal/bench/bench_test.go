package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMain lets the tests start this binary as a child process.
func TestMain(m *testing.M) {
	if serve(os.Args[1:]) {
		return
	}
	os.Exit(m.Run())
}

func TestContestantsTakeTurns(t *testing.T) {
	var order []string
	runs := func(name string, ops ...int) contender {
		return contender{name: name, run: func(context.Context) (sample, error) {
			order = append(order, name)
			n := ops[0]
			ops = ops[1:]
			return sample{ops: n, wall: time.Second, cpu: time.Duration(n) * time.Millisecond}, nil
		}}
	}
	var out bytes.Buffer
	// In the second round the machine is slow, for both.
	r, err := contest(t.Context(), &out, 3, runs("a", 100, 10, 120), runs("b", 200, 20, 360))
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "a", "b", "a", "b"}, order)
	require.InDelta(t, 2, r.ratio(sample.rate, "b", "a"), 1e-9, "the median of 2, 2 and 3")
	require.InDelta(t, 100, r.median("a", sample.rate), 1e-9)
	require.InDelta(t, 1000, r.median("a", sample.cpuPerOp), 1e-9)
	require.Contains(t, out.String(), "CPU µs/op")
}

func TestContestRefusesWhatMeasuredNothing(t *testing.T) {
	_, err := contest(t.Context(), &bytes.Buffer{}, 1, contender{name: "idle", run: func(context.Context) (sample, error) {
		return sample{}, nil
	}})
	require.ErrorContains(t, err, "idle: nothing was measured")
}

func TestBudgets(t *testing.T) {
	b := &bench{out: &bytes.Buffer{}}
	b.judge(atMost("cost", 1.2, 1.25), atLeast("gain", 2, 2))
	require.False(t, b.short)
	b.judge(atLeast("gain", 1.99, 2))
	require.True(t, b.short)
	require.Equal(t, `BENCH cost=1.2 budget=<=1.25 ok
BENCH gain=2 budget=>=2 ok
BENCH gain=1.99 budget=>=2 FALLS SHORT
`, b.out.(*bytes.Buffer).String())
}

func TestChoose(t *testing.T) {
	chosen, err := choose(cases(), "noisy,sign")
	require.NoError(t, err)
	require.Equal(t, []string{"noisy", "sign"}, []string{chosen[0].name, chosen[1].name})
	_, err = choose(cases(), "nosy")
	require.ErrorContains(t, err, `no case "nosy"`)
}

// The far end that all cases share, and our own sender against it.
func TestDeliveriesArrive(t *testing.T) {
	far, err := startSink(t.Context())
	require.NoError(t, err)
	defer far.stop()
	deliverEvents(t, far, 300)
	arrived, err := far.gather(300)
	require.NoError(t, err)
	require.Len(t, arrived, 300)
	require.Positive(t, arrived[0])
}

// deliverEvents lets our own sender deliver n events.
func deliverEvents(t *testing.T, far *sink, n int) {
	s, done, err := entry("ours", far, 8, nil, openMemory).open(t.Context())
	require.NoError(t, err)
	defer done()
	stop, err := s.run(t.Context())
	require.NoError(t, err)
	require.NoError(t, cycle(t.Context(), s, 0, n, inBatches(100)))
	require.NoError(t, stop())
}

// Whoever delivers sends the same request, but for ids, times and signatures.
func TestAttemptsLookAlike(t *testing.T) {
	heads := make(chan http.Header, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { heads <- r.Header }))
	defer server.Close()
	far := &sink{url: server.URL}

	deliverEvents(t, far, 1)
	ours := <-heads

	j, err := newJob(far, 0, subscriptions)
	require.NoError(t, err)
	p := newPoster(1)
	defer p.close()
	require.NoError(t, p.attempt(t.Context(), j))
	theirs := <-heads
	require.Len(t, theirs, len(ours))
	for name, values := range ours {
		require.Len(t, theirs.Get(name), len(values[0]), name)
	}
}

// A table of endpoints is worth nothing if one of them lets forgeries pass or does not do its work: warmUp looks.
func TestEndpointsDoTheirWork(t *testing.T) {
	list, err := endpoints()
	require.NoError(t, err)
	for _, e := range list {
		t.Run(e.name, func(t *testing.T) {
			target := &target{endpoint: e, n: 50}
			require.NoError(t, target.start(t.Context()))
			target.stop()
		})
	}
}
