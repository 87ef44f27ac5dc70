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
	switch {
	case p.as != asScalar:
		return false
	case v.Kind() == reflect.String:
		v.SetString(text)
		return true
	case v.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err == nil {
			v.SetBool(b)
		}
		return err == nil
	}
	return setNumber(v, text)
}

// setNumber takes 2.0 and 2e3 for whole numbers as far as a float64 is exact.
func setNumber(v reflect.Value, text string) bool {
	if strings.Trim(text, "+-.0123456789eE") != "" {
		return false // strconv knows NaN, Inf and 0x1p-2, which no JSON can write again
	}
	bits := v.Type().Bits()
	if v.CanFloat() {
		n, err := strconv.ParseFloat(text, bits)
		if err == nil {
			v.SetFloat(n)
		}
		return err == nil
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && n == math.Trunc(n) && math.Abs(n) <= 1<<53 {
		text = strconv.FormatInt(int64(n), 10)
	}
	if v.CanInt() {
		n, err := strconv.ParseInt(text, 10, bits)
		if err == nil {
			v.SetInt(n)
		}
		return err == nil
	}
	n, err := strconv.ParseUint(text, 10, bits)
	if err == nil {
		v.SetUint(n)
	}
	return err == nil
}
