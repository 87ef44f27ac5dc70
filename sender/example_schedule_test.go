package sender_test

import (
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/kirimhooks/kirimhooks/sender"
)

// The schedule is data: the default keeps kirim.dev's promise, and any list works.
func ExampleKirimSchedule() {
	printSchedule(sender.KirimSchedule())
	// Output:
	// attempt 2 after 10s, 10s since the first
	// attempt 3 after 30s, 40s since the first
	// attempt 4 after 2m0s, 2m40s since the first
	// attempt 5 after 10m0s, 12m40s since the first
	// attempt 6 after 30m0s, 42m40s since the first
	// attempt 7 after 2h0m0s, 2h42m40s since the first
	// attempt 8 after 6h0m0s, 8h42m40s since the first
	// attempt 9 after 15h0m0s, 23h42m40s since the first
}

// The table that kirim.dev prints is another one, for who wants it to the letter.
func ExampleKirimPublishedTable() {
	contract := sender.Kirim()
	contract.Schedule = sender.KirimPublishedTable()
	printSchedule(contract.Schedule)
	// Output:
	// attempt 2 after 10s, 10s since the first
	// attempt 3 after 30s, 40s since the first
	// attempt 4 after 2m0s, 2m40s since the first
	// attempt 5 after 10m0s, 12m40s since the first
	// attempt 6 after 1h0m0s, 1h12m40s since the first
	// attempt 7 after 6h0m0s, 7h12m40s since the first
	// attempt 8 after 24h0m0s, 31h12m40s since the first
}

// A policy of package backoff, three retries long, without the limit on elapsed time that it has by default.
func ExampleFromBackOff() {
	printSchedule(sender.FromBackOff(func() backoff.BackOff {
		return backoff.WithMaxRetries(backoff.NewExponentialBackOff(
			backoff.WithInitialInterval(time.Minute), backoff.WithMultiplier(10), backoff.WithMaxInterval(time.Hour),
			backoff.WithMaxElapsedTime(0),
			backoff.WithRandomizationFactor(0), // Contract.Jitter spreads the waits
		), 3)
	}))
	// Output:
	// attempt 2 after 1m0s, 1m0s since the first
	// attempt 3 after 10m0s, 11m0s since the first
	// attempt 4 after 1h0m0s, 1h11m0s since the first
}

func printSchedule(s sender.Schedule) {
	since := time.Duration(0)
	for n := 1; ; n++ {
		wait, more := s.Wait(n)
		if !more {
			return
		}
		since += wait
		fmt.Printf("attempt %d after %v, %v since the first\n", n+1, wait, since)
	}
}
