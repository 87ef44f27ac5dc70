package signature_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/signature"
)

// BenchmarkKirim compares signing and verifying with the bare cost of the HMAC from a pool.
func BenchmarkKirim(b *testing.B) {
	now := time.Unix(1782950400, 0)
	secret := signature.GenerateSecret()
	for _, size := range []int{256, 1024, 64 << 10} {
		body := []byte(strings.Repeat("b", size))
		header := string(signature.SignKirim(nil, body, now, secret))
		run := func(name string, op func()) {
			b.Run(strconv.Itoa(size)+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					op()
				}
			})
		}
		type state struct {
			hash hash.Hash
			sum  [sha256.Size]byte
		}
		pool := sync.Pool{New: func() any { return &state{hash: hmac.New(sha256.New, []byte(secret.Reveal()))} }}
		t := []byte("1782950400.")
		run("pooled", func() {
			st := pool.Get().(*state)
			st.hash.Reset()
			st.hash.Write(t)
			st.hash.Write(body)
			st.hash.Sum(st.sum[:0])
			pool.Put(st)
		})
		dst := make([]byte, 0, 128)
		run("sign", func() { dst = signature.SignKirim(dst[:0], body, now, secret) })
		run("verify", func() {
			if _, err := signature.VerifyKirim(header, body, now, 0, secret); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkEd25519 compares v1a with the bare cost of crypto/ed25519.
func BenchmarkEd25519(b *testing.B) {
	now, secret, key := time.Unix(1782950400, 0), signature.NewSecret(whsk('k')), private('k')
	public, verifies := key.Public().(ed25519.PublicKey), secret.Public()
	for _, size := range []int{256, 1024, 64 << 10} {
		body := []byte(strings.Repeat("b", size))
		text := []byte("evt_1.1782950400." + string(body))
		header, bare := string(signature.SignStandard(nil, "evt_1", body, now, secret)), ed25519.Sign(key, text)
		dst := make([]byte, 0, 128)
		for _, op := range []struct {
			name string
			run  func() bool
		}{
			{"bare sign", func() bool { return len(ed25519.Sign(key, text)) > 0 }},
			{"sign", func() bool { return len(signature.SignStandard(dst, "evt_1", body, now, secret)) > 0 }},
			{"bare verify", func() bool { return ed25519.Verify(public, text, bare) }},
			{"verify", func() bool {
				_, err := signature.VerifyStandard("evt_1", "1782950400", header, body, now, 0, verifies)
				return err == nil
			}},
		} {
			b.Run(strconv.Itoa(size)+"/"+op.name, func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					if !op.run() {
						b.Fatal("refused")
					}
				}
			})
		}
	}
}

func BenchmarkNewSecret(b *testing.B) {
	text := signature.GenerateSecret().Reveal()
	b.ReportAllocs()
	for b.Loop() {
		signature.NewSecret(text)
	}
}
