package signature_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/signature"
)

// private is the key pair whose seed is 32 times b, by crypto/ed25519 alone.
func private(b byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(b), ed25519.SeedSize)))
}

func whsk(b byte) string { return "whsk_" + base64.StdEncoding.EncodeToString(private(b)) }

func whpk(b byte) string {
	return "whpk_" + base64.StdEncoding.EncodeToString(private(b)[ed25519.SeedSize:])
}

func ed(b byte, text string) string {
	return base64.StdEncoding.EncodeToString(ed25519.Sign(private(b), []byte(text)))
}

// The vector of Svix's server, whose message the libraries of Standard Webhooks share.
func TestEd25519Vector(t *testing.T) {
	const id, want = "msg_p5jXN8AQM9LWM0D4loKWxJek",
		"v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
	now, body := time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)
	secret := signature.NewSecret(
		"whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==")
	require.Equal(t, "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=", secret.Public().Reveal())
	require.Equal(t, want, string(signature.SignStandard(nil, id, body, now, secret)))
	for _, s := range []signature.Secret{secret, secret.Public()} {
		matched, err := signature.VerifyStandard(id, "1614265330", want, body, now, 0, s)
		require.NoError(t, err)
		require.Zero(t, matched)
	}
}

// The first vectors of RFC 8032, section 7.1, whose messages are bare.
func TestEd25519RFC8032(t *testing.T) {
	bare := &signature.Scheme{Header: "S", Payload: "{body}", Prefix: "mac=", Ed25519Prefix: "ed=", Separator: ","}
	for _, v := range []struct{ seed, public, message, signed string }{
		{
			"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
			"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
			"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
				"5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
		}, {
			"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
			"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
			"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
				"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
		}, {
			"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
			"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
			"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
				"18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
		},
	} {
		bytes := func(digits string) []byte {
			b, err := hex.DecodeString(digits)
			require.NoError(t, err)
			return b
		}
		secret := signature.NewSecret("whsk_" + base64.StdEncoding.EncodeToString(bytes(v.seed)))
		require.Equal(t, "whpk_"+base64.StdEncoding.EncodeToString(bytes(v.public)), secret.Public().Reveal())
		h := make(http.Header)
		require.NoError(t, bare.Sign(h, "", bytes(v.message), time.Time{}, secret))
		require.Equal(t, "ed="+v.signed, h.Get("S"))
		_, err := bare.Verify(h, bytes(v.message), time.Time{}, secret.Public())
		require.NoError(t, err)
	}
}

// A sender that rotates signs with both keys; one that leaves HMAC behind signs in both ways.
func TestEd25519Rotation(t *testing.T) {
	shared := standardSecret(strings.Repeat("s", 24))
	text := "msg_1.1782950400." + body
	header := string(signature.SignStandard(nil, "msg_1", []byte(body), time.Unix(t0, 0),
		secretsOf(whsk('n'), whsk('o'), shared)...))
	require.Equal(t, "v1a,"+ed('n', text)+" v1a,"+ed('o', text)+" v1,"+base64MAC(strings.Repeat("s", 24), text), header)
	for name, c := range map[string]struct {
		keyring []string
		want    int
	}{
		"new alone":        {[]string{whpk('n')}, 0},
		"old alone":        {[]string{whpk('o')}, 0},
		"shared alone":     {[]string{shared}, 0},
		"a stranger first": {[]string{whpk('x'), "", whpk('o')}, 2},
		"old and shared":   {[]string{whpk('x'), shared}, 1},
		"a private one":    {[]string{whsk('o')}, 0},
		"without padding":  {[]string{strings.TrimRight(whpk('o'), "=")}, 0},
		"a stranger":       {[]string{whpk('x')}, -1},
		"strangers":        {[]string{whpk('x'), standardSecret(strings.Repeat("x", 24))}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			matched, err := signature.VerifyStandard("msg_1", "1782950400", header, []byte(body), time.Unix(t0, 0), 0,
				secretsOf(c.keyring...)...)
			require.Equal(t, c.want, matched)
			if c.want < 0 {
				require.ErrorIs(t, err, signature.ErrMismatch)
			}
		})
	}
}

