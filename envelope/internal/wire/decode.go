package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// errOdd stops a reading that cannot vouch for reading what encoding/json reads.
var errOdd = errors.New("for encoding/json")

// Member reads the value of one top-level member of body into v, a pointer to a zero value, as json.Unmarshal would, at a fraction
// of the cost: body is looked at once. It reports false where it is not sure, leaving v of no use: for a body that
// [envelope.Scan] refuses, a value that does not fit, is null or missing, a key that stands twice or in an unusual spelling. Who asked
// goes the slow way then, which has errors to show.
func Member(body []byte, name string, v any) bool {
	into := reflect.ValueOf(v).Elem()
	p := planOf(into.Type())
	var keys Keys
	found := false
	s := NewScanner(body)
	err := s.Object(func(key []byte) error {
		switch {
		case !keys.Add(key):
			return errOdd
		case string(key) != name:
			return s.Skip()
		}
		found = s.Peek() != 'n' // null is no value
		return p.read(&s, into)
	})
	return err == nil && found && s.End() == nil
}

// Decode is [Unmarshal] at a fraction of the cost, for a value whose pointers and lists are nil.
func Decode[T any](data []byte, into *T) error {
	v, before := reflect.ValueOf(into).Elem(), *into
	s := NewScanner(data)
	if planOf(v.Type()).read(&s, v) == nil && s.End() == nil {
		return nil
	}
	*into = before
	return Unmarshal(data, into)
}

// read reads one value into v, whose pointers and lists are nil.
func (p *plan) read(s *Scanner, v reflect.Value) error {
	switch c := s.Peek(); {
	case p.as == byItself, p.as == byJSON:
		return p.hand(s, v)
	case c == 'n' && p.raw == 0:
		return s.literal("null")
	case p.as == asPointer:
		v.Set(reflect.New(p.elem.typ))
		return p.elem.read(s, v.Elem())
	case p.as == asObject:
		return p.readObject(s, v)
	case p.as == asList:
		return p.readList(s, v)
	case c == '"':
		return p.readText(s, v)
	default:
		return p.readLiteral(s, v)
	}
}

// hand lets others read a value.
func (p *plan) hand(s *Scanner, v reflect.Value) error {
	raw, err := s.Value()
	if err != nil {
		return err
	}
	into := v.Addr().Interface()
	if p.as == byItself {
		return into.(json.Unmarshaler).UnmarshalJSON(raw)
	}
	return json.Unmarshal(raw, into)
}

func (p *plan) readObject(s *Scanner, v reflect.Value) error {
	start := s.pos
	if err := s.open('{', "an object"); err != nil {
		return err
	}
	seen, next := uint64(0), 0
	for more := s.Peek() != '}'; more; more = s.comma() {
		quoted, err := s.key()
		if err != nil {
			return err
		}
		i, err := p.find(quoted[1:len(quoted)-1], next)
		switch {
		case err != nil:
			return err
		case i < 0:
			err = s.Skip()
		case seen&(1<<i) != 0:
			err = errOdd
		default:
			seen |= 1 << i
			next = i + 1
			err = p.fields[i].plan.read(s, v.Field(p.fields[i].index))
		}
		if err != nil {
			return err
		}
	}
	if err := s.close('}'); err != nil || p.raw == 0 {
		return err
	}
	v.Field(p.raw - 1).SetBytes(bytes.Clone(s.data[start:s.pos]))
	return nil
}

// find returns the place of the field that key names, -1 if there is none. Senders write members in the order of their
// documentation, so that the one at next is most likely.
func (p *plan) find(key []byte, next int) (int, error) {
	if next < len(p.fields) && string(key) == p.fields[next].name {
		return next, nil
	}
	for i := range p.fields {
		if string(key) == p.fields[i].name {
			return i, nil
		}
	}
	for _, c := range key {
		if c == '\\' || c >= utf8.RuneSelf {
			return 0, errOdd
		}
	}
	for i := range p.fields {
		if bytes.EqualFold(key, []byte(p.fields[i].name)) {
			return 0, errOdd
		}
	}
	return -1, nil
}

func (p *plan) readList(s *Scanner, v reflect.Value) error {
	if err := s.open('[', "an array"); err != nil {
		return err
	}
	v.Set(reflect.MakeSlice(p.typ, 0, 0))
	n := 0
	for more := s.Peek() != ']'; more; more = s.comma() {
		v.Grow(1)
		v.SetLen(n + 1)
		if err := p.elem.read(s, v.Index(n)); err != nil {
			return err
		}
		n++
	}
	return s.close(']')
}

func (p *plan) readText(s *Scanner, v reflect.Value) error {
	if p.as != asText && p.as != asLoose {
		return errOdd
	}
	start := s.pos
	if err := s.str(); err != nil {
		return err
	}
	v.SetString(string(unquote(s.data[start:s.pos])))
	return nil
}

// readLiteral reads a boolean or a number.
func (p *plan) readLiteral(s *Scanner, v reflect.Value) error {
	raw, err := s.Value()
	if err != nil {
		return err
	}
	c, text := raw[0], string(raw)
	switch {
	case p.as == asBool && (c == 't' || c == 'f'):
		v.SetBool(c == 't')
		return nil
	case c != '-' && !digit(c):
		return errOdd
	case p.as == asLoose:
		v.SetString(text)
		return nil
	case p.as == asInt:
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
		return err
	case p.as == asUint:
		n, err := strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(n)
		return err
	case p.as == asFloat:
		n, err := strconv.ParseFloat(text, v.Type().Bits())
		v.SetFloat(n)
		return err
	}
	return errOdd
}
