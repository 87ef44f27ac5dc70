package wire_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
	"github.com/stretchr/testify/require"
)

// note has a field for each way of reading.
type note struct {
	ID     string            `json:"id"`
	Count  int               `json:"count"`
	Small  int8              `json:"small"`
	Size   uint64            `json:"size"`
	Degree float64           `json:"degree"`
	Yes    bool              `json:"yes"`
	Live   bool              `json:"live" wire:"mark"`
	Name   *string           `json:"name"`
	Inner  inner             `json:"inner"`
	At     *inner            `json:"at"`
	List   []string          `json:"list"`
	Items  []item            `json:"items"`
	Labels map[string]string `json:"labels"`
	Price  json.Number       `json:"price"`
	When   time.Time         `json:"when"`
	Own    own               `json:"own"`
	Later  wire.Value        `json:"later"`
	Last   string            `json:"last"`
	Err    error             `json:"-" wire:"err"`
}

type inner struct {
	Text string `json:"text" wire:"plain"`
	N    int    `json:"n"`
}

type item struct {
	ID   string          `json:"id"`
	N    int             `json:"n"`
	Item *item           `json:"item"`
	Raw  json.RawMessage `json:"-" wire:"raw"`
	Err  error           `json:"-" wire:"err"`
}

func (i *item) UnmarshalJSON(b []byte) error { return wire.Decode(b, i) }

// own reads itself from an array of one.
type own struct{ one item }

var _ = wire.Own(func(o *own, v wire.Value) error {
	var list []wire.Value
	if err := v.Decode(&list); err != nil || len(list) == 0 {
		return err
	}
	return list[0].Decode(&o.one)
})

func text(s string) *string { return &s }

func TestDecodeTakesWhatIsWrittenInMoreThanOneWay(t *testing.T) {
	for body, want := range map[string]note{
		`{"id":62811,"name":-1.50,"list":[1,true,"a",null]}`: {ID: "62811", Name: text("-1.50"),
			List: []string{"1", "true", "a", ""}},
		`{"id":6281100000000000000001,"name":1e3}`: {ID: "6281100000000000000001", Name: text("1e3")},
		`{"count":"12","small":"-7","size":"18446744073709551615","degree":"-6.2000001","yes":"true"}`: {
			Count: 12, Small: -7, Size: math.MaxUint64, Degree: -6.2000001, Yes: true,
		},
		`{"count":2.0,"small":1e2,"size":"3.0","degree":"1e-3","yes":1}`: {Count: 2, Small: 100, Size: 3,
			Degree: 1e-3, Yes: true},
		`{"count":"+5","small":"007","yes":"0","price":"7.90"}`:                        {Count: 5, Small: 7, Price: "7.90"},
		`{"count":"","size":"","degree":"","yes":"","price":"","when":"","labels":""}`: {},
		`{"id":[],"count":[],"yes":{},"inner":[],"at":[],"labels":[],"when":[ ]}`:      {},
		`{"id":{},"name":{},"inner":"","at":"","list":{},"items":"","when":{}}`:        {},
		`{"id":null,"count":null,"inner":null,"at":null,"items":null,"when":null}`:     {},
		`{"inner":"plain","at":"also"}`: {Inner: inner{Text: "plain"},
			At: &inner{Text: "also"}},
		`{"inner":12,"at":true}`: {Inner: inner{Text: "12"},
			At: &inner{Text: "true"}},
		`{"live":true}`:   {Live: true},
		`{"live":"true"}`: {},
		`{"live":1}`:      {},
	} {
		want.Last = "read"
		var got note
		require.NoError(t, wire.Decode([]byte(body[:len(body)-1]+`,"last":"read"}`), &got), body)
		require.Equal(t, want, got, body)
	}
}

func TestDecodeLosesTheOddMemberAlone(t *testing.T) {
	for member, says := range map[string]string{
		`"id":{"secret":1}`:        "id: an object does not read as text",
		`"count":"secret"`:         "count: text does not read as a number that fits",
		`"count":1.5`:              "count: a number does not read as a number that fits",
		`"small":128`:              "small: a number does not read as a number that fits",
		`"small":"1e3"`:            "small: text does not read as a number that fits",
		`"size":-1`:                "size: a number does not read as a number that fits",
		`"size":-1.0`:              "size: a number does not read as a number that fits",
		`"count":1e300`:            "count: a number does not read as a number that fits",
		`"degree":"NaN"`:           "degree: text does not read as a number that fits",
		`"degree":"0x1p-2"`:        "degree: text does not read as a number that fits",
		`"degree":1e999`:           "degree: a number does not read as a number that fits",
		`"degree":true`:            "degree: a boolean does not read as a number that fits",
		`"yes":"secret"`:           "yes: text does not read as a boolean",
		`"yes":2`:                  "yes: a number does not read as a boolean",
		`"inner":{"n":"secret"}`:   "inner.n: text does not read as a number that fits",
		`"inner":["secret"]`:       "inner: an array does not read as an object",
		`"at":["secret"]`:          "at: an array does not read as an object",
		`"name":["secret"]`:        "name: an array does not read as text",
		`"list":"secret"`:          "list: text does not read as an array",
		`"list":{"0":"secret"}`:    "list: an object does not read as an array",
		`"list":["a",["secret"]]`:  "list[1]: an array does not read as text",
		`"labels":["secret"]`:      "labels: a JSON array does not read as its field",
		`"labels":{"secret":[1]}`:  "labels: a JSON array does not read as its field",
		`"price":"secret"`:         "price: text does not read as its field",
		`"when":"secret"`:          "when: text does not read as its field",
		`"own":"secret"`:           "own: text does not read as an array",
		`"own":["secret"]`:         "own[0]: text does not read as an object",
		`"items":7`:                "items: a number does not read as an array",
		`"id":[1],"count":"later"`: "id: an array does not read as text",
	} {
		var got note
		require.NoError(t, wire.Decode([]byte(`{`+member+`,"last":"read"}`), &got), member)
		require.Equal(t, "read", got.Last, member)
		require.ErrorIs(t, got.Err, wire.ErrMalformed, member)
		require.EqualError(t, got.Err, says)
	}
}

