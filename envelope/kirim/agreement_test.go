package kirim_test

import (
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope"
	"github.com/kirimhooks/kirimhooks/envelope/kirim"
	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/kirimhooks/kirimhooks/internal/samples"
	"github.com/stretchr/testify/require"
)

// wild has a field for each way in which encoding/json reads.
type wild struct {
	Text     string `json:"text"`
	Label    label  `json:"label,omitempty"`
	Sign     bool
	Kelvin   int8    `json:"k"`
	Port     uint16  `json:"port"`
	Size     int64   `json:"size"`
	Count    uint    `json:"count"`
	Short    float32 `json:"short"`
	Long     float64 `json:"long"`
	Pointer  *string `json:"pointer"`
	Twice    **int   `json:"twice"`
	Inner    *wild   `json:"inner"`
	Texts    []string
	Lists    [][]int8               `json:"lists"`
	Leaves   []leaf                 `json:"leaves"`
	Pointers []*leaf                `json:"pointers"`
	Bytes    []byte                 `json:"bytes"`
	Array    [2]int                 `json:"array"`
	Map      map[string]leaf        `json:"map"`
	Any      any                    `json:"any"`
	Raw      json.RawMessage        `json:"raw"`
	RawAt    *json.RawMessage       `json:"raw_at"`
	Number   json.Number            `json:"number"`
	Time     time.Time              `json:"time"`
	Stamp    kirim.Time             `json:"stamp"`
	StampAt  *kirim.Time            `json:"stamp_at"`
	Address  netip.Addr             `json:"address"`
	Odd      odd                    `json:"odd"`
	Around   around                 `json:"around"`
	Func     func()                 `json:"func"`
	Unnamed  struct{ A, B string }  `json:"unnamed"`
	Empty    struct{}               `json:"empty"`
	Message  meta.Message           `json:"message"`
	Derived  derived                `json:"derived"`
	Skipped  string                 `json:"-"`
	Marshal  map[label]*json.Number `json:"marshal"`
	hidden   string
}

// Nobody but package reflect looks at these.
var _, _ = wild{}.hidden, around{}.label

type label string

// derived has the fields of a type with an UnmarshalJSON, and not the method.
type derived meta.Entry

type leaf struct {
	ID   string `json:"id"`
	Next *leaf  `json:"next"`
}

// odd has tags that follow other rules.
type odd struct {
	Quoted int    `json:"quoted,string"`
	Sign   string "json:\"\u017fign\""
	A      int    `json:"a"`
	B      int    `json:"A"`
}

type around struct {
	leaf
	*label
	Name string `json:"name"`
}

