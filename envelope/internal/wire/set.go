package wire

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// set reads a whole value that is neither the object nor the list that p reads itself.
func (p *plan) set(v reflect.Value, raw []byte, at path) error {
	switch p.as {
	case byJSON:
		return json.Unmarshal(raw, v.Addr().Interface())
	case byItself:
		return v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(raw)
	case byOwn:
		return owns[p.typ](v.Addr().Interface(), Value{raw, slices.Clone(at)})
	case asValue:
		v.Set(reflect.ValueOf(Value{raw, slices.Clone(at)}))
		return nil
	case asMark:
		if raw[0] == 't' || raw[0] == 'f' {
			v.SetBool(raw[0] == 't')
		}
		return nil
	}
	switch {
	case raw[0] == 'n':
		if p.as == asPointer || p.as == asList {
			v.SetZero()
		}
		return nil
	case raw[0] == '{' || raw[0] == '[':
		return errMisfit
	}
	text, quoted := Text(raw)
	if !quoted {
		text = string(raw)
	}
	if !p.setText(v, text) {
		return errMisfit
	}
	return nil
}

// setText reads the text of a string, a number or a boolean.
func (p *plan) setText(v reflect.Value, text string) bool {
	switch p.as {
	case asText:
		v.SetString(text)
		return true
	case asBool:
		b, err := strconv.ParseBool(text)
		if err == nil {
			v.SetBool(b)
		}
		return err == nil
	case asInt, asUint, asFloat:
		return p.setNumber(v, text)
	}
	return false
}

// setNumber takes 2.0 and 2e3 for whole numbers as far as a float64 is exact.
func (p *plan) setNumber(v reflect.Value, text string) bool {
	if strings.Trim(text, "+-.0123456789eE") != "" {
		return false // strconv knows NaN, Inf and 0x1p-2, which no JSON can write again
	}
	bits := p.typ.Bits()
	if p.as == asFloat {
		n, err := strconv.ParseFloat(text, bits)
		if err == nil {
			v.SetFloat(n)
		}
		return err == nil
	}
	if n, err := strconv.ParseInt(text, 10, bits); err == nil && p.as == asInt {
		v.SetInt(n)
		return true
	}
	if n, err := strconv.ParseUint(text, 10, bits); err == nil && p.as == asUint {
		v.SetUint(n)
		return true
	}
	n, err := strconv.ParseFloat(text, 64)
	switch whole := int64(n); {
	case err != nil || n != math.Trunc(n) || math.Abs(n) > 1<<53:
		return false
	case p.as == asInt && !v.OverflowInt(whole):
		v.SetInt(whole)
		return true
	case p.as == asUint && whole >= 0 && !v.OverflowUint(uint64(whole)):
		v.SetUint(uint64(whole))
		return true
	}
	return false
}
