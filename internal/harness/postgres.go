package harness

import (
	"math/rand/v2"
	"time"
)

// Server is a database server that can be crashed.
type Server interface {
	Crash() error
	Restart() error
}

// PostgresWeather crashes a server, and troubles the connections that lead through a proxy.
type PostgresWeather struct {
	Server Server
	Proxy  *Proxy
}

// Strike implements [Weather].
func (w PostgresWeather) Strike(r *rand.Rand) (fault string, crash bool, err error) {
	long := time.Duration(500+r.IntN(2500)) * time.Millisecond // a store call is given up after two seconds
	brief := time.Duration(r.IntN(500)) * time.Millisecond
	switch r.IntN(8) {
	case 0, 1, 2:
		if err := w.Server.Crash(); err != nil {
			return "", false, err
		}
		time.Sleep(brief)
		return "database", true, w.Server.Restart()
	case 3:
		w.Proxy.Cut(brief)
		return "cut", false, nil
	case 4:
		w.Proxy.Stall(long)
		return "stall", false, nil
	case 5:
		w.Proxy.Slow(20*time.Millisecond, long)
		return "slow", false, nil
	default:
		if w.Proxy.Mute(1+r.IntN(5), 500*time.Millisecond) == 0 {
			return "nothing to lose", false, nil
		}
		return "lost replies", false, nil
	}
}
