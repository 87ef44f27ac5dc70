package signature_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/signature"
)

const (
	t0   = 1782950400
	key1 = "whsec_dGVzdC1zZWNyZXQtZm9yLWRvY3MtMQ"
	key2 = "whsec_dGVzdC1zZWNyZXQtZm9yLWRvY3MtMg"
	body = `{"id":"evt_1","type":"contact.created"}`
)

func verifyKirim(header string, now time.Time, tolerance time.Duration, secrets ...string) (int, error) {
	return signature.VerifyKirim(header, []byte(body), now, tolerance, secretsOf(secrets...)...)
}

func TestKirimWire(t *testing.T) {
	for _, b := range []string{"", "x", body, strings.Repeat("é", 100_000), "\x00\xff\n"} {
		header := fmt.Sprintf("t=%d,v1=%s,v1=%s", t0, hexMAC(key2, fmt.Sprintf("%d.%s", t0, b)),
			hexMAC(key1, fmt.Sprintf("%d.%s", t0, b)))
		require.Equal(t, "keep:"+header, string(signature.SignKirim([]byte("keep:"), []byte(b), time.Unix(t0, 999_999_999),
			secretsOf(key2, key1)...)))
		matched, err := signature.VerifyKirim(header, []byte(b), time.Unix(t0, 0), 0, secretsOf("another", key1)...)
		require.NoError(t, err)
		require.Equal(t, 1, matched)
	}
}

func TestKirimSignsNothingWithoutMeans(t *testing.T) {
	dst := []byte("keep")
	require.Equal(t, "keep", string(signature.SignKirim(dst, nil, time.Unix(t0, 0))))
	require.Equal(t, "keep", string(signature.SignKirim(dst, nil, time.Unix(t0, 0), signature.Secret{},
		signature.NewSecret(""))))
	require.Equal(t, "keep", string(signature.SignKirim(dst, nil, time.Unix(-1, 0), signature.NewSecret(key1))))
	require.Equal(t, "keep", string(signature.SignKirim(dst, nil, time.Unix(100_000_000_000, 0),
		signature.NewSecret(key1))))
	require.Equal(t, "keep", string(signature.SignKirim(dst, nil, time.Time{}, signature.NewSecret(key1))))
}

func TestKirimSignsWithAtMostFifteen(t *testing.T) {
	secrets := make([]signature.Secret, 20)
	for i := range secrets {
		secrets[i] = signature.NewSecret(fmt.Sprint("secret number ", i))
	}
	header := string(signature.SignKirim(nil, nil, time.Unix(t0, 0), secrets...))
	for i, s := range secrets {
		_, err := signature.VerifyKirim(header, nil, time.Unix(t0, 0), 0, s)
		require.Equal(t, i < 15, err == nil, "secret %d: %v", i, err)
	}
}

