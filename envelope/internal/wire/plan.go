package wire

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// plan is how values of one Go type are read, worked out once. What is rare or has rules of its own is left to encoding/json.
type plan struct {
	as     method
	typ    reflect.Type
	elem   *plan   // of a pointer or list
	fields []field // of an object, at most 64
	raw    int     // of an object: the field, counted from 1, that gets its bytes; 0 if none does
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
	asText
	asLoose // text that may stand as a number
	asBool
	asInt
	asUint
	asFloat
	asPointer
	asList
	asObject
)

var (
	plans           sync.Map // of *plan by reflect.Type
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// habit is what the UnmarshalJSON of a type does, where that is no more than this.
type habit struct {
	known bool
	loose []string // JSON names of text fields that are read as Loose
	raw   string   // the field that gets the bytes of the object, "" if none does
}

var habits = map[reflect.Type]habit{} // written while packages are initialised

// Habit spares T's UnmarshalJSON from being called: all it does beyond encoding/json is to read the text fields of the JSON names in
// loose as [Loose], and to set the field raw, of Go's name, to the bytes of the object. It is for variables of a package.
func Habit[T json.Unmarshaler](raw string, loose ...string) struct{} {
	habits[reflect.TypeFor[T]().Elem()] = habit{known: true, loose: loose, raw: raw}
	return struct{}{}
}

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
	p := &plan{typ: t}
	made[t] = p
	switch p.as = methodOf(t); p.as {
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
	switch pointer := reflect.PointerTo(t); {
	case t.Kind() == reflect.Interface:
		return byJSON
	case habits[t].known:
		return asObject
	case t.Kind() != reflect.Pointer && pointer.Implements(jsonUnmarshaler):
		return byItself
	case t.Kind() != reflect.Pointer && pointer.Implements(textUnmarshaler), t == reflect.TypeFor[json.Number]():
		return byJSON
	}
	switch t.Kind() {
	case reflect.String:
		return asText
	case reflect.Bool:
		return asBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return asInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return asUint
	case reflect.Float32, reflect.Float64:
		return asFloat
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
	}
	return byJSON
}

// addFields reports false where the rules of encoding/json about fields are more than a name: embedded structs, names that stand
// twice, numbers in quotes.
func (made planner) addFields(p *plan) bool {
	for i := range p.typ.NumField() {
		f := p.typ.Field(i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case f.Name == habits[p.typ].raw:
			p.raw = i + 1
			continue
		case tag == "-", !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous, strings.Contains(options, "string"), strings.Trim(name, plainName) != "", len(p.fields) == 64:
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
		if slices.Contains(habits[p.typ].loose, name) {
			how = &plan{as: asLoose, typ: f.Type}
		}
		p.fields = append(p.fields, field{name, i, how})
	}
	return true
}

// plainName has the characters of a name that nobody could misread.
const plainName = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
