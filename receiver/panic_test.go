package receiver_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/receiver"
)

type unreadable struct{ cause error }

func (u *unreadable) Error() string { return u.cause.Error() }

// What a handler panicked with is told as far as it is text, and kept short: it may be anything, a body too.
func TestPanicsAreTold(t *testing.T) {
	for name, test := range map[string]struct {
		value any
		want  string
	}{
		"text":             {"out of luck", "out of luck"},
		"error":            {errors.New("out of luck"), "out of luck"},
		"long text":        {strings.Repeat("a", 300), strings.Repeat("a", 200)},
		"long error":       {errors.New(strings.Repeat("a", 300)), strings.Repeat("a", 200)},
		"a body":           {[]byte("secret"), "[]uint8"},
		"error that fails": {(*unreadable)(nil), "*receiver_test.unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newRig(t, receiver.HandlerFunc(func(context.Context, *receiver.Event) error { panic(test.value) }))
			require.Equal(t, 500, k.serve(kirimPost(nativeBody)).Code)
			require.EqualError(t, k.outcomes[0].Err, "receiver: the handler panicked: "+test.want)
			require.Contains(t, k.logs.String(), "panicked: "+test.want)
			require.Zero(t, strings.Count(k.logs.String(), "secret"))
		})
	}
}
