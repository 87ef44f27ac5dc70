package dashboard_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
)

func TestMoments(t *testing.T) {
	all := dashboard.New(fstest.MapFS{"templates/x.html": {}}, dashboard.Texts{}, nil)
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration][2]string{
		0:                    {"just now", "baru saja"},
		30 * time.Second:     {"30 s ago", "30 dtk lalu"},
		-2 * time.Minute:     {"in 2 min", "dalam 2 mnt"},
		90 * time.Minute:     {"1 h ago", "1 jam lalu"},
		47 * time.Hour:       {"47 h ago", "47 jam lalu"},
		72 * time.Hour:       {"3 d ago", "3 hari lalu"},
		8 * 24 * time.Hour:   {"2 Mar", "2 Mar"},
		100 * 24 * time.Hour: {"30 Nov 2025", "30 Nov 2025"},
		-60 * 24 * time.Hour: {"9 May", "9 Mei"},
	} {
		for i, l := range all {
			require.Equal(t, want[i], l.Since(now.Add(-ago), now), ago)
		}
	}
	l := all[0]
	require.Equal(t, "–", l.Moment(time.Time{}).Words)
	require.Equal(t, "2026-03-10 12:00:00.000 UTC", l.Moment(now.In(time.FixedZone("WIB", 7*3600))).Exact)
	for d, want := range map[time.Duration]string{
		0: "–", 1500 * time.Microsecond: "1.5 ms", 45 * time.Millisecond: "45 ms", 1200 * time.Millisecond: "1.2 s",
	} {
		require.Equal(t, want, l.Lasted(d))
	}
	require.Equal(t, "1,234,567", l.Number(1234567))
	require.Equal(t, "-1.234", all[1].Number(-1234))
	require.Equal(t, "999", l.Number(999))
	require.Equal(t, "key.unknown", l.Say("key.unknown"))
}
