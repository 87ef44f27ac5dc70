package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/internal/samples"
)

const (
	newSecret = "whsec_the_new_one_0123456789"
	oldSecret = "whsec_the_old_one_0123456789"
)

// TestMain lets a test run the program itself: a copy of the test binary with this variable set is the program.
func TestMain(m *testing.M) {
	if os.Getenv("BE_THE_PROGRAM") != "" {
		main()
	}
	os.Exit(m.Run())
}

// fire runs the program in this process.
func fire(t *testing.T, args ...string) (code int, printed []line, stderr string) {
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	for text := range strings.Lines(out.String()) {
		var l line
		require.NoError(t, json.Unmarshal([]byte(text), &l))
		printed = append(printed, l)
	}
	return code, printed, errs.String()
}

func file(t *testing.T, body string) string {
	name := filepath.Join(t.TempDir(), "body.json")
	require.NoError(t, os.WriteFile(name, []byte(body), 0o600))
	return name
}

func TestSamples(t *testing.T) {
	for _, source := range []envelope.Source{envelope.Kirim, envelope.Meta, envelope.Kirisan} {
		for _, eventType := range samples.Types(source) {
			for _, live := range []string{"true", "false"} {
				t.Run(strings.Join([]string{string(source), eventType, live}, " "), func(t *testing.T) {
					e := newEndpoint(t, 200)
					dialect := kirimDialect
					if source == envelope.Kirisan {
						dialect = kirisanDialect
					}
					code, printed, stderr := fire(t, "-url", e.URL, "-dialect", dialect, "-secret", newSecret, "-event", eventType,
						"-live="+live)
					require.Zero(t, code, stderr)
					require.Len(t, e.got(), 1, "no test before a live one")
					ev, agent := received(t, e.got()[0], newSecret)
					require.Equal(t, source, ev.Source)
					require.Equal(t, eventType, ev.Type)
					require.Len(t, printed, 1)
					require.Equal(t, eventType, printed[0].Type)
					require.Equal(t, live == "false", printed[0].Test)
					if source != envelope.Meta {
						require.Equal(t, live == "false", ev.Test)
					}
					if source == envelope.Kirisan {
						require.Equal(t, map[string]string{"true": "Kirisan-Webhook/1.0", "false": "Kirisan-Webhook-Test/1.0"}[live],
							agent)
						return
					}
					require.Equal(t, "Kirim-Webhook/1.0", agent)
					require.Equal(t, printed[0].EventID, ev.ID)
				})
			}
		}
	}
}

func TestEverySecretSigns(t *testing.T) {
	e := newEndpoint(t, 200)
	code, _, stderr := fire(t, "-url", e.URL, "-secret", newSecret, "-secret", oldSecret)
	require.Zero(t, code, stderr)
	require.Equal(t, 2, strings.Count(e.got()[0].header.Get("X-Kirim-Signature"), "v1="))
	received(t, e.got()[0], newSecret)
	received(t, e.got()[0], oldSecret)
}

func TestLine(t *testing.T) {
	e := newEndpoint(t, 503, 204)
	var out, errs bytes.Buffer
	name := file(t, `{"id":"evt_1","type":"a.b"}`)
	require.Zero(t, run(t.Context(), []string{"-url", e.URL, "-secret", newSecret, "-file", name, "-schedule", "1ms"},
		&out, &errs), errs.String())
	delivery := e.got()[0].header.Get("X-Kirim-Delivery-Id")
	require.Regexp(t, `^\{"n":1,"status":503,"class":"","duration_ms":[0-9.]+,"delivery_id":"`+delivery+`","event_id":"evt_1","type":"a\.b","state":"pending","test":false,"response":""\}
\{"n":2,"status":204,"class":"","duration_ms":[0-9.]+,"delivery_id":"`+delivery+`","event_id":"evt_1","type":"a\.b","state":"delivered","test":false,"response":""\}
$`, out.String())
	require.Equal(t, delivery, e.got()[1].header.Get("X-Kirim-Delivery-Id"))
}

// What could not be told was not done.
func TestBrokenOutput(t *testing.T) {
	e := newEndpoint(t, 200)
	r, w := io.Pipe()
	require.NoError(t, r.Close())
	var errs bytes.Buffer
	require.Equal(t, 1, run(t.Context(), []string{"-url", e.URL, "-secret", newSecret}, w, &errs))
	require.Contains(t, errs.String(), "print: ")
}

// The program as it is run.
func TestProgram(t *testing.T) {
	e := newEndpoint(t, 200, 500)
	fire := func() *exec.Cmd {
		program := exec.Command(os.Args[0], "-url", e.URL, "-secret", newSecret)
		program.Env = append(os.Environ(), "BE_THE_PROGRAM=1")
		return program
	}
	out, err := fire().Output()
	require.NoError(t, err)
	require.Equal(t, 1, bytes.Count(out, []byte("\n")))
	failed := new(exec.ExitError)
	require.ErrorAs(t, fire().Run(), &failed)
	require.Equal(t, 1, failed.ExitCode())
	_, err = kirim.ParseEvent([]byte(e.got()[0].body))
	require.NoError(t, err)
}