func TestVerifyKirimHeader(t *testing.T) {
	good := hexMAC(key1, fmt.Sprintf("%d.%s", t0, body))
	bad := strings.Repeat("0", 64)
	at := func(timestamp string) string {
		return "t=" + timestamp + ",v1=" + hexMAC(key1, timestamp+"."+body)
	}
	cases := []struct {
		name, header string
		want         error
	}{
		{"plain", at("1782950400"), nil},
		{"signature first", "v1=" + good + ",t=1782950400", nil},
		{"upper case", "t=1782950400,v1=" + strings.ToUpper(good), nil},
		{"mixed case", "t=1782950400,v1=" + strings.ToUpper(good[:9]) + good[9:], nil},
		{"spaces and tabs around", " \tt=1782950400 , \tv1=" + good + "\t ", nil},
		{"good after bad", "t=1782950400,v1=" + bad + ",v1=" + good, nil},
		{"good before bad", "t=1782950400,v1=" + good + ",v1=" + bad, nil},
		{"good after one that is not hex", "t=1782950400,v1=" + strings.Repeat("z", 64) + ",v1=" + good, nil},
		{"good after a short one", "t=1782950400,v1=abc,v1=" + good, nil},
		{"unknown names", "t=1782950400,v0=x,v2=y,T=1,V1=z,=,,v1=" + good + ",", nil},
		{"sixteen entries", "t=1782950400,v1=" + good + strings.Repeat(",x=y", 14), nil},
		{"exactly 4096 bytes", at("1782950400") + ",x=" + strings.Repeat("x", 4096-len(at("1782950400"))-3), nil},

		{"empty", "", signature.ErrMissing},
		{"seventeen entries", "t=1782950400,v1=" + good + strings.Repeat(",x=y", 15), signature.ErrMalformed},
		{"4097 bytes", at("1782950400") + ",x=" + strings.Repeat("x", 4097-len(at("1782950400"))-3), signature.ErrMalformed},
		{"only spaces", "   ", signature.ErrMalformed},
		{"no t", "v1=" + good, signature.ErrMalformed},
		{"no v1", "t=1782950400", signature.ErrMalformed},
		{"v0 only", "t=1782950400,v0=" + good, signature.ErrMalformed},
		{"upper-case name", "t=1782950400,V1=" + good, signature.ErrMalformed},
		{"t twice", "t=1782950400,t=1782950400,v1=" + good, signature.ErrMalformed},
		{"t twice, other", "t=1,v1=" + good + ",t=1782950400", signature.ErrMalformed},
		{"t without value", "t,v1=" + good, signature.ErrMalformed},
		{"t empty", at(""), signature.ErrMalformed},
		{"t with a zero in front", at("01782950400"), signature.ErrMalformed},
		{"t with a sign", at("+1782950400"), signature.ErrMalformed},
		{"t negative", at("-1"), signature.ErrMalformed},
		{"t with a space", "t= 1782950400,v1=" + hexMAC(key1, " 1782950400."+body), signature.ErrMalformed},
		{"t with a fraction", at("1782950400.0"), signature.ErrMalformed},
		{"t in hex", at("0x6a45a880"), signature.ErrMalformed},
		{"t with an exponent", at("1e9"), signature.ErrMalformed},
		{"t of twelve digits", at("178295040000"), signature.ErrMalformed},
		{"t beyond 64 bits", at("18446744075492501"), signature.ErrMalformed},
		{"t in other digits", at("١٧٨٢٩٥"), signature.ErrMalformed},
		{"t with NUL", at("1782950400\x00"), signature.ErrMalformed},

		{"wrong", "t=1782950400,v1=" + bad, signature.ErrMismatch},
		{"v1 empty", "t=1782950400,v1=", signature.ErrMismatch},
		{"v1 without value", "t=1782950400,v1", signature.ErrMismatch},
		{"65 digits", "t=1782950400,v1=" + good + "0", signature.ErrMismatch},
		{"66 digits", "t=1782950400,v1=" + good + "00", signature.ErrMismatch},
		{"NUL behind", "t=1782950400,v1=" + good + "\x00", signature.ErrMismatch},
		{"NUL inside", "t=1782950400,v1=" + good[:63] + "\x00", signature.ErrMismatch},
		{"space inside", "t=1782950400,v1= " + good[:63], signature.ErrMismatch},
		{"not hex", "t=1782950400,v1=" + good[:63] + "g", signature.ErrMismatch},
		{"t changed", "t=1782950401,v1=" + good, signature.ErrMismatch},
		{"body alone signed", "t=1782950400,v1=" + hexMAC(key1, body), signature.ErrMismatch},
		{"t zero and wrong", "t=0,v1=" + good, signature.ErrMismatch},
		{"t zero", at("0"), signature.ErrTooOld},
		{"t of eleven digits", at("99999999999"), signature.ErrTooNew},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			matched, err := verifyKirim(c.header, time.Unix(t0, 0), 0, "other", "", key1)
			if c.want == nil {
				require.NoError(t, err)
				require.Equal(t, 2, matched)
				return
			}
			require.ErrorIs(t, err, c.want)
			require.Equal(t, -1, matched)
		})
	}
	for n := range 64 {
		_, err := verifyKirim("t=1782950400,v1="+good[:n], time.Unix(t0, 0), 0, key1)
		require.ErrorIs(t, err, signature.ErrMismatch, "a prefix of %d digits", n)
	}
}