// FuzzAgreement holds Decode against encoding/json: what it reads is read to the same value.
func FuzzAgreement(f *testing.F) {
	for s := range samples.Corpus() {
		f.Add(s.Body)
	}
	for _, data := range []string{
		`{"text":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83d","label":"\udc00\ud83dx","Sign":true,"k":-128,"port":65535,"size":-9223372036854775808}`,
		`{"count":18446744073709551615,"short":3.4e38,"long":-0.5e-7,"pointer":"p","twice":1,"inner":{"inner":{"text":"deep"},"Lists":[]}}`,
		`{"Texts":["a",null,"b"],"lists":[[1,2],[],null,[-1]],"leaves":[{"id":"1","next":{"id":"2"}},{}],"pointers":[null,{"id":"3"}]}`,
		`{"bytes":"AQID","array":[1,2,3],"map":{"a":{"id":"1"},"a":{"next":{}}},"any":{"b":[1,"x",null,true]},"raw": {"x" : 1} ,"raw_at":null}`,
		`{"raw":null,"raw_at":[1],"number":1.50,"time":"2026-07-01T00:00:00Z","stamp":"x","stamp_at":"2026-07-01T00:00:00Z","address":"::1"}`,
		`{"odd":{"quoted":"7","\u017fign":"s","sign":"t","a":1,"A":2},"around":{"id":"1","next":null,"name":"n","label":"l"}}`,
		`{"unnamed":{"A":"1","b":"2"},"empty":{"a":1},"Skipped":"s","-":"d","hidden":"h","marshal":{"x":1,"y":null},"unknown":{"text":[{}]}}`,
		`{"message":{"id":1,"from":"2"},"derived":{"id":"1","from":"2"}}`, `{"message":null}`, `{"derived":{"id":1}}`,
		`{"text":"1","text":"2"}`, `{"Text":"1"}`, `{"\u0074ext":"1"}`, `{"\u212a":1}`, "{\"\u212a\":1}",
		"{\"text\":\"\xff\",\"\xfe\":1}", "{\"te\u017ft\":1}",
		`{"inner":{"text":"1"},"inner":{"k":1}}`, `{"leaves":[{"id":"1"}],"leaves":[{}]}`, `{"pointer":"1","pointer":null}`,
		`{"text":null,"label":null,"Sign":null,"k":null,"long":null,"inner":null,"leaves":null,"any":null,"time":null,"stamp":null,"address":null}`,
		`{"text":1}`, `{"Sign":"true"}`, `{"Sign":1}`, `{"k":128}`, `{"k":1.0}`, `{"k":1e1}`, `{"k":-0}`, `{"port":-1}`,
		`{"short":1e39}`, `{"long":1e999}`, `{"number":"x"}`,
		`{"number":"1"}`, `{"time":"x"}`, `{"leaves":{}}`, `{"inner":[]}`, `{"func":null}`, `{"func":1}`, `{"bytes":"?"}`,
		`{"address":"x"}`, `{"address":1}`,
		`{}`, `null`, `[]`, `"a"`, `1`, `{"text":"a"`, `{"text":"a",}`, `{"text" "a"}`, `{"leaves":[{}`, `{"leaves":[{},]}`,
		`{"k":01}`, `{"pointer":tru}`,
	} {
		f.Add([]byte(`{"data":` + data + `}`))
		f.Add([]byte(` { "id" : "evt_1", "data" : ` + data + ` , "type":"a" } `))
	}
	for _, body := range []string{`{"data":{},"DATA":{}}`, `{"d\u0061ta":{"text":"a"}}`, `{"Data":{}}`, `{}`,
		`{"data":{}}x`, `{"data":{},"a":}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		agrees[wild](t, body)
		agrees[*wild](t, body)
		agrees[odd](t, body)
		agrees[any](t, body)
		agrees[kirim.Message](t, body)
		agrees[kirim.MessageData](t, body)
		agrees[kirim.ContactData](t, body)
		agrees[kirim.IdentityData](t, body)
		agrees[kirim.ConversationData](t, body)
		agrees[kirim.CustomerData](t, body)
	})
}

// Reading a kind costs less than encoding/json alone does. Should a type of this package fall out of what is read
// directly, this shows it.
func TestDecodeAllocatesLess(t *testing.T) {
	body, ok := samples.Body(envelope.Kirim, kirim.TypeMessageSent, "")
	require.True(t, ok)
	m, err := envelope.Scan(body)
	require.NoError(t, err)
	plain := testing.AllocsPerRun(100, func() { err = json.Unmarshal(m.Raw("data"), new(kirim.MessageData)) })
	require.NoError(t, err)
	ours := testing.AllocsPerRun(100, func() { _, err = kirim.MessageSent.Decode(body) })
	require.NoError(t, err)
	t.Logf("%v and %v", ours, plain)
	require.Less(t, ours, plain)
}

// agrees wants what encoding/json reads. What it refuses for a value that does not fit may read all the same.
func agrees[P any](t *testing.T, body []byte) {
	got, err := kirim.NewKind[P]("a").Decode(body)
	if err != nil {
		require.ErrorIs(t, err, envelope.ErrMalformed)
	}
	m, scanErr := envelope.Scan(body)
	raw := m.Raw("data")
	if scanErr != nil || raw == nil || string(raw) == "null" {
		require.Error(t, err)
		return
	}
	var want P
	if json.Unmarshal(raw, &want) == nil {
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
