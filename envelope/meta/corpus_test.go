package meta_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/stretchr/testify/require"
)

// corpus is every body of Meta's that the tests know, by name: testdata/reports has shapes that others could not read,
// testdata/fields one body for each field and event.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	bodies := map[string][]byte{"everything": []byte(everything)}
	for s := range samples.Corpus() {
		if s.Source == envelope.Meta {
			bodies[s.Name] = s.Body
		}
	}
	files, err := filepath.Glob("testdata/*/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		bodies[strings.TrimSuffix(filepath.ToSlash(file[len("testdata/"):]), ".json")] = read(t, file)
	}
	return bodies
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	body, err := os.ReadFile(file)
	require.NoError(t, err)
	return body
}

// agree holds the walk over entry against the decoded body: both count the same, name the same field and time, and a
// plain identity is the one that the decoded body shows.
func agree(t testing.TB, body []byte) (meta.Summary, *meta.Notification) {
	t.Helper()
	s, err := meta.Summarize(body)
	n, parseErr := meta.Parse(body)
	if err != nil {
		require.ErrorIs(t, err, envelope.ErrMalformed)
		require.ErrorIs(t, parseErr, envelope.ErrMalformed)
		return s, nil
	}
	require.NoError(t, parseErr)
	want, plain := meta.Summary{Identity: s.Identity}, ""
	for _, st := range n.Statuses() {
		if want.Statuses++; want.Statuses == 1 {
			want.CreatedAt = st.Timestamp.Time()
			plain = strings.TrimRight(st.ID+":"+st.Status+st.Outcome+":"+string(st.Timestamp)+":"+st.Participant(), ":")
		}
	}
	for _, m := range n.Messages() {
		if want.Messages++; want.Messages == 1 {
			want.CreatedAt = m.Timestamp.Time()
			plain = m.ID
		}
	}
	want.Field = firstField(n)
	require.Equal(t, want, s)
	if !strings.HasPrefix(s.Identity, "body:") {
		require.Equal(t, 1, s.Messages+s.Statuses)
		require.Equal(t, plain, s.Identity)
	}
	ev, err := meta.NewEvent(body)
	require.NoError(t, err)
	require.Equal(t, s.Identity, ev.ID)
	require.True(t, envelope.Printable(ev.ID, 255) && envelope.Printable(ev.Type, 128), "%q %q", ev.ID, ev.Type)
	if s.Type() != "" {
		require.Equal(t, s.Type(), ev.Type)
	}
	return s, n
}

func firstField(n *meta.Notification) string {
	for _, e := range n.Entry {
		for _, c := range e.Changes {
			return c.Field
		}
	}
	return ""
}

// errs lists what every Err in v says.
func errs(v reflect.Value) (all []string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			all = errs(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			all = append(all, errs(v.Index(i))...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if err, ok := v.Field(i).Interface().(error); ok {
				all = append(all, err.Error())
			} else {
				all = append(all, errs(v.Field(i))...)
			}
		}
	}
	return all
}

// flat is a JSON text as the text of its leaves by their paths. 5 and "5" are one.
func flat(t testing.TB, text []byte) map[string]string {
	t.Helper()
	leaves := map[string]string{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, e := range v {
				walk(path+"."+k, e)
			}
		case []any:
			for i, e := range v {
				walk(fmt.Sprintf("%s[%d]", path, i), e)
			}
		case nil:
		default:
			leaves[path] = fmt.Sprint(v)
		}
	}
	walk("", decoded(t, text))
	return leaves
}

func decoded(t testing.TB, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&v))
	return v
}

// missing lists what of want got lacks.
func missing(want, got map[string]string) (lost []string) {
	for path, text := range want {
		if got[path] != text {
			lost = append(lost, path+"="+text)
		}
	}
	slices.Sort(lost)
	return lost
}
