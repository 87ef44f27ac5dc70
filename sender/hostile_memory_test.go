package sender_test

import (
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/testnet"
	"github.com/kirimhooks/kirimhooks/sender"
)

// heap is what lives now, garbage aside.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Many endpoints at once each send as much as they may, and then hold on: together they hold little.
func TestMemoryHeldByHostileAnswers(t *testing.T) {
	const endpoints = 32
	pad := strings.Repeat("a", 1000)
	for name, answer := range map[string]string{
		"body":        "HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + strings.Repeat(pad, 70),
		"chunks":      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\na\r\n", 10_000),
		"headers":     "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: "+pad+"\r\n", 60),
		"header line": "HTTP/1.1 200 OK\r\nX: " + strings.Repeat(pad, 60),
		"names":       "HTTP/1.1 200 OK\r\n" + strings.Repeat("A:b\r\n", 8_000),
		"1xx":         strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 1_500),
	} {
		t.Run(name, func(t *testing.T) {
			holding, release := make(chan struct{}, endpoints), make(chan struct{})
			server := testnet.Serve(t, "127.0.1.1:0", after(func(c *testnet.Conn) {
				c.Say(answer)
				holding <- struct{}{}
				<-release
			}))
			attempts := testers(t, endpoints, overLoopback(sender.Kirim()), server.URL("http"))
			before, held := heap(), uint64(0)
			var wg sync.WaitGroup
			for _, attempt := range attempts {
				wg.Go(func() { attempt() })
			}
			for range endpoints {
				<-holding
			}
			for range 20 { // the last one counts: by then all have read what they will
				held = heap()
			}
			close(release)
			wg.Wait()
			require.Greater(t, held, before)
			each := (held - before) / endpoints
			t.Logf("%d KiB each", each>>10)
			require.Less(t, each, uint64(256<<10))
		})
	}
}

// Answers without end are cut off before they cost much. The servers allocate nothing while they answer, so that what
// is measured, garbage included, is the sender's.
func TestGarbageOfEndlessAnswers(t *testing.T) {
	flood := func(head, chunk string) func(*testnet.Conn) {
		text := []byte(chunk)
		return after(func(c *testnet.Conn) {
			for ok := c.Say(head); ok; {
				_, err := c.Write(text)
				ok = err == nil
			}
		})
	}
	pad := strings.Repeat("a", 16<<10)
	for name, handle := range map[string]func(*testnet.Conn){
		"body":        flood("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", pad),
		"chunks":      flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "4000\r\n"+pad+"\r\n"),
		"headers":     flood("HTTP/1.1 200 OK\r\n", strings.Repeat("X-Pad: "+pad[:1000]+"\r\n", 16)),
		"1xx":         flood("", strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 400)),
		"header line": flood("HTTP/1.1 200 OK\r\nX: ", pad),
		"gzip bomb":   testnet.GzipBomb(1 << 20),
	} {
		t.Run(name, func(t *testing.T) {
			attempt := testers(t, 1, impatient(), testnet.Serve(t, "127.0.1.1:0", handle).URL("http"))[0]
			attempt() // fills pools
			const n = 10
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range n {
				attempt()
			}
			runtime.ReadMemStats(&after)
			each := (after.TotalAlloc - before.TotalAlloc) / n
			t.Logf("%d KiB each", each>>10)
			require.Less(t, each, uint64(2<<20))
		})
	}
}