func TestVerifyEd25519Headers(t *testing.T) {
	sign := func(id, timestamp string) string { return "v1a," + ed('k', id+"."+timestamp+"."+body) }
	good, bad := sign("msg_1", "1782950400"), "v1a,"+base64.StdEncoding.EncodeToString(make([]byte, 64))
	mac := "v1," + base64MAC(whpk('k'), "msg_1.1782950400."+body)
	raw, _ := base64.StdEncoding.DecodeString(good[4:])
	for name, c := range map[string]struct {
		id, timestamp, header string
		want                  error
	}{
		"plain":              {"msg_1", "1782950400", good, nil},
		"second":             {"msg_1", "1782950400", bad + " " + good, nil},
		"after symmetric":    {"msg_1", "1782950400", "v1," + good[4:] + " " + good, nil},
		"spaces":             {"msg_1", "1782950400", "  " + bad + " \t " + good + " ", nil},
		"the sixteenth":      {"msg_1", "1782950400", strings.Repeat(bad+" ", 15) + good, nil},
		"old by 300 seconds": {"msg_1", "1782950100", sign("msg_1", "1782950100"), nil},
		"new by 300 seconds": {"msg_1", "1782950700", sign("msg_1", "1782950700"), nil},

		"no id":                      {"", "1782950400", good, signature.ErrMissing},
		"no timestamp":               {"msg_1", "", good, signature.ErrMissing},
		"no signature":               {"msg_1", "1782950400", "", signature.ErrMissing},
		"id with a dot":              {"msg.1", "1782950400", sign("msg.1", "1782950400"), signature.ErrMalformed},
		"leading zero":               {"msg_1", "01782950400", sign("msg_1", "01782950400"), signature.ErrMalformed},
		"seventeen":                  {"msg_1", "1782950400", strings.Repeat(bad+" ", 16) + good, signature.ErrMalformed},
		"too long":                   {"msg_1", "1782950400", good + strings.Repeat(" ", 4096), signature.ErrMalformed},
		"v1 alone":                   {"msg_1", "1782950400", "v1," + good[4:], signature.ErrMalformed},
		"no version":                 {"msg_1", "1782950400", good[4:], signature.ErrMalformed},
		"another case":               {"msg_1", "1782950400", "V1A" + good[3:], signature.ErrMalformed},
		"a MAC under the public key": {"msg_1", "1782950400", mac, signature.ErrMalformed},

		"a MAC as v1a":    {"msg_1", "1782950400", "v1a" + mac[2:], signature.ErrMismatch},
		"zeros":           {"msg_1", "1782950400", bad, signature.ErrMismatch},
		"empty":           {"msg_1", "1782950400", "v1a,", signature.ErrMismatch},
		"cut":             {"msg_1", "1782950400", good[:len(good)-4], signature.ErrMismatch},
		"without padding": {"msg_1", "1782950400", strings.TrimRight(good, "="), signature.ErrMismatch},
		"padding doubled": {"msg_1", "1782950400", good + "==", signature.ErrMismatch},
		"newline":         {"msg_1", "1782950400", good[:20] + "\n" + good[20:], signature.ErrMismatch},
		"loose last digit": {"msg_1", "1782950400",
			good[:len(good)-3] + string(good[len(good)-3]+1) + "==", signature.ErrMismatch},
		"hex":        {"msg_1", "1782950400", "v1a," + hex.EncodeToString(raw), signature.ErrMismatch},
		"S beyond L": {"msg_1", "1782950400", "v1a," + malleable(raw), signature.ErrMismatch},
		"65 bytes": {"msg_1", "1782950400", "v1a," + base64.StdEncoding.EncodeToString(append(raw, 0)),
			signature.ErrMismatch},
		"other id":       {"msg_2", "1782950400", good, signature.ErrMismatch},
		"other time":     {"msg_1", "1782950401", good, signature.ErrMismatch},
		"old":            {"msg_1", "1782950099", sign("msg_1", "1782950099"), signature.ErrTooOld},
		"new":            {"msg_1", "1782950701", sign("msg_1", "1782950701"), signature.ErrTooNew},
		"a tab, no more": {"msg_1", "1782950400", "\t", signature.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			matched, err := signature.VerifyStandard(c.id, c.timestamp, c.header, []byte(body), time.Unix(t0, 0), 0,
				signature.NewSecret(whpk('k')))
			require.ErrorIs(t, err, c.want)
			require.Equal(t, err == nil, matched == 0)
		})
	}
}

