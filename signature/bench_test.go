package signature_test

import (
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

func BenchmarkNewSecret(b *testing.B) {
	text := signature.GenerateSecret().Reveal()
	b.ReportAllocs()
	for b.Loop() {
		signature.NewSecret(text)
	}
}
