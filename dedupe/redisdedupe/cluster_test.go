package redisdedupe_test

import (
	"net"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/dedupe/dedupetest"
	"github.com/kirimhooks/kirimhooks/internal/redistest"
)

const slots = 16384

// openCluster starts a cluster of two masters with half of the slots each.
func openCluster(t *testing.T) *redis.ClusterClient {
	t.Helper()
	var nodes []*redis.Client
	for i := range 2 {
		// The port beside the port: by itself it is 10,000 further, which may be past the last.
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		_, bus, err := net.SplitHostPort(l.Addr().String())
		require.NoError(t, err)
		require.NoError(t, l.Close())
		node := connect(t, redistest.Start(t, "--cluster-enabled", "yes", "--cluster-port", bus).URL())
		require.NoError(t, node.ClusterAddSlotsRange(t.Context(), i*slots/2, (i+1)*slots/2-1).Err())
		if i > 0 {
			host, port, err := net.SplitHostPort(nodes[0].Options().Addr)
			require.NoError(t, err)
			first := nodes[0].ConfigGet(t.Context(), "cluster-port").Val()["cluster-port"]
			require.NoError(t, node.Do(t.Context(), "cluster", "meet", host, port, first).Err())
		}
		nodes = append(nodes, node)
	}
	for _, node := range nodes {
		for agreed := false; !agreed; {
			require.NoError(t, t.Context().Err())
			agreed = strings.Contains(node.ClusterInfo(t.Context()).Val(), "cluster_state:ok")
		}
	}
	cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Options().Addr}})
	t.Cleanup(func() { cluster.Close() })
	return cluster
}

func TestCluster(t *testing.T) {
	cluster := openCluster(t)
	dedupetest.Run(t, func(t *testing.T) dedupetest.Subject { return over(t, cluster).subject() })
}
