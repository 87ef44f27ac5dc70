package pgstore_test

import (
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/sender/driver"
	"github.com/kirimhooks/kirimhooks/sender/pgstore"
)

// proxy stands between a store and its server, and can lose an answer: the server did what it was asked, and the client
// sees its connection end.
type proxy struct {
	net.Listener
	server string
	cut    atomic.Bool // cut the connection on which the next answer comes
	lost   atomic.Int32
	wg     sync.WaitGroup
}

func (p *proxy) serve() {
	for {
		client, err := p.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			client.Close()
			return
		}
		p.wg.Go(func() {
			defer server.Close()
			io.Copy(server, client)
		})
		p.wg.Go(func() {
			defer client.Close()
			buf := make([]byte, 64<<10)
			for {
				n, err := server.Read(buf)
				if n > 0 && p.cut.CompareAndSwap(true, false) {
					p.lost.Add(1)
					return
				}
				if n > 0 {
					if _, err := client.Write(buf[:n]); err != nil {
						return
					}
				}
				if err != nil {
					return
				}
			}
		})
	}
}

// behindProxy is another process on the same schema whose answers can be lost.
func (w *world) behindProxy() (*pgstore.Store, *pgxpool.Pool, *proxy) {
	w.Helper()
	config := w.pool.Config()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(w, err)
	p := &proxy{Listener: l, server: fmt.Sprintf("%s:%d", config.ConnConfig.Host, config.ConnConfig.Port)}
	p.wg.Go(p.serve)
	config.ConnConfig.Host, config.ConnConfig.Port = "127.0.0.1", uint16(l.Addr().(*net.TCPAddr).Port)
	config.ConnConfig.Fallbacks, config.ConnConfig.TLSConfig = nil, nil
	config.MaxConns = 1 // warm, so that the next answer is the statement's
	pool, err := pgxpool.NewWithConfig(w.ctx, config)
	require.NoError(w, err)
	w.Cleanup(func() {
		pool.Close()
		l.Close()
		p.wg.Wait()
	})
	s, err := pgstore.New(pool, pgstore.Config{Schema: w.schema})
	require.NoError(w, err)
	return s, pool, p
}

func TestAPublicationWhoseAnswerWasLostIsADuplicate(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	s, _, p := w.behindProxy()
	for i := range 5 {
		warm := publication("a", fmt.Sprint("warm", i), "x")
		_, _, err := s.Enqueue(t.Context(), []driver.Publication{warm}, nil)
		require.NoError(t, err)
		pubs := []driver.Publication{publication("a", fmt.Sprint("lost", i), "x")}
		p.cut.Store(true)
		_, _, err = s.Enqueue(t.Context(), pubs, nil)
		require.Error(t, err)
		results, _, err := s.Enqueue(t.Context(), pubs, nil)
		require.NoError(t, err)
		require.Equal(t, []driver.Enqueued{{Duplicate: true}}, results)
	}
	require.EqualValues(t, 5, p.lost.Load())
	require.Equal(t, 10, w.count("select count(*) from {schema}.unfinished_deliveries"))
}

func TestACommitWhoseAnswerWasLostIsADuplicate(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	s, pool, p := w.behindProxy()
	publish := func(cut bool) ([]driver.Enqueued, error) {
		tx, err := pool.Begin(t.Context())
		require.NoError(t, err)
		defer tx.Rollback(t.Context())
		results, _, err := s.Tx(tx).Enqueue(t.Context(), []driver.Publication{publication("a", "e", "x")}, nil)
		require.NoError(t, err)
		p.cut.Store(cut)
		return results, tx.Commit(t.Context())
	}
	_, err := publish(true)
	require.Error(t, err)
	results, err := publish(false)
	require.NoError(t, err)
	require.True(t, results[0].Duplicate)
	require.Equal(t, 1, w.count("select count(*) from {schema}.unfinished_deliveries"))
}

func TestASettleWhoseAnswerWasLostAppliesOnce(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publications("a", "e", 6, "x")...)
	s, _, p := w.behindProxy()
	r := request(2)
	for range 3 {
		c, err := s.Claim(t.Context(), r)
		require.NoError(t, err)
		require.Len(t, c.Claims, 2)
		retry := died(c.Claims[1])
		retry.State, retry.After, retry.Health = driver.StatePending, time.Hour, driver.HealthUnchanged
		batch := []driver.Outcome{died(c.Claims[0]), retry}
		p.cut.Store(true)
		_, err = s.Settle(t.Context(), batch)
		require.Error(t, err)
		settled, err := s.Settle(t.Context(), batch)
		require.NoError(t, err)
		require.True(t, settled[0].Applied && settled[1].Applied)
	}
	require.Equal(t, 6, w.count("select count(*) from {schema}.attempts"))
	require.Equal(t, 6, w.minutes("failed"))
	require.Equal(t, 3, w.count("select consecutive_dead from {schema}.health"))
	require.Equal(t, 3, w.count("select count(*) from {schema}.unfinished_deliveries"))
}

func TestAClaimWhoseAnswerWasLostIsTakenOver(t *testing.T) {
	w := open(t)
	w.subscribe("a", "s", driver.StatusActive, "x")
	w.publish(publications("a", "e", 3, "x")...)
	s, _, p := w.behindProxy()
	_, err := s.Subscriptions(t.Context(), driver.SubscriptionQuery{Org: "a"})
	require.NoError(t, err)
	none := request(1)
	none.PerSubscription = 0
	_, err = s.Claim(t.Context(), none) // prepares the statement
	require.NoError(t, err)
	p.cut.Store(true)
	_, err = s.Claim(t.Context(), request(3))
	require.Error(t, err)
	require.Empty(t, w.claim(request(3)).Claims)
	w.advance(time.Minute)
	c := w.claim(request(3)).Claims
	require.Len(t, c, 3)
	require.Equal(t, 1, c[0].Lapses)
}