// malleable adds the order of the group to S: the same equation, another spelling.
func malleable(signed []byte) string {
	order, _ := hex.DecodeString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	other, carry := append([]byte(nil), signed...), 0
	for i, b := range order {
		sum := int(other[32+i]) + int(b) + carry
		other[32+i], carry = byte(sum), sum>>8
	}
	return base64.StdEncoding.EncodeToString(other)
}

// However many keys there are, a hostile header costs no more than 16 verifications.
func TestEd25519WorkIsBounded(t *testing.T) {
	bad := "v1a," + base64.StdEncoding.EncodeToString(make([]byte, 64))
	text := "msg_1.1782950400." + body
	for strangers, want := range map[int]error{0: nil, 1: signature.ErrMismatch} {
		keyring := append(secretsOf(strings.Split(strings.Repeat(whpk('x')+" ", strangers), " ")[:strangers]...),
			signature.NewSecret(whpk('k')))
		_, err := signature.VerifyStandard("msg_1", "1782950400", strings.Repeat(bad+" ", 15)+"v1a,"+ed('k', text),
			[]byte(body), time.Unix(t0, 0), 0, keyring...)
		require.ErrorIs(t, err, want, "%d strangers", strangers)
	}
}

func TestEd25519Secrets(t *testing.T) {
	seed := base64.StdEncoding.EncodeToString(private('k')[:32])
	for _, text := range []string{"whsk_" + seed, strings.TrimRight("whsk_"+seed, "="), whsk('k'),
		strings.TrimRight(whsk('k'), "=")} {
		s := signature.NewSecret(text)
		require.NoError(t, signature.CheckStandard(s), text)
		require.Equal(t, whpk('k'), s.Public().Reveal(), text)
	}
	public := signature.NewSecret(whpk('k'))
	require.NoError(t, signature.CheckStandard(public))
	require.True(t, public == public.Public())
	require.True(t, public.IsPublic())
	require.False(t, signature.NewSecret(whsk('k')).IsPublic())
	require.False(t, signature.Secret{}.IsPublic())
	for _, s := range []signature.Secret{{}, signature.GenerateSecret(), signature.NewSecret("whsk_")} {
		require.True(t, s.Public().IsZero())
	}
	made := signature.GenerateEd25519()
	require.NoError(t, signature.CheckStandard(made))
	require.NoError(t, signature.CheckSecret(made))
	require.False(t, made.Equal(signature.GenerateEd25519()))

	short, other := base64.StdEncoding.EncodeToString(make([]byte, 31)), private('k')
	copy(other[32:], private('x')[32:])
	for _, text := range []string{"whsk_", "whpk_", "whsk_!", "whpk_!", "whsk_" + short, "whpk_" + short,
		"whpk_" + whsk('k')[5:], "whsk_" + base64.StdEncoding.EncodeToString(other), " " + whpk('k'), whpk('k') + "\n",
		"WHPK_" + whpk('k')[5:], "v1a," + whpk('k')} {
		s := signature.NewSecret(text)
		require.ErrorIs(t, signature.CheckStandard(s), signature.ErrNoSecret, "%q", text)
		require.Empty(t, signature.SignStandard(nil, "msg_1", nil, time.Unix(t0, 0), s), "%q", text)
		_, err := signature.VerifyStandard("msg_1", "1782950400", "v1a,"+ed('k', "msg_1.1782950400.")+" v1,x", nil,
			time.Unix(t0, 0), 0, s)
		require.ErrorIs(t, err, signature.ErrNoSecret, "%q", text)
	}
}

