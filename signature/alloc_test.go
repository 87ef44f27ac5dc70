package signature_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/signature"
)

func TestNoAllocationOnceWarm(t *testing.T) {
	if raceEnabled {
		t.Skip("sync.Pool drops items at random under the race detector, so that warm state has to be made again")
	}
	now := time.Unix(1782950400, 0)
	old, fresh, shared := signature.GenerateSecret(), signature.GenerateSecret(),
		signature.NewSecret(strings.Repeat("s", 512))
	keys := signature.NewKeyring(fresh, old)
	body := []byte(strings.Repeat("b", 1024))
	kirim := string(signature.SignKirim(nil, body, now, old))
	standard := string(signature.SignStandard(nil, "evt_1", body, now, old))
	meta := string(signature.SignMeta(nil, body, old))
	buf := make([]byte, 0, 512)

	cases := map[string]func() error{
		"SignKirim":    func() error { buf = signature.SignKirim(buf[:0], body, now, old, fresh); return nil },
		"SignStandard": func() error { buf = signature.SignStandard(buf[:0], "evt_1", body, now, old, fresh); return nil },
		"SignMeta":     func() error { buf = signature.SignMeta(buf[:0], body, old); return nil },
		"VerifyKirim": func() error {
			_, err := signature.VerifyKirim(kirim, body, now, 0, keys.Secrets()...)
			return err
		},
		"VerifyStandard": func() error {
			_, err := signature.VerifyStandard("evt_1", "1782950400", standard, body, now, 0, keys.Secrets()...)
			return err
		},
		"VerifyMeta":   func() error { _, err := signature.VerifyMeta(meta, body, keys.Secrets()...); return err },
		"VerifyShared": func() error { _, err := signature.VerifyShared(shared.Reveal(), shared); return err },
	}
	for name, call := range cases {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, call())
			require.Zero(t, testing.AllocsPerRun(1000, func() { _ = call() }))
		})
	}
	t.Run("refusal", func(t *testing.T) {
		forged := "t=1782950400,v1=" + strings.Repeat("0", 64)
		require.Zero(t, testing.AllocsPerRun(1000, func() {
			_, _ = signature.VerifyKirim(forged, body, now, 0, old)
			_, _ = signature.VerifyKirim("t=1,t=1", body, now, 0, old)
			_, _ = signature.VerifyShared("no", old)
		}))
	})
}