func TestDecodeKeepsItemsApart(t *testing.T) {
	var got note
	require.NoError(t, wire.At("data", []byte(`{"items":[{"id":1},7,{"id":{},"n":"?"},null,{"id":"5","item":{"n":[1]}},{"id":"6"}],"last":1}`)).Decode(&got))
	require.NoError(t, got.Err, "the items keep what did not fit in them")
	require.Equal(t, "1", got.Last)
	var ids, raws, errs []string
	for _, i := range got.Items {
		ids, raws = append(ids, i.ID), append(raws, string(i.Raw))
		if i.Err != nil {
			errs = append(errs, i.Err.Error())
		}
	}
	require.Equal(t, []string{"1", "", "", "", "5", "6"}, ids)
	require.Equal(t, []string{`{"id":1}`, "7", `{"id":{},"n":"?"}`, "null", `{"id":"5","item":{"n":[1]}}`, `{"id":"6"}`},
		raws)
	require.Equal(t, []string{
		"data.items[1]: a number does not read as an object",
		"data.items[2].n: text does not read as a number that fits",
	}, errs)
	require.EqualError(t, got.Items[4].Item.Err, "data.items[4].item.n: an array does not read as a number that fits")
}

func TestDecodeTellsWhatNoFieldKeeps(t *testing.T) {
	var got struct {
		List []inner `json:"list"`
	}
	err := wire.Decode([]byte(`{"list":[{"n":1},{"n":"secret"},{"n":3}]}`), &got)
	require.EqualError(t, err, "list[1].n: text does not read as a number that fits")
	require.ErrorIs(t, err, wire.ErrMalformed)
	require.Equal(t, []inner{{N: 1}, {}, {N: 3}}, got.List)
}

func TestDecodeWantsItsWholeValue(t *testing.T) {
	for body, says := range map[string]string{
		`[]`:        "body: an array does not read as an object",
		`"secret"`:  "body: text does not read as an object",
		`7`:         "body: a number does not read as an object",
		``:          "malformed body: body ends where a value should stand at byte 0",
		`{"id":1`:   "malformed body: body ends where a comma or } should stand at byte 7",
		`{"id":1}x`: "malformed body: the end should stand here at byte 8",
	} {
		err := wire.Decode([]byte(body), new(note))
		require.ErrorIs(t, err, wire.ErrMalformed, body)
		require.EqualError(t, err, says)
	}
	var i item
	require.Error(t, json.Unmarshal([]byte(`[1]`), &i))
	require.NoError(t, json.Unmarshal([]byte(`{"id":7,"n":"x"}`), &i))
	require.Equal(t, "7", i.ID)
	require.EqualError(t, i.Err, "n: text does not read as a number that fits")
}

func TestValueIsReadLater(t *testing.T) {
	var got note
	require.NoError(t, wire.Decode([]byte(`{"items":[],"later": [{"n":"?"}] }`), &got))
	require.Equal(t, `[{"n":"?"}]`, string(got.Later.Raw()))
	var list []item
	require.NoError(t, got.Later.Decode(&list))
	require.EqualError(t, list[0].Err, "later[0].n: text does not read as a number that fits")
	require.Nil(t, wire.Value{}.Raw())
}

// The fields for bytes and errors may stand anywhere in a struct, which may be a stranger's.
func TestDecodeFindsItsFieldsFirst(t *testing.T) {
	var raw struct {
		Raw json.RawMessage `json:"-" wire:"raw"`
		N   int             `json:"n"`
	}
	require.NoError(t, wire.Decode([]byte(`{"n":7}`), &raw))
	require.Equal(t, `{"n":7}`, string(raw.Raw))
	var odd struct {
		Err error `json:"-" wire:"err"`
		N   int   `json:"n"`
	}
	require.NoError(t, wire.Decode([]byte(`{"n":"x"}`), &odd))
	require.EqualError(t, odd.Err, "n: text does not read as a number that fits")
	var plain struct {
		Text string `json:"text" wire:"plain"`
	}
	require.NoError(t, wire.Decode([]byte(`7`), &plain))
	require.Equal(t, "7", plain.Text)
}
