package dashboard

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
)

// Body is what an event carries, to be read.
type Body struct {
	Pretty string // indented; "" if it is no JSON, or not shown whole
	Raw    string // as it is sent
	Bytes  int
	Cut    bool // it is longer than what is shown
}

// maxShown bounds what a page shows of a body.
const maxShown = 128 << 10

// BodyOf makes raw readable.
func BodyOf(raw []byte) Body {
	b := Body{Bytes: len(raw)}
	if len(raw) > maxShown {
		return Body{Raw: Legible(string(raw[:maxShown])), Bytes: len(raw), Cut: true}
	}
	b.Raw = Legible(string(raw))
	var pretty bytes.Buffer
	if json.Indent(&pretty, raw, "", "  ") == nil {
		b.Pretty = Legible(pretty.String())
	}
	return b
}

// Legible replaces what a browser does not show: bytes that are not UTF-8, and control characters. Those that turn the
// direction of writing are shown as what they are, so that a text cannot pose as another.
func Legible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return -1
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}
