package meta_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/internal/leaves"
	"github.com/stretchr/testify/require"
)

// odd is one way to write one value otherwise.
type odd struct {
	fits     bool // it is to be read, or to count as absent
	replaces func(v any) bool
	by       any
	stays    bool // its text is to be found at the same place
}

var odds = map[string]odd{
	"text as a number":  {true, isText, json.Number("62811"), true},
	"number as text":    {true, isNumber, "62811", true},
	"text as null":      {true, isText, nil, false},
	"object as []":      {true, isObject, []any{}, false},
	"list as {}":        {true, isList, map[string]any{}, false},
	"list as null":      {true, isList, nil, false},
	"text as an object": {false, isText, map[string]any{"odd98765": 1}, false},
	"number as a list":  {false, isNumber, []any{"odd98765"}, false},
	"object as text":    {false, isObject, "odd98765", false},
	"list as a number":  {false, isList, json.Number("98765"), false},
}

func isText(v any) bool   { _, is := v.(string); return is }
func isNumber(v any) bool { _, is := v.(json.Number); return is }
func isObject(v any) bool { m, is := v.(map[string]any); return is && len(m) > 0 }
func isList(v any) bool   { l, is := v.([]any); return is && len(l) > 0 }

// Whatever is written otherwise, one value after the other in every body, costs itself and nothing beside it.
func TestAnOddValueCostsItselfAlone(t *testing.T) {
	bodies := corpus(t)
	seen := map[string]bool{} // bodies share most of their places
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		t.Run(name, func(t *testing.T) {
			body, err := leaves.Fill(bodies[name]) // omitempty cannot hide a lost leaf then
			require.NoError(t, err)
			n, err := meta.Parse(body)
			require.NoError(t, err)
			tree, whole := decoded(t, body), flat(t, body)
			for _, at := range places(tree, nil) {
				generic := indices.ReplaceAllString(pathOf(at), "[]")
				for how, o := range odds {
					key := firstField(n) + generic + how
					if !seen[key] && o.replaces(get(tree, at)) {
						seen[key] = true
						o.try(t, tree, whole, at, how)
					}
				}
			}
		})
	}
	require.Greater(t, len(seen), 1500)
}

var indices = regexp.MustCompile(`\[\d+\]`)

func (o odd) try(t *testing.T, tree any, whole map[string]string, at []any, how string) {
	t.Helper()
	path := pathOf(at)
	text, err := json.Marshal(put(tree, at, o.by))
	require.NoError(t, err)
	if path == ".entry" { // no body of Meta's
		_, err := meta.Parse(text)
		require.ErrorIs(t, err, envelope.ErrMalformed)
		return
	}
	_, n := agree(t, text)
	if strings.HasSuffix(path, ".field") { // the value is of another field then, and may be known by its bytes alone
		before := get(tree, append(slices.Clone(at[:len(at)-1]), "value"))
		require.Equal(t, before, decoded(t, n.Entry[at[1].(int)].Changes[at[3].(int)].Raw))
		return
	}
	encoded, err := json.Marshal(n)
	require.NoError(t, err)
	got := flat(t, encoded)
	want := maps.Clone(whole)
	maps.DeleteFunc(want, func(leaf, _ string) bool {
		return leaf == path || strings.HasPrefix(leaf, path+".") || strings.HasPrefix(leaf, path+"[")
	})
	require.Empty(t, missing(want, got), "%s: %s", path, how)
	if o.stays {
		require.Equal(t, "62811", got[path], "%s: %s", path, how)
	}
	for _, e := range errs(reflect.ValueOf(n)) {
		require.False(t, o.fits, "%s: %s: %s", path, how, e)
		require.NotContains(t, e, "98765", "the body stays out of errors")
		require.NotRegexp(t, `meta\.|\*|Go `, e)
		require.Contains(t, "."+e, strings.TrimRight(path, "]0123456789["), "the error names the place")
	}
}

// places lists the path of every value below v.
func places(v any, at []any) (all [][]any) {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			all = append(append(all, join(at, k)), places(v[k], join(at, k))...)
		}
	case []any:
		for i, e := range v {
			all = append(append(all, join(at, i)), places(e, join(at, i))...)
		}
	}
	return all
}

func join(at []any, step any) []any { return append(slices.Clone(at), step) }

func get(v any, at []any) any {
	for _, step := range at {
		switch step := step.(type) {
		case string:
			v = v.(map[string]any)[step]
		case int:
			v = v.([]any)[step]
		}
	}
	return v
}

// put returns a copy of v with by at a place.
func put(v any, at []any, by any) any {
	if len(at) == 0 {
		return by
	}
	switch step := at[0].(type) {
	case string:
		m := maps.Clone(v.(map[string]any))
		m[step] = put(m[step], at[1:], by)
		return m
	default:
		l := slices.Clone(v.([]any))
		l[step.(int)] = put(l[step.(int)], at[1:], by)
		return l
	}
}

func pathOf(at []any) string {
	var b strings.Builder
	for _, step := range at {
		switch step := step.(type) {
		case string:
			b.WriteString("." + step)
		case int:
			b.WriteString("[" + strconv.Itoa(step) + "]")
		}
	}
	return b.String()
}

// What cannot be read is told where it stands, and the rest of its message, and its neighbours, are there.
func TestErrTellsThePlace(t *testing.T) {
	n, err := meta.Parse(value(`{"metadata":"x","contacts":[7,{"wa_id":"628"}],
		"messages":[98765,{"id":"a","from":{"x":1},"text":{"body":"penting"}},{"id":"b"}],"statuses":["y",{"id":"c","status":"read"}]}`))
	require.NoError(t, err)
	c := n.Entry[0].Changes[0]
	require.EqualError(t, c.Err, "entry[0].changes[0].value.metadata: text does not read as an object")
	v := c.Value
	require.EqualError(t, v.Contacts[0].Err, "entry[0].changes[0].value.contacts[0]: a number does not read as an object")
	require.Equal(t, "7", string(v.Contacts[0].Raw))
	require.Equal(t, "628", v.Contacts[1].WaID)
	require.EqualError(t, v.Messages[0].Err, "entry[0].changes[0].value.messages[0]: a number does not read as an object")
	require.Equal(t, "98765", string(v.Messages[0].Raw))
	require.EqualError(t, v.Messages[1].Err, "entry[0].changes[0].value.messages[1].from: an object does not read as text")
	require.Equal(t, "penting", v.Messages[1].Text.Body)
	require.NoError(t, v.Messages[2].Err)
	require.EqualError(t, v.Statuses[0].Err, "entry[0].changes[0].value.statuses[0]: text does not read as an object")
	require.Equal(t, `"y"`, string(v.Statuses[0].Raw))
	require.Equal(t, "read", v.Statuses[1].Status)

	n, err = meta.Parse([]byte(`{"object":{"x":1},"entry":[5,{"id":[1],"changes":[6,{"field":{"x":1},"value":7}]}]}`))
	require.NoError(t, err)
	require.EqualError(t, n.Err, "object: an object does not read as text")
	require.EqualError(t, n.Entry[0].Err, "entry[0]: a number does not read as an object")
	require.EqualError(t, n.Entry[1].Err, "entry[1].id: an array does not read as text")
	require.EqualError(t, n.Entry[1].Changes[0].Err, "entry[1].changes[0]: a number does not read as an object")
	require.Equal(t, "6", string(n.Entry[1].Changes[0].Raw))
	require.EqualError(t, n.Entry[1].Changes[1].Err, "entry[1].changes[1].field: an object does not read as text")
	require.Equal(t, "7", string(n.Entry[1].Changes[1].Raw))
}
