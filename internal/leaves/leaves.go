// Package leaves compares JSON texts by their leaves. Tests use it to prove that a Go type reaches every field of a
// body.
package leaves

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// Fill replaces every false, 0, "" and null of a text by something else, so that omitempty cannot hide a field.
func Fill(text []byte) ([]byte, error) {
	v, err := decode(text)
	if err != nil {
		return nil, err
	}
	return json.Marshal(fill(v))
}

func fill(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = fill(v[k])
		}
	case []any:
		for i := range v {
			v[i] = fill(v[i])
		}
	case json.Number:
		if v == "0" {
			return json.Number("7")
		}
	case string:
		if v == "" {
			return "filled"
		}
	case bool:
		return true
	case nil:
		return "2026-07-02T00:00:01.000Z" // fits a pointer to a string, a time and raw JSON
	}
	return v
}

// Missing returns the leaves of want that got does not have, as "path=value".
func Missing(want, got []byte) ([]string, error) {
	wanted, err := list(want)
	if err != nil {
		return nil, err
	}
	had, err := list(got)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(wanted, func(leaf string) bool { return slices.Contains(had, leaf) }), nil
}

func list(text []byte) ([]string, error) {
	v, err := decode(text)
	if err != nil {
		return nil, err
	}
	var leaves []string
	walk("", v, &leaves)
	slices.Sort(leaves)
	return leaves, nil
}

func walk(path string, v any, leaves *[]string) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			walk(path+"."+k, e, leaves)
		}
	case []any:
		for i, e := range v {
			walk(fmt.Sprintf("%s[%d]", path, i), e, leaves)
		}
	default:
		*leaves = append(*leaves, fmt.Sprintf("%s=%v (%T)", path, v, v))
	}
}

func decode(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return v, d.Decode(&v)
}
