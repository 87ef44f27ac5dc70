package envelope_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/stretchr/testify/require"
)

func nested(n int) string {
	return `{"a":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + `}`
}

func TestScanRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"empty":                     ``,
		"white space":               " \n",
		"array":                     `[]`,
		"string":                    `"a"`,
		"null":                      `null`,
		"byte order mark":           "\ufeff{}",
		"second value":              `{} {}`,
		"trailing byte":             `{}x`,
		"trailing NUL":              "{}\x00",
		"other white space":         "{}\v",
		"no end":                    `{`,
		"no key":                    `{1:1}`,
		"no colon":                  `{"a" 1}`,
		"no value":                  `{"a":}`,
		"no comma":                  `{"a":1 "b":2}`,
		"trailing comma":            `{"a":1,}`,
		"trailing comma in array":   `{"a":[1,]}`,
		"leading comma":             `{,"a":1}`,
		"two commas":                `{"a":[1,,2]}`,
		"wrong closing":             `{"a":[1}`,
		"wrong closing of nested":   `{"a":{"b":1]}`,
		"single quotes":             `{'a':1}`,
		"comment":                   `{"a":1/**/}`,
		"string without end":        `{"a":"b`,
		"string ends in backslash":  `{"a":"b\`,
		"control character":         "{\"a\":\"\n\"}",
		"control character in key":  "{\"\x01\":1}",
		"unknown escape":            `{"a":"\x"}`,
		"short unicode escape":      `{"a":"\u00g0"}`,
		"cut unicode escape":        `{"a":"\u00`,
		"leading zero":              `{"a":01}`,
		"plus":                      `{"a":+1}`,
		"minus alone":               `{"a":-}`,
		"point alone":               `{"a":.5}`,
		"digits missing":            `{"a":1.}`,
		"exponent missing":          `{"a":1e}`,
		"signed exponent missing":   `{"a":1e+}`,
		"hex number":                `{"a":0x1}`,
		"NaN":                       `{"a":NaN}`,
		"capital literal":           `{"a":True}`,
		"cut literal":               `{"a":nul}`,
		"long literal":              `{"a":nulll}`,
		"depth 65":                  nested(65),
		"depth 65 of objects":       strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65),
		"key twice":                 `{"id":1,"type":2,"id":3}`,
		"key in two cases":          `{"id":1,"ID":2}`,
		"key escaped":               `{"id":1,"\u0069d":2}`,
		"Kelvin sign":               `{"kirim":1,"` + "\u212a" + `irim":2}`,
		"long s":                    `{"signature":1,"\u017fignature":2}`,
		"replacement of bad UTF-8":  "{\"\xff\":1,\"\xfe\":2}",
		"lone surrogates":           `{"\ud800":1,"\udbff":2}`,
		"empty key twice":           `{"":1,"":2}`,
		"key twice among many":      manyKeys(40, `,"k39":1`),
		"other case among many":     manyKeys(40, `,"K20":1`),
		"other case of an early of": manyKeys(40, `,"K3":1`),
	} {
		t.Run(name, func(t *testing.T) {
			m, err := envelope.Scan([]byte(body))
			require.ErrorIs(t, err, envelope.ErrMalformed)
			require.Regexp(t, `^envelope: malformed body: .+ at byte \d+$`, err.Error())
			require.Zero(t, m)
		})
	}
}

func manyKeys(n int, tail string) string {
	var b strings.Builder
	b.WriteString(`{"k0":0`)
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, `,"k%d":%d`, i, i)
	}
	return b.String() + tail + "}"
}

func TestScanErrorsNameTheByteAndNeverTheBody(t *testing.T) {
	for body, want := range map[string]string{
		`{"secret":"value","secret":1}`: "envelope: malformed body: second spelling of a top-level key at byte 27",
		`{"secret": sesame}`:            "envelope: malformed body: a value should stand here at byte 11",
		`{"secret":1`:                   "envelope: malformed body: body ends where a comma or } should stand at byte 11",
		nested(65):                      "envelope: malformed body: nesting deeper than 64 at byte 68",
	} {
		_, err := envelope.Scan([]byte(body))
		require.EqualError(t, err, want)
	}
}

func TestScanAccepts(t *testing.T) {
	for name, body := range map[string]string{
		"empty object":        `{}`,
		"white space":         " \t\r\n{ \"a\" : [ ] , \"b\" : { } } \n",
		"depth 64":            nested(64),
		"depth 64 of objects": strings.Repeat(`{"a":`, 64) + "1" + strings.Repeat("}", 64),
		"siblings at 64":      `{"a":` + nested(63) + `,"b":` + nested(63) + `}`,
		"numbers":             `{"a":[0,-0,1.5e+10,-1E-2,10,1e5]}`,
		"escapes":             `{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`,
		"bad UTF-8":           "{\"a\":\"\xff\"}",
		"DEL":                 "{\"a\":\"\x7f\"}",
		"nested keys twice":   `{"a":{"b":1,"b":2,"B":3}}`,
		"similar keys":        `{"id":1,"id ":2,"i_d":3}`,
		"many keys":           manyKeys(40, ""),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := envelope.Scan([]byte(body))
			require.NoError(t, err)
		})
	}
}

