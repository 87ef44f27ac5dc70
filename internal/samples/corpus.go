package samples

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/kirimhooks/kirimhooks/envelope"
)

// Sample is one body of the corpus.
type Sample struct {
	Name    string // "kirim/contact_created"
	Source  envelope.Source
	Headers http.Header // as sent, without a signature or secret; empty for meta/, which shows Meta's own bodies
	Body    []byte
}

//go:embed headers.json kirim/*.json meta/*.json kirisan/*.json
var corpus embed.FS

// Corpus yields every body, in the order of the names. It panics if the embedded files are broken.
func Corpus() iter.Seq[Sample] {
	return func(yield func(Sample) bool) {
		var headers map[string]map[string]string
		if err := json.Unmarshal(read("headers.json"), &headers); err != nil {
			panic(fmt.Sprintf("samples: headers.json: %v", err))
		}
		files, err := fs.Glob(corpus, "*/*.json")
		if err != nil {
			panic(fmt.Sprintf("samples: %v", err))
		}
		slices.Sort(files)
		for _, file := range files {
			s := Sample{Name: strings.TrimSuffix(file, ".json"), Headers: http.Header{}, Body: read(file)}
			for name, value := range headers[file] {
				s.Headers.Set(name, value)
			}
			if !yield(s.withSource(file)) {
				return
			}
		}
	}
}

func (s Sample) withSource(file string) Sample {
	dir, _, _ := strings.Cut(file, "/")
	s.Source = envelope.Source(dir)
	if stated := s.Headers.Get("X-Kirim-Source"); stated != "" {
		s.Source = envelope.Source(stated)
	}
	return s
}

func read(file string) []byte {
	b, err := corpus.ReadFile(file)
	if err != nil {
		panic(fmt.Sprintf("samples: %v", err))
	}
	return b
}