func TestVerifyKirimTolerance(t *testing.T) {
	header := string(signature.SignKirim(nil, []byte(body), time.Unix(t0, 0), signature.NewSecret(key1)))
	cases := []struct {
		name      string
		now       time.Time
		tolerance time.Duration
		want      error
	}{
		{"now", time.Unix(t0, 0), 0, nil},
		{"300 s old", time.Unix(t0+300, 0), 0, nil},
		{"300.999 s old", time.Unix(t0+300, 999_999_999), 0, nil},
		{"301 s old", time.Unix(t0+301, 0), 0, signature.ErrTooOld},
		{"300 s ahead", time.Unix(t0-300, 0), 0, nil},
		{"300.001 s ahead", time.Unix(t0-301, 999_000_000), 0, signature.ErrTooNew},
		{"301 s ahead", time.Unix(t0-301, 0), 0, signature.ErrTooNew},
		{"10 s, exactly", time.Unix(t0+10, 0), 10 * time.Second, nil},
		{"10 s, 11 old", time.Unix(t0+11, 0), 10 * time.Second, signature.ErrTooOld},
		{"10 s, 11 ahead", time.Unix(t0-11, 0), 10 * time.Second, signature.ErrTooNew},
		{"1.5 s, 1 old", time.Unix(t0+1, 0), 1500 * time.Millisecond, nil},
		{"1.5 s, 2 old", time.Unix(t0+2, 0), 1500 * time.Millisecond, signature.ErrTooOld},
		{"a nanosecond, same second", time.Unix(t0, 5), 1, nil},
		{"a nanosecond, next second", time.Unix(t0+1, 0), 1, signature.ErrTooOld},
		{"off, very old", time.Unix(math.MaxInt32*100, 0), -1, nil},
		{"off, very new", time.Unix(0, 0), -1, nil},
		{"no time at all", time.Time{}, 0, signature.ErrTooNew},
		{"far away", time.Unix(math.MaxInt64>>2, 0), math.MaxInt64, signature.ErrTooOld},
		{"largest tolerance", time.Unix(t0+9_000_000_000, 0), math.MaxInt64, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := verifyKirim(header, c.now, c.tolerance, key1)
			require.ErrorIs(t, err, c.want)
		})
	}
	_, err := verifyKirim(header, time.Unix(0, 0), 0, key2)
	require.ErrorIs(t, err, signature.ErrMismatch, "the age of a forgery is nobody's business")
}

func TestVerifyKirimWithoutSecret(t *testing.T) {
	empty := fmt.Sprintf("t=%d,v1=%s", t0, hexMAC("", fmt.Sprintf("%d.%s", t0, body)))
	for _, secrets := range [][]signature.Secret{nil, {}, {{}}, secretsOf("", "")} {
		_, err := signature.VerifyKirim(empty, []byte(body), time.Unix(t0, 0), 0, secrets...)
		require.ErrorIs(t, err, signature.ErrNoSecret)
	}
	_, err := verifyKirim(empty, time.Unix(t0, 0), 0, "", key1)
	require.ErrorIs(t, err, signature.ErrMismatch)
}

func TestVerifyKirimAnyFlippedBit(t *testing.T) {
	secret := signature.NewSecret(key1)
	header := signature.SignKirim(nil, []byte(body), time.Unix(t0, 0), secret)
	for bit := range 8 * len(body) {
		flipped := []byte(body)
		flipped[bit/8] ^= 1 << (bit % 8)
		_, err := signature.VerifyKirim(string(header), flipped, time.Unix(t0, 0), 0, secret)
		require.ErrorIs(t, err, signature.ErrMismatch)
	}
}
