package meta_test

import (
	"testing"

	"github.com/kirimhooks/kirimhooks/envelope/meta"
	"github.com/stretchr/testify/require"
)

func TestContact(t *testing.T) {
	const ayu = `{"profile":{"name":"Ayu"},"wa_id":"6281","user_id":"ID.1","parent_user_id":"ID.ENT.1"}`
	const budi = `{"profile":{"username":"budi"},"user_id":"ID.2"}`
	const citra = `{"profile":{"name":"Citra"},"wa_id":"6283"}`
	for name, c := range map[string]struct {
		contacts, messages string
		want               []string // name, wa_id, user_id, parent of the last message
	}{
		"by user id":      {ayu + "," + budi, `{"from_user_id":"ID.2"}`, []string{"budi", "", "ID.2", ""}},
		"by number":       {citra + "," + ayu, `{"from":"6281"}`, []string{"Ayu", "6281", "ID.1", "ID.ENT.1"}},
		"number in words": {citra + "," + ayu, `{"from":"+62 81"}`, []string{"Ayu", "6281", "ID.1", "ID.ENT.1"}},
		"user id before number": {ayu + "," + budi, `{"from":"6281","from_user_id":"ID.2"}`,
			[]string{"budi", "6281", "ID.2", ""}},
		"number of another user": {ayu + "," + citra, `{"from":"6281","from_user_id":"ID.9"}`,
			[]string{"", "6281", "ID.9", ""}},
		"ids that it lacks": {citra + "," + ayu,
			`{"from":"6283","from_user_id":"ID.3","from_parent_user_id":"ID.ENT.3"}`,
			[]string{"Citra", "6283", "ID.3", "ID.ENT.3"}},
		"the only one":            {ayu, `{"from":"62081"}`, []string{"Ayu", "6281", "ID.1", "ID.ENT.1"}},
		"the only one, no ids":    {ayu, `{}`, []string{"Ayu", "6281", "ID.1", "ID.ENT.1"}},
		"the only one, two of it": {ayu, `{"from":"62081"},{"from":"62081"}`, []string{"Ayu", "6281", "ID.1", "ID.ENT.1"}},
		"the only one, another":   {ayu, `{"from_user_id":"ID.2"}`, []string{"", "", "ID.2", ""}},
		"the only one, of two":    {ayu, `{"from":"6281"},{"from":"6299"}`, []string{"", "6299", "", ""}},
		"none, as of system": {``, `{"from":"6281","from_user_id":"ID.1","type":"system"}`,
			[]string{"", "6281", "ID.1", ""}},
		"none of two":              {ayu + "," + citra, `{"from":"6299"}`, []string{"", "6299", "", ""}},
		"nobody":                   {``, `{}`, []string{"", "", "", ""}},
		"no profile":               {`{"wa_id":"6281"}`, `{"from":"6281"}`, []string{"", "6281", "", ""}},
		"beside one that is odd":   {`7,` + ayu, `{"from":"6281"}`, []string{"Ayu", "6281", "ID.1", "ID.ENT.1"}},
		"several messages, by own": {ayu + "," + citra, `{"from":"6281"},{"from":"6283"}`, []string{"Citra", "6283", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := meta.Parse(value(`{"contacts":[` + c.contacts + `],"messages":[` + c.messages + `]}`))
			require.NoError(t, err)
			var got meta.Contact
			for _, m := range n.Messages() {
				got = n.Contact(m)
			}
			require.Equal(t, c.want, []string{got.Name(), got.WaID, got.UserID, got.ParentUserID})
		})
	}
}

func TestContactOfOthers(t *testing.T) {
	n, err := meta.SMBMessageEchoes.Decode(read(t, "testdata/fields/smb_message_echoes.json"))
	require.NoError(t, err)
	echo := n.Entry[0].Changes[0].Value.MessageEchoes[0] // a copy
	require.Equal(t, "Ayu Contoh", n.Contact(&echo).Name(), "who got it")
	require.Equal(t, "6281200000001", n.Contact(&echo).WaID)

	require.Zero(t, n.Contact(nil))
	require.Equal(t, meta.Contact{WaID: "1"}, n.Contact(&meta.Message{From: "1"}), "a message of elsewhere")

	n, err = meta.Parse([]byte(`{"entry":[{"changes":[
		{"field":"messages","value":{"contacts":[{"wa_id":"1","profile":{"name":"of line 1"}}],"messages":[{"id":"a","from":"1"}]}},
		{"field":"messages","value":{"contacts":[{"wa_id":"1","profile":{"name":"of line 2"}}],"messages":[{"id":"a","from":"1"}]}}]}]}`))
	require.NoError(t, err)
	var names []string
	for _, m := range n.Messages() {
		names = append(names, n.Contact(m).Name())
	}
	require.Equal(t, []string{"of line 1", "of line 2"}, names, "each line has its own")
}

func TestPlainText(t *testing.T) {
	for fields, want := range map[string]string{
		`"type":"text","text":{"body":"hai"}`:                                                               "hai",
		`"type":"text","text":"hai"`:                                                                        "hai",
		`"type":"image","image":{"id":"1","caption":"foto"}`:                                                "foto",
		`"type":"video","video":{"caption":"film"}`:                                                         "film",
		`"type":"document","document":{"caption":"surat","filename":"a.pdf"}`:                               "surat",
		`"type":"audio","audio":{"id":"1"}`:                                                                 "",
		`"type":"sticker","sticker":{"id":"1"}`:                                                             "",
		`"type":"button","button":{"payload":"p","text":"Ya"}`:                                              "Ya",
		`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"1","title":"A"}}`:  "A",
		`"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"1","title":"B"}}`:      "B",
		`"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"body":"Sent"}}`:               "Sent",
		`"type":"interactive","interactive":{"type":"call_permission_reply","call_permission_reply":{}}`:    "",
		`"type":"interactive","interactive":{}`:                                                             "",
		`"type":"interactive"`:                                                                              "",
		`"type":"reaction","reaction":{"message_id":"a","emoji":"👍"}`:                                       "👍",
		`"type":"reaction","reaction":{"message_id":"a"}`:                                                   "",
		`"type":"order","order":{"text":"dua ya"}`:                                                          "dua ya",
		`"type":"system","system":{"body":"changed"}`:                                                       "changed",
		`"type":"edit","edit":{"original_message_id":"a","message":{"type":"text","text":{"body":"baru"}}}`: "baru",
		`"type":"edit","edit":{"original_message_id":"a"}`:                                                  "",
		`"type":"revoke","revoke":{"original_message_id":"a"}`:                                              "",
		`"type":"location","location":{"latitude":1,"longitude":2}`:                                         "",
		`"type":"poll","poll":{"question":"?"}`:                                                             "",
		`"type":"unsupported","errors":[{"code":131051}]`:                                                   "",
	} {
		require.Equal(t, want, only(t, message(fields)).PlainText(), fields)
	}
	require.Empty(t, (*meta.Message)(nil).PlainText())
	require.Empty(t, new(meta.Message).PlainText())
	for name, body := range corpus(t) {
		n, err := meta.Parse(body)
		require.NoError(t, err)
		for _, m := range n.Messages() {
			_ = m.PlainText()
			require.NotEmpty(t, n.Contact(m).WaID+n.Contact(m).UserID+m.ID, name)
		}
	}
}
