package harness_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/harness"
)

func message(kind byte, body string) []byte {
	m := binary.BigEndian.AppendUint32([]byte{kind}, uint32(4+len(body)))
	return append(m, body...)
}

// committer answers each line as Postgres answers a statement that commits, but for "begin", which leaves a transaction
// open, and "listen", which brings a notification.
func committer(t *testing.T) (address string, commits *atomic.Int32) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	commits = new(atomic.Int32)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				lines := bufio.NewScanner(conn)
				for lines.Scan() {
					switch lines.Text() {
					case "begin":
						conn.Write(append(message('C', "BEGIN\x00"), message('Z', "T")...))
					case "listen":
						conn.Write(message('A', "news"))
					default:
						commits.Add(1)
						conn.Write(append(message('C', "INSERT 0 1\x00"), message('Z', "I")...))
					}
				}
			}()
		}
	}()
	return listener.Addr().String(), commits
}

func dial(t *testing.T, p *harness.Proxy) net.Conn {
	conn, err := net.Dial("tcp", p.Addr())
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	return conn
}

func ask(conn net.Conn, line string, answer int) error {
	if _, err := io.WriteString(conn, line+"\n"); err != nil {
		return err
	}
	_, err := io.ReadFull(conn, make([]byte, answer))
	return err
}

var committed = len(message('C', "INSERT 0 1\x00")) + len(message('Z', "I"))

func proxied(t *testing.T) (*harness.Proxy, *atomic.Int32) {
	address, commits := committer(t)
	p, err := harness.NewProxy(address)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p, commits
}

func TestProxyPasses(t *testing.T) {
	p, commits := proxied(t)
	conn := dial(t, p)
	for range 3 {
		require.NoError(t, ask(conn, "insert", committed))
	}
	require.EqualValues(t, 3, commits.Load())
}

func TestProxyCuts(t *testing.T) {
	p, _ := proxied(t)
	conn := dial(t, p)
	require.NoError(t, ask(conn, "insert", committed))
	p.Cut(0)
	require.Error(t, ask(conn, "insert", committed))
	require.NoError(t, ask(dial(t, p), "insert", committed))
}

func TestProxyRefusesWhileItIsCut(t *testing.T) {
	p, _ := proxied(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Cut(200 * time.Millisecond)
	}()
	require.Eventually(t, func() bool { return ask(dial(t, p), "insert", committed) != nil }, 10*time.Second,
		time.Millisecond)
	<-done
	require.NoError(t, ask(dial(t, p), "insert", committed))
}

func TestProxyStalls(t *testing.T) {
	p, _ := proxied(t)
	conn := dial(t, p)
	require.NoError(t, ask(conn, "insert", committed))
	began := time.Now()
	stalling := make(chan struct{})
	go func() {
		close(stalling)
		p.Stall(300 * time.Millisecond)
	}()
	<-stalling
	for time.Since(began) < 100*time.Millisecond { // until one of them meets the stall
		require.NoError(t, ask(conn, "insert", committed))
	}
	require.GreaterOrEqual(t, time.Since(began), 300*time.Millisecond)
}

func TestProxySlows(t *testing.T) {
	p, _ := proxied(t)
	conn := dial(t, p)
	go p.Slow(100*time.Millisecond, 10*time.Second)
	require.Eventually(t, func() bool {
		began := time.Now()
		require.NoError(t, ask(conn, "insert", committed))
		return time.Since(began) >= 200*time.Millisecond // there and back
	}, 10*time.Second, time.Millisecond)
}

// What the server has committed stays committed; only the client does not hear of it.
func TestProxyLosesTheReplyToACommit(t *testing.T) {
	p, commits := proxied(t)
	conn := dial(t, p)
	require.NoError(t, ask(conn, "insert", committed))
	lost := make(chan int)
	go func() { lost <- p.Mute(1, 500*time.Millisecond) }()
	require.Eventually(t, func() bool { return ask(conn, "insert", committed) != nil }, 10*time.Second, time.Millisecond)
	before := commits.Load()
	require.Equal(t, 1, <-lost)
	require.NoError(t, ask(dial(t, p), "insert", committed), "one was to be lost")
	require.EqualValues(t, before+1, commits.Load())
}

// A reply inside an open transaction tells of nothing that could be lost, and a notification is no reply.
func TestProxyLosesNothingElse(t *testing.T) {
	p, _ := proxied(t)
	conn := dial(t, p)
	require.NoError(t, ask(conn, "insert", committed))
	lost := make(chan int)
	go func() { lost <- p.Mute(1, 200*time.Millisecond) }()
	began := len(message('C', "BEGIN\x00")) + len(message('Z', "T"))
	for range 50 {
		require.NoError(t, ask(conn, "begin", began))
		require.NoError(t, ask(conn, "listen", len(message('A', "news"))))
		time.Sleep(time.Millisecond)
	}
	require.Zero(t, <-lost)
}