// Points of small order fit signatures that anybody can make: each is one here, by crypto/ed25519, and is refused.
func TestEd25519SmallOrder(t *testing.T) {
	high := strings.Repeat("ff", 30)
	forged := make([]byte, 64)
	forged[0] = 1 // R is the neutral element, S is 0
	for _, y := range []string{
		strings.Repeat("00", 32), "01" + strings.Repeat("00", 31), "ec" + high + "7f", "ed" + high + "7f", "ee" + high + "7f",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	} {
		point, err := hex.DecodeString(y)
		require.NoError(t, err)
		n := 0
		for i := range 200 {
			if ed25519.Verify(point, []byte(strconv.Itoa(i)), forged) {
				n++
			}
		}
		require.NotZero(t, n, "%s is not weak", y)
		for range 2 {
			s := signature.NewSecret("whpk_" + base64.StdEncoding.EncodeToString(point))
			require.ErrorContains(t, signature.CheckStandard(s), "small order", y)
			_, err = signature.VerifyStandard("msg_1", "1782950400", "v1a,"+base64.StdEncoding.EncodeToString(forged), nil,
				time.Unix(t0, 0), 0, s)
			require.ErrorIs(t, err, signature.ErrNoSecret)
			point[31] |= 0x80
		}
	}
}

// A key that everybody may know is no secret of the other schemes.
func TestPublicKeyIsNoSecret(t *testing.T) {
	public, now := signature.NewSecret(whpk('k')), time.Unix(t0, 0)
	require.Empty(t, signature.SignStandard(nil, "msg_1", nil, now, public), "it verifies only")
	require.Empty(t, signature.SignKirim(nil, nil, now, public))
	require.Empty(t, signature.SignMeta(nil, nil, public))
	_, err := signature.VerifyKirim("t=1782950400,v1="+hexMAC(whpk('k'), "1782950400."), nil, now, 0, public)
	require.ErrorIs(t, err, signature.ErrNoSecret)
	_, err = signature.VerifyMeta("sha256="+hexMAC(whpk('k'), ""), nil, public)
	require.ErrorIs(t, err, signature.ErrNoSecret)
	_, err = signature.VerifyShared(whpk('k'), public)
	require.ErrorIs(t, err, signature.ErrNoSecret)

	symmetric := &signature.Scheme{Header: "S", Payload: "{body}", Prefix: "v1,", Separator: " ", Base64: true,
		Base64Key: true}
	for _, s := range secretsOf(whsk('k'), whpk('k')) {
		require.ErrorIs(t, symmetric.Sign(make(http.Header), "", nil, now, s), signature.ErrNoSecret)
	}
}

func TestEd25519Schemes(t *testing.T) {
	sound := signature.Scheme{Header: "S", TimeHeader: "T", Payload: "{t}.{body}", Separator: ",", Prefix: "mac=",
		Ed25519Prefix: "ed="}
	h := make(http.Header)
	secrets := secretsOf(whsk('k'), "a text that is taken whole")
	require.NoError(t, sound.Sign(h, "", []byte(body), time.Unix(t0, 0), secrets...))
	require.Equal(t, fmt.Sprintf("ed=%x,mac=%s", ed25519.Sign(private('k'), []byte("1782950400."+body)),
		hexMAC("a text that is taken whole", "1782950400."+body)), h.Get("S"))
	for i, s := range []signature.Secret{secrets[0].Public(), secrets[1]} {
		_, err := sound.Verify(h, []byte(body), time.Unix(t0, 0), s)
		require.NoError(t, err, "secret %d", i)
	}
	same, single := sound, sound
	same.Prefix, single.Separator = "ed=", ""
	for _, s := range []*signature.Scheme{&same, &single} {
		require.Error(t, s.Sign(make(http.Header), "", nil, time.Unix(t0, 0), secrets[0]))
	}
}
