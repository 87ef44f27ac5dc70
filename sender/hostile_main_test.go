package sender_test

import (
	"os"
	"testing"
)

// TestMain offers a proxy in the environment, which nothing may use.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		os.Setenv(name, "http://127.0.3.1:9")
	}
	os.Exit(m.Run())
}
