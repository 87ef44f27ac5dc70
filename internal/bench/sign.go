package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"
	"time"

	"github.com/kirimhooks/kirimhooks/signature"
)

// signedSizes are the bodies that sign and verify are measured with.
var signedSizes = []struct {
	name  string
	bytes int
	peers bool // others are measured with this size too
}{
	{"256B", 256, false},
	{"1KiB", 1 << 10, true},
	{"64KiB", 64 << 10, false},
}

const signedID = "evt_7WY2KB9327WDNDDEGNJH353M81"

func signing() measurement {
	return measurement{
		name: "sign",
		what: "make the signature of a body, beside the HMAC alone with a keyed state from a pool",
		run: func(ctx context.Context, b *bench) error {
			return b.signatures(ctx, "sign", signers)
		},
	}
}

func verifying() measurement {
	return measurement{
		name: "verify",
		what: "verify the signature of a body, beside the HMAC alone with a keyed state from a pool",
		run: func(ctx context.Context, b *bench) error {
			return b.signatures(ctx, "verify", verifiers)
		},
	}
}

// signatures measures the micros that of makes: the bare HMAC, ours, and peers if they are asked for.
func (b *bench) signatures(
	ctx context.Context, name string, of func(body []byte, now time.Time, peers bool) ([]micro, error),
) error {
	for _, size := range signedSizes {
		body := []byte(strings.Repeat("b", size.bytes))
		micros, err := of(body, time.Now(), size.peers)
		if err != nil {
			return err
		}
		fmt.Fprintln(b.out, size.name)
		r, err := race(ctx, b.out, b.pick(15, 31), body, micros...)
		if err != nil {
			return err
		}
		pooled, ours := micros[0], micros[1]
		key := name + "-" + size.name
		b.judge(
			atMost(key, r.times(ours, pooled), 1.05),
			atMost(key+"-allocs", r.allocs[ours.name], 0),
		)
		for _, peer := range micros[2:] {
			if bound := peerBounds[peer.name]; bound > 0 {
				b.judge(atLeast(key+"-"+peer.name, r.times(peer, ours), bound))
			}
		}
	}
	return nil
}

// peerBounds are how many times faster than a peer ours must be. One that is missing is measured for information.
var peerBounds = map[string]float64{"stripe-go": 3, "standard-webhooks": 5, "svix": 5}

func signers(_ []byte, now time.Time, withPeers bool) ([]micro, error) {
	secret := signature.GenerateSecret()
	key := []byte(secret.Reveal())
	dst := make([]byte, 0, 128)
	micros := []micro{pooledHMAC(key, now), {"kirimhooks", func(body []byte) error {
		dst = signature.SignKirim(dst[:0], body, now, secret)
		return nil
	}}}
	if !withPeers {
		return micros, nil
	}
	peers, err := signaturePeers(key)
	for _, p := range peers {
		if p.sign != nil {
			micros = append(micros, micro{p.name, func(body []byte) error { return p.sign(signedID, body, now) }})
		}
	}
	return micros, err
}

func verifiers(body []byte, now time.Time, withPeers bool) ([]micro, error) {
	secret := signature.GenerateSecret()
	key := []byte(secret.Reveal())
	header := string(signature.SignKirim(nil, body, now, secret))
	micros := []micro{{"kirimhooks", func(body []byte) error {
		_, err := signature.VerifyKirim(header, body, now, 0, secret)
		return err
	}}}
	var peers []signaturePeer
	if withPeers {
		var err error
		if peers, err = signaturePeers(key); err != nil {
			return nil, err
		}
	}
	for _, p := range peers {
		h, err := p.present(signedID, body, now)
		if err != nil {
			return nil, err
		}
		micros = append(micros, micro{p.name, func(body []byte) error { return p.verify(h, body) }})
	}
	// What lets a forgery pass has no place in a table of verifiers.
	forged := append([]byte("x"), body[1:]...)
	for _, m := range micros {
		if m.op(forged) == nil {
			return nil, errors.New(m.name + ": took a forged body for genuine")
		}
	}
	return append([]micro{pooledHMAC(key, now)}, micros...), nil
}

// pooledHMAC is the floor of both: a keyed state out of a pool sums "t." and the body, and nothing is done with the
// sum.
func pooledHMAC(key []byte, now time.Time) micro {
	type state struct {
		hash hash.Hash
		sum  [sha256.Size]byte
	}
	pool := sync.Pool{New: func() any { return &state{hash: hmac.New(sha256.New, key)} }}
	head := fmt.Appendf(nil, "%d.", now.Unix())
	return micro{"pooled HMAC", func(body []byte) error {
		st := pool.Get().(*state)
		st.hash.Reset()
		st.hash.Write(head)
		st.hash.Write(body)
		st.hash.Sum(st.sum[:0])
		pool.Put(st)
		return nil
	}}
}
