package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	newSecret     = "whsec_the_new_one_0123456789"
	oldSecret     = "whsec_the_old_one_0123456789"
	kirisanSecret = "kirisan's"
)

// A dialect whose variable is not set does not exist.
func TestOneDialect(t *testing.T) {
	dialects, err := dialectsFrom(func(name string) string {
		return map[string]string{kirisanVariable: kirisanSecret}[name]
	})
	require.NoError(t, err)
	require.Len(t, dialects, 1)
	require.Equal(t, "kirisan", dialects[0].Name)
}

func TestStartsOnlyProperly(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		getenv func(string) string
		code   int
		want   []string
	}{
		"no secret": {nil, func(string) string { return "" }, 2, []string{kirimVariable, kirisanVariable}},
		"empty item": {nil, func(string) string { return "whsec_0123456789abcdef," }, 2,
			[]string{kirimVariable, "item 2 of 2"}},
		"short secret":     {nil, func(string) string { return "short" }, 2, []string{"at least 16"}},
		"path":             {[]string{"-path", "webhooks"}, environment, 2, []string{"-path", "must begin with /"}},
		"fail":             {[]string{"-fail", "-1"}, environment, 2, []string{"-fail -1"}},
		"slow":             {[]string{"-slow", "-1s"}, environment, 2, []string{"-slow -1s"}},
		"slow of no unit":  {[]string{"-slow", "5"}, environment, 2, []string{"-slow", "see -h"}},
		"unknown flag":     {[]string{"-port", "1"}, environment, 2, []string{"-port", "see -h"}},
		"argument":         {[]string{"start"}, environment, 2, []string{`"start"`}},
		"address":          {[]string{"-addr", "127.0.0.1"}, environment, 1, []string{"-addr"}},
		"help":             {[]string{"-h"}, environment, 0, []string{kirimVariable, "-addr", "-path", "-fail", "-slow"}},
		"help, no secrets": {[]string{"-h"}, func(string) string { return "" }, 0, []string{kirisanVariable}},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			require.Equal(t, c.code, run(t.Context(), c.args, c.getenv, &stdout, &stderr))
			for _, text := range c.want {
				require.Contains(t, stderr.String(), text)
			}
			require.Empty(t, stdout.String())
			require.NotContains(t, stderr.String(), "listening")
		})
	}
}
