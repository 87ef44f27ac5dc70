package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/kirimhooks/kirimhooks/signature"
)

func TestStory(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), nil, &stdout, &stderr)
	require.Zero(t, code, stderr.String())
	require.Empty(t, stderr.String())
	story := stdout.String()
	require.LessOrEqual(t, strings.Count(story, "\n"), 45, "it is to be read in a minute")
	for _, source := range []envelope.Source{envelope.Kirim, envelope.Meta, envelope.Kirisan} {
		for _, eventType := range samples.Types(source) {
			_, name, _ := strings.Cut(eventType, ".")
			require.Contains(t, story, name)
		}
	}
	for _, line := range []string{
		"a live message makes 0 deliveries",
		"503, Retry-After: 1",
		"duplicate: true, deliveries: 0",
		"answered with 200, yet handled 1 time",
		"exhausted: status 500",
		"delivered at attempt 1, the same event id",
		"All is as it should be",
	} {
		require.Contains(t, story, line)
	}
}

func TestArgumentsAreRefused(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Equal(t, 2, run(t.Context(), []string{"-x"}, &stdout, &stderr))
	require.Contains(t, stderr.String(), "takes no arguments")
	require.Empty(t, stdout.String())
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	require.Equal(t, 1, run(ctx, nil, &stdout, &stderr))
	require.Contains(t, stderr.String(), context.Canceled.Error())
}

// A story that checks nothing would be told whatever happened: each chapter must notice what goes wrong in it.
func TestChaptersNotice(t *testing.T) {
	failing := func(runs int) func(*stage) {
		return func(s *stage) { s.integrator.fail(runs, errors.New("spoilt")) }
	}
	for name, c := range map[string]struct {
		spoil   func(*stage)
		chapter func(context.Context, *stage) error
		want    string
	}{
		"test fails":          {failing(1), pendingTest, "the answer to the test is 500 instead of 200"},
		"nothing arrives":     {failing(1000), everyKind, "is dead instead of delivered"},
		"first delivery dies": {failing(4), duplicate, "the first delivery is dead instead of delivered"},
		"genuine event fails": {failing(1), forgery, "the answer to the genuine event is 500 instead of 200"},
		"secret is lost": {loseSecret, rotation,
			"the answer of an integrator with the old secret is 401 instead of 200"},
		"endpoint refuses": {loseSecret, retry, "the number of attempts is 1 instead of 2"},
		"endpoint is gone": {loseSecret, deadLetter, "the number of attempts is 1 instead of 4"},
	} {
		t.Run(name, func(t *testing.T) {
			s := openStage(t)
			if name != "test fails" {
				require.NoError(t, pendingTest(t.Context(), s), "the story begins with it")
			}
			c.spoil(s)
			require.ErrorContains(t, c.chapter(t.Context(), s), c.want)
		})
	}
}

func loseSecret(s *stage) { _ = s.integrator.keys.Replace(signature.GenerateSecret()) }

// openStage opens a stage and closes it with the test.
func openStage(t *testing.T) *stage {
	kirimSecret, kirisanSecret := signature.GenerateSecret(), signature.GenerateSecret()
	integrator, err := newIntegrator(kirimSecret, kirisanSecret)
	require.NoError(t, err)
	platform, err := newPlatform(t.Context(), integrator.url(), kirimSecret, kirisanSecret)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	var ends sync.WaitGroup
	t.Cleanup(ends.Wait)
	t.Cleanup(stop)
	ends.Go(func() { _ = integrator.serve(ctx) })
	ends.Go(func() { _ = platform.sender.Run(ctx) })
	return &stage{io.Discard, platform, integrator}
}
