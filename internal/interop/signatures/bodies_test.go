package signatures_test

import (
	"bytes"
	"math/rand/v2"
	"sync"

	"github.com/kirimhooks/kirimhooks/internal/samples"
)

// bodies are all samples, and what samples never look like: nothing, binary, a megabyte.
var bodies = sync.OnceValue(func() [][]byte {
	all := [][]byte{
		nil,
		[]byte("."),
		[]byte("1614265330.{}"),
		[]byte("\xff\xfe\x00\r\n"),
		[]byte(`{"id":"evt_1","type":"x","data":{"text":"Selamat pagi 🌅 – १२३ \u2028 \\u0000"}}`),
		bytes.Repeat([]byte("kirim🪝"), 1<<17)[:1<<20],
	}
	for s := range samples.Corpus() {
		all = append(all, s.Body)
	}
	random := rand.NewChaCha8([32]byte{1})
	for n := range 200 {
		body := make([]byte, n)
		_, _ = random.Read(body)
		all = append(all, body)
	}
	return all
})

// secrets are of every length that HMAC treats in its own way, and beyond ASCII.
var secrets = []string{
	"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	"whsec_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH",
	"a",
	"rahasia 🔑 dua",
	string(bytes.Repeat([]byte("k"), 63)), string(bytes.Repeat([]byte("k"), 64)), string(bytes.Repeat([]byte("k"), 65)),
	string(bytes.Repeat([]byte("k"), 1000)),
}