// Strings are read eight bytes at a time: what ends them must be seen at every place.
func TestScanSeesEveryByteOfAString(t *testing.T) {
	for before := range 20 {
		for after := range 20 {
			text := func(s string) []byte {
				return []byte(`{"a":"` + strings.Repeat("é"[:before%2+1], before) + s + strings.Repeat("a", after) + `"}`)
			}
			for _, refused := range []string{"\x00", "\n", "\x1f", `"`, `\`, `\x`} {
				if _, err := envelope.Scan(text(refused)); refused != `\` {
					require.ErrorIs(t, err, envelope.ErrMalformed, "%q", text(refused))
				} else {
					require.Equal(t, json.Valid(text(refused)), err == nil, "%q", text(refused))
				}
			}
			for _, accepted := range []string{" ", "!", "#", "[", "]", "\x7f", "\xff", "\u00a2", `\"`, `\\`} {
				m, err := envelope.Scan(text(accepted))
				require.NoError(t, err, "%q", text(accepted))
				require.True(t, bytes.HasSuffix(text(accepted), append(m.Raw("a"), '}')))
			}
		}
	}
}

func TestMembers(t *testing.T) {
	m, err := envelope.Scan([]byte(`{ "\u0069d": "evt_\u0041\n" , "n":null,"o": {"id": [1, 2]} ,"":"empty", "s":"plain"}`))
	require.NoError(t, err)

	require.Equal(t, `"evt_\u0041\n"`, string(m.Raw("id")))
	require.Equal(t, `{"id": [1, 2]}`, string(m.Raw("o")))
	require.Equal(t, `null`, string(m.Raw("n")))
	require.Nil(t, m.Raw("ID"), "keys are exact")
	require.Nil(t, m.Raw("missing"))

	id, ok := m.Text("id")
	require.True(t, ok)
	require.Equal(t, "evt_A\n", id)
	empty, ok := m.Text("")
	require.True(t, ok)
	require.Equal(t, "empty", empty)
	for _, key := range []string{"n", "o", "missing"} {
		_, ok = m.Text(key)
		require.False(t, ok, key)
	}

	var keys []string
	for key := range m.All() {
		if keys = append(keys, key); key == "" {
			break
		}
	}
	require.Equal(t, []string{"id", "n", "o", ""}, keys)
}

func TestMembersPastTheSixteenth(t *testing.T) {
	m, err := envelope.Scan([]byte(manyKeys(40, "")))
	require.NoError(t, err)
	n := 0
	for key, value := range m.All() {
		require.Equal(t, fmt.Sprintf("k%d", n), key)
		require.Equal(t, fmt.Sprint(n), string(value))
		require.Equal(t, string(value), string(m.Raw(key)))
		n++
	}
	require.Equal(t, 40, n)
}

func TestRawCannotOverwriteTheBody(t *testing.T) {
	body := []byte(`{"a":1,"b":2}`)
	m, err := envelope.Scan(body)
	require.NoError(t, err)
	_ = append(m.Raw("a"), "!!"...)
	require.Equal(t, `{"a":1,"b":2}`, string(body))
}

func TestScanDoesNotAllocate(t *testing.T) {
	for _, body := range []string{manyKeys(16, ""), string(kilobyte())} {
		body := []byte(body)
		require.Zero(t, testing.AllocsPerRun(100, func() {
			m, err := envelope.Scan(body)
			if err != nil || m.Raw("missing") != nil {
				panic(err)
			}
		}))
	}
}

// kilobyte is a real body of about 1 KiB.
func kilobyte() []byte {
	body, ok := samples.Body(envelope.Meta, "message.received", "")
	if !ok {
		panic("no sample")
	}
	return body
}

func BenchmarkScan(b *testing.B) {
	var compact bytes.Buffer
	require.NoError(b, json.Compact(&compact, kilobyte()))
	for name, body := range map[string][]byte{
		"indented":  kilobyte(),
		"compact":   compact.Bytes(),
		"text":      []byte(`{"text":"` + strings.Repeat("Selamat pagi, ", 72) + `"}`),
		"many keys": []byte(manyKeys(10_000, "")), // would take seconds if each key were compared with each
	} {
		b.Run(name, func(b *testing.B) { scanLoop(b, body) })
	}
}

func scanLoop(b *testing.B, body []byte) {
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := envelope.Scan(body); err != nil {
			b.Fatal(err)
		}
	}
}
