package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"
)

// fields says where the members of a request's body go.
type fields map[string]any

// decode reads a body strictly: one JSON object, or nothing at all; no member that is not in f, and none twice. It is
// tempting to decode into a struct. That takes "URL" for "url" and the second of two for the only one, and says of
// neither where it stood. Raw values keep their bytes.
func decode(r *http.Request, f fields) error {
	d := json.NewDecoder(r.Body)
	switch open, err := d.Token(); {
	case err == io.EOF:
		return nil
	case err != nil:
		return unreadable("body", err)
	case open != json.Delim('{'):
		return invalidJSON("must be an object")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return unreadable("body", err)
		}
		into, known := f[name.(string)]
		if !known {
			return unknown(name.(string))
		}
		delete(f, name.(string))
		if err := d.Decode(into); err != nil {
			return unreadable(name.(string), err)
		}
	}
	if _, err := d.Token(); err != nil {
		return unreadable("body", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return invalidJSON("something follows the object")
	}
	return nil
}

// unreadable says why a value, or the whole body, could not be read.
func unreadable(name string, err error) error {
	var tooLarge *http.MaxBytesError
	var mistyped *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	var own *problem
	switch {
	case errors.As(err, &tooLarge), errors.As(err, &own):
		return err
	case errors.As(err, &mistyped):
		return invalid(name, "a JSON "+mistyped.Value+" does not fit here")
	case errors.As(err, &syntax), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return invalidJSON("is not JSON")
	}
	return invalidJSON("could not be read to its end")
}

// query reads the parameters in a URL, of which only the named ones may be there, each once and not empty.
func query(r *http.Request, names ...string) (map[string]string, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, invalid("query", "is not well formed")
	}
	q := map[string]string{}
	for _, name := range names {
		switch v := values[name]; {
		case len(v) > 1:
			return nil, invalid(name, "stands twice")
		case len(v) == 1 && v[0] == "":
			return nil, invalid(name, "is empty; leave it out")
		case len(v) == 1:
			q[name] = v[0]
		}
		delete(values, name)
	}
	for name := range values {
		return nil, unknown(name)
	}
	return q, nil
}

// limitOf is the length of a page: 25, or what the query asks for, up to 100.
func limitOf(q map[string]string) (int, error) {
	text, given := q["limit"]
	if !given {
		return 25, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 100 {
		return 0, invalid("limit", "must be a number from 1 to 100")
	}
	return n, nil
}

// instant reads a point in time; empty is the zero one.
func instant(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, invalid(name, "must be a time like 2026-07-01T00:00:00Z; in a URL write + as %2B")
	}
	return at, nil
}

var (
	subscriptionID = regexp.MustCompile(`^wbs_[0-9A-HJKMNP-TV-Z]{26}$`)
	deliveryID     = regexp.MustCompile(`^wbd_[0-9A-HJKMNP-TV-Z]{26}$`)
)

// pathID is the id in a path. One that nothing can have is found nowhere, whatever it might mean to the database.
func pathID(r *http.Request, form *regexp.Regexp) (string, error) {
	id := r.PathValue("id")
	if !form.MatchString(id) {
		return "", errNotFound
	}
	return id, nil
}

// idParam checks an id that is a parameter; it may be empty.
func idParam(name, id string, form *regexp.Regexp) error {
	if id != "" && !form.MatchString(id) {
		return invalid(name, "is not an id of that kind")
	}
	return nil
}
