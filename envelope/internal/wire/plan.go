package wire

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
)

// plan is how values of one Go type are read, worked out once. What is rare or has rules of its own is left to
// encoding/json.
type plan struct {
	as       method
	typ      reflect.Type
	elem     *plan   // of a pointer or list
	fields   []field // of an object
	plain    *field  // of an object: the field with tag plain
	raw, err int     // of an object: the fields with these tags, -1 if there are none
}

type field struct {
	name  string
	index int
	plan  *plan
}

type method int

const (
	byJSON   method = iota // by encoding/json
	byItself               // the type has an UnmarshalJSON
	byOwn                  // by what Own was given
	asValue
	asScalar
	asMark
	asPointer
	asList
	asObject
)

// want is what should stand there, for errors.
func (p *plan) want() string {
	switch {
	case p.as == asObject:
		return "an object"
	case p.as == asList:
		return "an array"
	case p.as != asScalar && p.as != asMark:
		return "its field"
	case p.typ.Kind() == reflect.String:
		return "text"
	case p.typ.Kind() == reflect.Bool:
		return "a boolean"
	}
	return "a number that fits"
}

var (
	plans           sync.Map // of *plan by reflect.Type
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := planner{}.plan(t)
	plans.Store(t, p) // complete, so that nobody sees half a plan
	return p
}

// planner holds the plans that are being made, since a type may contain itself.
type planner map[reflect.Type]*plan

func (made planner) plan(t reflect.Type) *plan {
	if p := made[t]; p != nil {
		return p
	}
	p := &plan{as: methodOf(t), typ: t, raw: -1, err: -1}
	made[t] = p
	switch p.as {
	case asPointer, asList:
		p.elem = made.plan(t.Elem())
	case asObject:
		if !made.addFields(p) {
			p.as = byJSON
		}
	}
	return p
}

func methodOf(t reflect.Type) method {
	reads := func(what reflect.Type) bool {
		return t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(what)
	}
	switch {
	case t == reflect.TypeFor[Value]():
		return asValue
	case owns[t] != nil:
		return byOwn
	case t.Kind() == reflect.Interface, t == reflect.TypeFor[json.Number]():
		return byJSON
	case directed(t):
		return asObject
	case reads(jsonUnmarshaler):
		return byItself
	case reads(textUnmarshaler):
		return byJSON
	}
	return methodOfKind(t)
}

func methodOfKind(t reflect.Type) method {
	switch kind := t.Kind(); kind {
	case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64:
		return asScalar
	case reflect.Struct:
		return asObject
	case reflect.Pointer:
		if t.Name() == "" && t.Elem().Kind() != reflect.Pointer {
			return asPointer
		}
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 { // those are base64
			return asList
		}
	default:
		if reflect.Int <= kind && kind <= reflect.Uintptr {
			return asScalar
		}
	}
	return byJSON
}

// directed tells whether a struct has a tag that directs Decode.
func directed(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		switch t.Field(i).Tag.Get("wire") {
		case "err", "raw", "plain", "mark":
			return true
		}
	}
	return false
}

// addFields reports false where the rules of encoding/json about fields are more than a name: embedded structs, names
// that stand twice, numbers in quotes.
func (made planner) addFields(p *plan) bool {
	plain := -1
	for i := range p.typ.NumField() {
		f := p.typ.Field(i)
		tag, directive := f.Tag.Get("json"), f.Tag.Get("wire")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case directive == "raw":
			p.raw = i
			continue
		case directive == "err":
			p.err = i
			continue
		case tag == "-", !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous, strings.Contains(options, "string"), strings.Trim(name, plainName) != "":
			return false
		case name == "":
			name = f.Name
		}
		for _, other := range p.fields {
			if strings.EqualFold(other.name, name) {
				return false
			}
		}
		how := made.plan(f.Type)
		switch directive {
		case "mark":
			how = &plan{as: asMark, typ: f.Type}
		case "plain":
			plain = len(p.fields)
		}
		p.fields = append(p.fields, field{name, i, how})
	}
	if plain >= 0 {
		p.plain = &p.fields[plain]
	}
	return true
}

// plainName has the characters of a name that nobody could misread.
const plainName = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
