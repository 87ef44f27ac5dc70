package wire

import (
	"bytes"
	"reflect"
)

// Decode reads a JSON value into v, a pointer, as json.Unmarshal does, but takes what senders write in more than one
// way:
//
//   - text from a number or a boolean, as it is written;
//   - a number from the text of one, a whole one also as 2.0;
//   - a boolean from 0, 1 and the texts of both;
//   - null, "", [] and {} count as absent where they do not fit.
//
// Whatever else does not fit is left as it was, and the rest is read. The innermost struct around it that has a field
// for errors keeps the first such error; Decode returns the first that none of them kept. Each names the path of the
// member, quotes nothing of data and wraps [ErrMalformed]. A value that does not fit as a whole is always an error.
//
// Tags of a struct's fields direct this:
//
//	Err  error           `json:"-" wire:"err"`      // keeps what did not fit in the struct
//	Raw  json.RawMessage `json:"-" wire:"raw"`      // gets the bytes of the struct
//	Text string          `json:"text" wire:"plain"` // takes text, number or boolean where the object should stand
//	Live bool            `json:"live" wire:"mark"`  // takes true and false alone; all else counts as absent
//
// A struct with such a tag is read by its fields, whatever its UnmarshalJSON does: that may call Decode.
func Decode(data []byte, v any) error { return Value{raw: data}.Decode(v) }

// reader reads one value. Errors of its methods are about the grammar, and the end; what merely does not fit is kept.
type reader struct {
	Scanner
	path  path
	steps [16]step // where path begins
	odd   *misfit  // the first that no field keeps
}

// read reads one value into v and reports whether it fits.
func (r *reader) read(p *plan, v reflect.Value) (fits bool, err error) {
	switch c := r.Peek(); {
	case p.as == asObject && c == '{':
		return true, r.readObject(p, v)
	case p.as == asList && c == '[':
		return true, r.readList(p, v)
	case p.as == asPointer && c != 'n':
		return r.readPointer(p, v)
	}
	raw, err := r.Value()
	if err != nil {
		return false, err
	}
	if p.as == asObject {
		return r.readPlain(p, v, raw), nil
	}
	why := p.set(v, raw, r.path)
	if why != nil && !blank(raw) {
		r.lose(r.path.misfit(p, raw, why))
	}
	return why == nil, nil
}

func (r *reader) lose(odd *misfit) {
	if r.odd == nil {
		r.odd = odd
	}
}

// readPointer leaves nil what would point to nothing that was read.
func (r *reader) readPointer(p *plan, v reflect.Value) (bool, error) {
	to := v
	if v.IsNil() {
		to = reflect.New(p.elem.typ)
	}
	fits, err := r.read(p.elem, to.Elem())
	if fits {
		v.Set(to)
	}
	return fits, err
}

func (r *reader) readObject(p *plan, v reflect.Value) error {
	start, outer := r.pos, r.odd
	r.odd = nil
	next := 0
	err := r.Object(func(key []byte) error {
		i := p.find(key, next)
		if i < 0 {
			return r.Skip()
		}
		f := &p.fields[i]
		next = i + 1
		r.path = append(r.path, step{name: f.name})
		_, err := r.read(f.plan, v.Field(f.index))
		r.path = r.path[:len(r.path)-1]
		return err
	})
	if err != nil {
		return err
	}
	r.keep(p, v, r.data[start:r.pos])
	if outer != nil {
		r.odd = outer
	}
	return nil
}

// readPlain reads what stands where an object should: a value for the plain field, if there is one.
func (r *reader) readPlain(p *plan, v reflect.Value, raw []byte) bool {
	outer := r.odd
	r.odd = nil
	fits := raw[0] == 'n'
	if f := p.plain; f != nil && !blank(raw) {
		fits = f.plan.set(v.Field(f.index), raw, r.path) == nil
	}
	if !fits && !blank(raw) {
		r.odd = r.path.misfit(p, raw, errMisfit)
	}
	r.keep(p, v, raw)
	if outer != nil {
		r.odd = outer
	}
	return fits
}

// keep fills the fields for the bytes of an object and for what did not fit in it, which nobody else has to keep then.
func (r *reader) keep(p *plan, v reflect.Value, raw []byte) {
	if p.raw >= 0 {
		v.Field(p.raw).SetBytes(bytes.Clone(raw))
	}
	if p.err >= 0 && r.odd != nil {
		v.Field(p.err).Set(reflect.ValueOf(r.odd))
		r.odd = nil
	}
}

func (r *reader) readList(p *plan, v reflect.Value) error {
	n := 0
	err := r.Array(func() error {
		if n >= v.Cap() {
			v.Grow(1)
		}
		if n >= v.Len() {
			v.SetLen(n + 1)
		}
		r.path = append(r.path, step{index: n})
		_, err := r.read(p.elem, v.Index(n))
		r.path = r.path[:len(r.path)-1]
		n++
		return err
	})
	if n == 0 {
		v.Set(reflect.MakeSlice(p.typ, 0, 0))
	}
	v.SetLen(n)
	return err
}

// find returns the place of the field that key names, -1 if there is none. Senders write members in the order of their
// documentation, so that the one at next is most likely.
func (p *plan) find(key []byte, next int) int {
	if next < len(p.fields) && string(key) == p.fields[next].name {
		return next
	}
	for i := range p.fields {
		if string(key) == p.fields[i].name {
			return i
		}
	}
	for i := range p.fields {
		if bytes.EqualFold(key, []byte(p.fields[i].name)) {
			return i
		}
	}
	return -1
}
