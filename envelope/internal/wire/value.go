package wire

import (
	"fmt"
	"reflect"
)

// Value is a JSON value that knows its place in a body. As the type of a field it takes any value, to be read later.
// Its bytes are those of the body.
type Value struct {
	raw  []byte
	path path
}

// At is data as the value of the member called name.
func At(name string, data []byte) Value { return Value{data, path{{name: name}}} }

// Raw returns the bytes, nil if there is no value.
func (v Value) Raw() []byte { return v.raw }

// IsObject tells whether v is an object.
func (v Value) IsObject() bool { return len(v.raw) > 0 && v.raw[0] == '{' }

// Decode is [Decode], with errors that name the place of v.
func (v Value) Decode(into any) error {
	r := reader{Scanner: NewScanner(v.raw)}
	r.path = append(r.steps[:0], v.path...)
	p := planOf(reflect.TypeOf(into).Elem())
	fits, err := r.read(p, reflect.ValueOf(into).Elem())
	if err == nil {
		err = r.End()
	}
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	case r.odd != nil:
		return r.odd
	case !fits:
		return v.path.misfit(p, v.raw, errMisfit) // even where it would count as absent, or has a field that keeps it
	}
	return nil
}

// Own makes read how a T is read in place of its UnmarshalJSON, which may call read too. It is for variables of a
// package. An error of read counts as what does not fit; [Value.Decode] returns ones that name their place.
func Own[T any](read func(into *T, v Value) error) struct{} {
	owns[reflect.TypeFor[T]()] = func(into any, v Value) error { return read(into.(*T), v) }
	return struct{}{}
}

var owns = map[reflect.Type]func(into any, v Value) error{} // written while packages are initialised
