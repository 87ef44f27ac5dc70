package signature_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/signature"
)

// placeholders lets the fuzzer reach genuine signatures: it cannot guess a MAC, but it can move one about.
func insert(header string, macs ...string) string {
	for i, m := range macs {
		header = strings.ReplaceAll(header, fmt.Sprintf("{%d}", i), m)
	}
	return header
}

func FuzzVerifyKirim(f *testing.F) {
	for _, v := range vectors(f, "testdata/kirim.json") {
		f.Add(v.Header, string(v.Body), v.Now, "t")
	}
	for _, h := range []string{"t=@,v1={0}", "t=@,v1={1}", "t=@, v1={1},v1={0} ", "v1={0},t=@", "t=@,v1={0}0",
		"t=@,t=@,v1={0}", "t=0@,v1={0}", "t=@,v0={0}", "T=@,v1={0}", "t=@,v1=,v1={1}"} {
		f.Add(h, body, int64(t0), "1782950400")
	}
	secrets := []string{key1, "", key2}
	f.Fuzz(func(t *testing.T, header, body string, now int64, timestamp string) {
		header = strings.ReplaceAll(header, "@", timestamp)
		header = insert(header, hexMAC(key1, timestamp+"."+body), strings.ToUpper(hexMAC(key2, timestamp+"."+body)))
		if now < -1<<60 || now > 1<<60 {
			return
		}
		matched, err := signature.VerifyKirim(header, []byte(body), time.Unix(now, 0), 0, secretsOf(secrets...)...)
		require.Equal(t, oracleKirim(header, body, now, secrets), err == nil, "%q: %v", header, err)
		require.Equal(t, err == nil, matched == 0 || matched == 2)

		signed := signature.SignKirim(nil, []byte(body), time.Unix(now, 0), secretsOf(secrets...)...)
		if len(signed) > 0 {
			require.True(t, oracleKirim(string(signed), body, now, secrets))
		}
	})
}

func FuzzVerifyStandard(f *testing.F) {
	a, b := standardSecret(strings.Repeat("a", 24)), standardSecret(strings.Repeat("b", 31))
	for _, h := range []string{"v1,{0}", "v1,{1}", "v1,x v1,{1}", " v1a,{0}  v1,{0}", "v1,{0}=", "v1,", "v1a,{0}"} {
		f.Add("msg_1", "1782950400", h, body, int64(t0))
		f.Add("msg.1", "01782950400", h, body, int64(t0))
	}
	secrets := []string{"", "!", a, b}
	f.Fuzz(func(t *testing.T, id, timestamp, header, body string, now int64) {
		if now < -1<<60 || now > 1<<60 {
			return
		}
		text := id + "." + timestamp + "." + body
		header = insert(header, base64MAC(strings.Repeat("a", 24), text), base64MAC(strings.Repeat("b", 31), text))
		matched, err := signature.VerifyStandard(id, timestamp, header, []byte(body), time.Unix(now, 0), 0,
			secretsOf(secrets...)...)
		require.Equal(t, oracleStandard(id, timestamp, header, body, now, secrets), err == nil, "%q: %v", header, err)
		require.Equal(t, err == nil, matched >= 2)

		signed := string(signature.SignStandard(nil, id, []byte(body), time.Unix(now, 0), secretsOf(a, b)...))
		if signed != "" {
			require.True(t, oracleStandard(id, fmt.Sprint(now), signed, body, now, secrets))
		}
	})
}

func FuzzVerifyEd25519(f *testing.F) {
	for _, h := range []string{"v1a,{0}", "v1a,{1}", "v1a,x v1a,{1}", " v1,{0}  v1a,{0}", "v1a,{0}=", "v1a,", "v1,{2}",
		"v1a,{2}", "v1,{0}", "v1a,{1} v1a,{0} v1,{2}"} {
		f.Add("msg_1", "1782950400", h, body, int64(t0))
		f.Add("msg.1", "01782950400", h, body, int64(t0))
	}
	shared := standardSecret(strings.Repeat("s", 24))
	keyring := secretsOf("", "whpk_!", whpk('a'), whsk('b'), shared)
	f.Fuzz(func(t *testing.T, id, timestamp, header, body string, now int64) {
		if now < -1<<60 || now > 1<<60 {
			return
		}
		text := id + "." + timestamp + "." + body
		header = insert(header, ed('a', text), ed('b', text), base64MAC(strings.Repeat("s", 24), text))
		matched, err := signature.VerifyStandard(id, timestamp, header, []byte(body), time.Unix(now, 0), 0, keyring...)
		if strings.Count(header, "v1a,") <= 8 { // two keys, 16 verifications
			require.Equal(t, oracleEd25519(id, timestamp, header, body, now, "ab") ||
				oracleStandard(id, timestamp, header, body, now, []string{shared}), err == nil, "%q: %v", header, err)
		}
		require.Equal(t, err == nil, matched >= 2)

		signed := string(signature.SignStandard(nil, id, []byte(body), time.Unix(now, 0), secretsOf(whsk('a'), shared)...))
		if signed != "" {
			require.True(t, oracleEd25519(id, fmt.Sprint(now), signed, body, now, "a"))
			require.True(t, oracleStandard(id, fmt.Sprint(now), signed, body, now, []string{shared}))
		}
	})
}

func FuzzVerifyMeta(f *testing.F) {
	for _, v := range vectors(f, "testdata/meta.json") {
		f.Add(v.Header, string(v.Body))
	}
	for _, h := range []string{"sha256={0}", "sha256={1}", "sha1={0}", "sha256={0}0", "sha256=", "=", "sha256= {0}"} {
		f.Add(h, body)
	}
	secrets := []string{key1, "", key2}
	f.Fuzz(func(t *testing.T, header, body string) {
		header = insert(header, hexMAC(key1, body), strings.ToUpper(hexMAC(key2, body)))
		matched, err := signature.VerifyMeta(header, []byte(body), secretsOf(secrets...)...)
		require.Equal(t, oracleMeta(header, body, secrets), err == nil, "%q: %v", header, err)
		require.Equal(t, err == nil, matched == 0 || matched == 2)
	})
}

var v1 = regexp.MustCompile(`(^|,)([\pZ\x09-\x0d\x{85}]*)v1,whsec_`)

func FuzzParseKeyring(f *testing.F) {
	for _, list := range []string{"", ",", "a", "a,b", " a , b ", "a,,b", "\u00a0", "a\x00,b",
		"v1,whsec_a,whsec_b,v1,whsec_c", "a,\ufeffb", `"a"`} {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		k, err := signature.ParseKeyring(list)
		var want []string
		// The oracle hides the comma of the one form that has one.
		hidden := v1.ReplaceAllString(list, "${1}${2}v1;whsec_")
		if strings.Contains(list, "v1;whsec_") {
			t.Skip()
		}
		for item := range strings.SplitSeq(hidden, ",") {
			item = strings.Replace(item, "v1;whsec_", "v1,whsec_", 1)
			if item = strings.TrimSpace(item); item == "" {
				require.ErrorIs(t, err, signature.ErrNoSecret)
				return
			}
			if signature.CheckSecret(signature.NewSecret(item)) != nil {
				require.ErrorIs(t, err, signature.ErrNoSecret)
				return
			}
			want = append(want, item)
		}
		require.NoError(t, err)
		require.Equal(t, want, reveal(k.Secrets()))
	})
}
