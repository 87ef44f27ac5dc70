package main

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// answer is what a call that went well says.
type answer struct {
	status int
	body   any
}

// data is the frame of an answer about one thing.
func data(status int, v any) (answer, error) {
	return answer{status, struct {
		Data any `json:"data"`
	}{v}}, nil
}

// list is one page. The cursor of the last one is null.
type list[T any] struct {
	Data       []T     `json:"data"`
	HasMore    bool    `json:"has_more"`
	NextCursor *string `json:"next_cursor"`
}

// page cuts what was read, up to one more than limit, to a page.
func page[T any](read []T, limit int, id func(T) string) (answer, error) {
	l := list[T]{Data: []T{}}
	if l.HasMore = len(read) > limit; l.HasMore {
		read = read[:limit]
		last := id(read[limit-1])
		l.NextCursor = &last
	}
	l.Data = append(l.Data, read...)
	return answer{http.StatusOK, l}, nil
}

// write sends an answer. It may hold a secret, and so nothing on the way is to keep it.
func write(w http.ResponseWriter, a answer) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(a.body); err != nil {
		panic(err) // our own types, all of which encode
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(a.status)
	_, _ = w.Write(text.Bytes()) // a caller who is gone misses it
}
