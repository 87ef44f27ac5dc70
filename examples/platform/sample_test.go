package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The commands of the page: without a store named, one event is in the dashboard, and there again after a restart.
func TestSampleInDefaultStore(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Run("first", func(t *testing.T) {
		c := start(t, "-store", defaultStore, "-sample")
		c.await("delivered", "webhook_deliveries")
		status, text := c.page("GET", "/console/logs")
		require.Equal(t, 200, status)
		require.Contains(t, text, "Delivered")
	})
	files, err := filepath.Glob("*")
	require.NoError(t, err)
	require.Contains(t, files, "platform.db")
	_, err = os.Stat("platform.db")
	require.NoError(t, err)
	c := start(t, "-store", defaultStore)
	require.Len(t, c.list("webhook_deliveries"), 1)
}

func TestSampleSubscribesOnce(t *testing.T) {
	s := start(t, "-sample")
	require.Len(t, s.list("webhook_subscriptions"), 1)
	require.Len(t, s.await("delivered", "webhook_deliveries"), 1)
}
